package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/resource"
)

func TestExitCodes(t *testing.T) {
	cases := map[string]struct {
		verdicts []Verdict
		want     int
	}{
		"nothing":  {nil, 0},
		"all run":  {[]Verdict{VerdictOK, VerdictOK}, 0},
		"unjudged": {[]Verdict{VerdictOK, VerdictUnjudged}, 0},
		"held":     {[]Verdict{VerdictOK, VerdictHeld}, 1},
		"refused":  {[]Verdict{VerdictRefused, VerdictOK}, 1},
		"failed":   {[]Verdict{VerdictRefused, VerdictFailed, VerdictOK}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var results []Result
			for _, verdict := range c.verdicts {
				results = append(results, Result{Verdict: verdict})
			}
			if got := exitCode(results); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestExitCodeOfErrors(t *testing.T) {
	cases := map[string]struct {
		err   error
		code  int
		lines int
	}{
		"none":             {nil, 0, 0},
		"any error":        {errors.New("no"), 1, 1},
		"said already":     {&ExitError{Code: 2}, 2, 0},
		"with a code":      {fmt.Errorf("check: %w", failed(errors.New("a\nb"))), 2, 2},
		"the inner counts": {failed(&ExitError{Code: 1}), 1, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if code, lines := ExitCode(c.err), errorLines(c.err); code != c.code || len(lines) != c.lines {
				t.Errorf("got %d and %q, want %d and %d lines", code, lines, c.code, c.lines)
			}
		})
	}
}

func TestOutcomeOf(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	status := func(code int32, text string) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Message: text, Reason: metav1.StatusReasonInternalError}}
	}
	cases := map[string]struct {
		err  error
		want outcome
	}{
		"admitted":      {nil, outcomeAdmitted},
		"policy":        {apierrors.NewForbidden(pods, "p", errors.New("ValidatingAdmissionPolicy 'kitei-pods' denied request: no")), outcomeRefused},
		"RBAC":          {apierrors.NewForbidden(pods, "p", errors.New(`User "dev" cannot patch resource "pods"`)), outcomeForbidden},
		"invalid":       {apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "p", nil), outcomeRefused},
		"unknown field": {status(http.StatusInternalServerError, "failed to create typed patch object (x): .y: field not declared"), outcomeRefused},
		"webhook down":  {status(http.StatusInternalServerError, "failed calling webhook"), outcomeFailed},
		"not logged in": {apierrors.NewUnauthorized("who?"), outcomeFailed},
		"busy":          {apierrors.NewTooManyRequests("later", 1), outcomeFailed},
		"unreachable":   {errors.New("connection refused"), outcomeFailed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := outcomeOf(c.err); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestReadManifests(t *testing.T) {
	const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
	one, two := fmt.Sprintf(configMap, "one"), fmt.Sprintf(configMap, "two")
	cases := map[string]struct {
		files     map[string]string
		recursive bool
		want      []string // name@document
		wrong     []string // parts of the error
	}{
		"documents, an empty one between them": {
			files: map[string]string{"a.yaml": "---\n" + one + "---\n# nothing\n---\n" + two}, want: []string{"one@1", "two@3"},
		},
		"a list": {
			files: map[string]string{"a.json": `{"apiVersion": "v1", "kind": "List", "items": [
				{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}]}`},
			want: []string{"one@1"},
		},
		"a directory below": {files: map[string]string{"a.yaml": one, "b/c.yml": two, "README.md": "no"}, want: []string{"one@1"}},
		"recursively":       {files: map[string]string{"a.yaml": one, "b/c.yml": two}, recursive: true, want: []string{"one@1", "two@1"}},
		"nothing":           {files: map[string]string{"a.yaml": "# nothing\n"}, wrong: []string{"no objects"}},
		"every mistake, each with its place": {
			files: map[string]string{
				"a.yaml": one + "---\nkind: ConfigMap\nkind: Secret\n",
				"b.yaml": "metadata: {name: x}\n",
				"c.yaml": one + "---\n" + one + "---\na: [\n",
				"d.yaml": "apiVersion: v1\nkind: ConfigMap\n",
			},
			wrong: []string{"a.yaml, document 2", "b.yaml, document 1", "c.yaml, document 3",
				"d.yaml, document 1: ConfigMap has no metadata.name"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			objects, err := (&options{}).readManifests(resource.FilenameOptions{Filenames: []string{dir}, Recursive: c.recursive}, english)
			if (err != nil) != (len(c.wrong) > 0) {
				t.Fatalf("error: %v", err)
			}
			for _, part := range c.wrong {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
			var got []string
			for _, object := range objects {
				got = append(got, fmt.Sprintf("%s@%d", object.GetName(), object.document))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteReport(t *testing.T) {
	report := Report{Results: []Result{
		{File: "a.yaml", Document: 1, Kind: "Namespace", Name: "tax", Verdict: VerdictOK, DryRun: true},
		{File: "a.yaml", Document: 2, Kind: "Deployment", Name: "web", Namespace: "tax", Verdict: VerdictHeld, DryRun: true,
			Explanation: &Explanation{Answer: AnswerHeld, Message: "Not approved.", Next: "kubectl get changeapprovals"}},
		{File: "a.yaml", Document: 3, Kind: "Secret", Name: "s", Namespace: "tax", Verdict: VerdictRefused, DryRun: true, Error: "no"},
	}}
	var out bytes.Buffer
	writeReport(&out, report, english)
	want := `OK        Namespace/tax  (a.yaml, document 1)
HELD      Deployment/web -n tax  (a.yaml, document 2)
  Why   Not approved.
  Next  kubectl get changeapprovals
REFUSED   Secret/s -n tax  (a.yaml, document 3)
  API server  no
1 would run, 1 would be held, 1 would be refused
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestCommandLine(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("LC_ALL", "C")
	cases := map[string]struct {
		args []string
		code int
		said string
	}{
		"version":              {[]string{"version"}, 0, "kubectl-kitei"},
		"help":                 {[]string{"--help"}, 0, "Approve applications"},
		"help in Japanese":     {[]string{"why", "--help", "--lang", "ja"}, 0, "誰が何をすべきか"},
		"no such language":     {[]string{"why", "--lang", "fr"}, 1, `--lang cannot be "fr"`},
		"no name":              {[]string{"approve"}, 1, "name the application"},
		"no reason":            {[]string{"revoke", "r8-tax"}, 1, "give the reason with -m"},
		"client-side dry run":  {[]string{"approve", "x", "--dry-run=client"}, 1, "none, server"},
		"no such decision":     {[]string{"consent", "aprove", "r9-tax"}, 1, `kubectl kitei consent has no command "aprove": use approve, deny, revoke`},
		"the same, reasoned":   {[]string{"consent", "aprove", "r9-tax", "-m", "x"}, 1, `has no command "aprove"`},
		"a consent's flag":     {[]string{"consent", "approve", "r9-tax", "--nope"}, 1, "unknown flag: --nope"},
		"no such step":         {[]string{"meeting", "hold", "--lang", "ja"}, 1, `kubectl kitei meeting に "hold" というコマンドはありません（confirm, record）`},
		"help of a group":      {[]string{"meeting"}, 0, "Available Commands"},
		"group, wrong flag":    {[]string{"meeting", "--nope"}, 1, "unknown flag: --nope"},
		"check without a file": {[]string{"check"}, 2, "name a manifest"},
		"check, wrong flag":    {[]string{"check", "--nope"}, 2, "unknown flag"},
		"check, no such file":  {[]string{"check", "-f", "/no/such/file.yaml"}, 2, "no such file"},
		"check, wrong output":  {[]string{"check", "-f", "x", "-o", "wide"}, 2, "--output cannot be"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &out}
			if code := Run(t.Context(), streams, c.args); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(out.String(), c.said) {
				t.Errorf("%q is not in:\n%s", c.said, out.String())
			}
		})
	}
}
