package controlplane

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/devcluster"
)

// report is what the tests read of "check -o json".
type report struct {
	Results []struct {
		Kind, Name, Verdict, Error string
		Document                   int
		DryRun                     bool
	}
	ExitCode int
}

// check runs the plugin's check and reads its report, which a failure to check at all does not write.
func check(t *testing.T, config *rest.Config, arguments ...string) (report, int) {
	t.Helper()
	output, code := pluginExit(t, config, append([]string{"check", "-o", "json", "--lang", "en"}, arguments...)...)
	var r report
	if err := json.Unmarshal([]byte(output), &r); err != nil {
		t.Fatalf("exit code %d, no report: %s", code, output)
	}
	if r.ExitCode != code {
		t.Errorf("the report says exit code %d; it is %d", r.ExitCode, code)
	}
	return r, code
}

// Every kind of workload, in each state of its system: the verdict, and the exit code that a pipeline goes by.
func TestPluginChecks(t *testing.T) {
	ownCache(t)
	s := newSystem(t)
	user := configOf(t, "namespace-admin")
	expect := func(t *testing.T, wanted string, code int, arguments ...string) report {
		t.Helper()
		r, got := check(t, user, arguments...)
		for _, result := range r.Results {
			if result.Verdict != wanted {
				t.Errorf("%s %s: %s, wanted %s: %s", result.Kind, result.Name, result.Verdict, wanted, result.Error)
			}
		}
		if got != code || len(r.Results) == 0 {
			t.Errorf("exit code %d, wanted %d, for %d results", got, code, len(r.Results))
		}
		return r
	}
	var all, evils, unlabelled []client.Object
	for _, object := range s.workloads("web", "3B/2/2") {
		all, evils = append(all, object), append(evils, withImage(t, object, evil))
	}
	for _, object := range s.workloads("web", "//") {
		unlabelled = append(unlabelled, object)
	}

	t.Run("held", func(t *testing.T) { expect(t, "HELD", 1, "-f", manifest(t, all...)) })
	t.Run("unlabelled and held", func(t *testing.T) { expect(t, "REFUSED", 1, "-f", manifest(t, unlabelled...)) })
	s.introduce(t, covered)
	t.Run("covered", func(t *testing.T) { expect(t, "OK", 0, "-f", manifest(t, all...)) })
	t.Run("not covered", func(t *testing.T) { expect(t, "REFUSED", 1, "-f", manifest(t, evils...)) })
	t.Run("unlabelled", func(t *testing.T) {
		r := expect(t, "REFUSED", 1, "-f", manifest(t, unlabelled...))
		for _, result := range r.Results {
			if !strings.Contains(result.Error, article262) || !strings.Contains(result.Error, v1alpha1.LabelConfidentiality) {
				t.Errorf("%s: the refusal says %q", result.Kind, result.Error)
			}
		}
	})
	t.Run("of no image at all", func(t *testing.T) {
		expect(t, "OK", 0, "-f", manifest(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "settings"}}))
	})
	t.Run("nothing was written", func(t *testing.T) {
		pods, err := s.pods(t.Context())
		must(t, err)
		if len(pods) > 0 {
			t.Errorf("%d Pods", len(pods))
		}
	})
	t.Run("a workload that runs", func(t *testing.T) {
		must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
		s.havePods(t, 0, 1)
		expect(t, "OK", 0, "-f", manifest(t, s.deployment(web, 2)))
		expect(t, "REFUSED", 1, "-f", manifest(t, s.deployment(evil, 2)))
		must(t, decide(cio(t), s.name+"-introduction", v1alpha1.DecisionRevoked))
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
		// Scaled, its new Pods would be held; changed, it would be refused, because it runs.
		expect(t, "HELD", 1, "-f", manifest(t, s.deployment(web, 2)))
		r := expect(t, "REFUSED", 1, "-f", manifest(t, s.deployment(web+"-r2", 1)))
		if !strings.Contains(r.Results[0].Error, "A running system is not changed") {
			t.Errorf("the refusal says %q", r.Results[0].Error)
		}
		s.havePods(t, 0, 1)
	})
}

// The ways to name a manifest, and the ways in which one is wrong.
func TestPluginReadsManifests(t *testing.T) {
	ownCache(t)
	s := newSystem(t)
	s.introduce(t, covered)
	user := configOf(t, "namespace-admin")
	good := documents(t, s.deployment(web, 1))
	write := func(t *testing.T, path string, content []byte) string {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	t.Run("standard input", func(t *testing.T) {
		for content, wanted := range map[string]int{string(good): 0, string(documents(t, s.deployment(evil, 1))): 1, "a: [": 2, "": 2} {
			output, code := pipe(t, user, content, "check", "-f", "-", "--lang", "en")
			answered(t, output, code, wanted)
		}
	})
	t.Run("without a namespace", func(t *testing.T) {
		bare := s.deployment(web, 1)
		bare.Namespace = ""
		if r, code := check(t, user, "-n", s.name, "-f", manifest(t, bare)); code != 0 || r.Results[0].Verdict != "OK" {
			t.Errorf("exit code %d: %+v", code, r)
		}
		output, code := pluginExit(t, user, "check", "-n", "default", "-f", manifest(t, s.deployment(web, 1)), "--lang", "en")
		answered(t, output, code, 2, s.name, "default")
	})
	t.Run("a directory", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "web.yaml"), good)
		write(t, filepath.Join(dir, "README.md"), []byte("not a manifest: ["))
		write(t, filepath.Join(dir, "below", "evil.yaml"), documents(t, s.pod("evil", evil)))
		if r, code := check(t, user, "-f", dir); code != 0 || len(r.Results) != 1 {
			t.Errorf("exit code %d: %+v", code, r)
		}
		if r, code := check(t, user, "-f", dir, "-R"); code != 1 || len(r.Results) != 2 {
			t.Errorf("exit code %d with -R: %+v", code, r)
		}
	})
	t.Run("one mistake and nothing is judged", func(t *testing.T) {
		for name, content := range map[string]string{
			"not YAML": "a: [", "no kind": "apiVersion: v1\nmetadata: {name: a}\n", "no name": "apiVersion: v1\nkind: Pod\n",
			"a key twice": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, name: b}\n", "nothing": "# nothing\n",
		} {
			path := write(t, filepath.Join(t.TempDir(), "manifest.yaml"), append(append([]byte{}, good...), []byte("---\n"+content)...))
			wanted := 2
			if name == "nothing" { // an empty document beside a good one
				wanted = 0
			}
			output, code := pluginExit(t, user, "check", "-f", path, "--lang", "en")
			answered(t, output, code, wanted)
			if wanted == 2 {
				answered(t, output, code, wanted, path, "document 2")
			}
		}
		output, code := pluginExit(t, user, "check", "-f", filepath.Join(t.TempDir(), "missing.yaml"))
		answered(t, output, code, 2, "missing.yaml")
		output, code = pluginExit(t, user, "check")
		answered(t, output, code, 2, "-f")
	})
	t.Run("an unknown kind", func(t *testing.T) {
		path := write(t, filepath.Join(t.TempDir(), "a.yaml"), []byte("apiVersion: x.example/v1\nkind: Thing\nmetadata: {name: a}\n"))
		output, code := pluginExit(t, user, "check", "-f", path, "--lang", "en")
		answered(t, output, code, 2, "FAILED", "x.example/v1, Kind=Thing")
	})
	t.Run("a namespace that is not there", func(t *testing.T) {
		lost := s.deployment(web, 1)
		lost.Namespace = s.name + "-lost"
		output, code := pluginExit(t, nil, "check", "-f", manifest(t, lost), "--lang", "en")
		answered(t, output, code, 1, "REFUSED", s.name+"-lost")
		made := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: lost.Namespace}}
		output, code = pluginExit(t, nil, "check", "-f", manifest(t, made, lost), "--lang", "en")
		answered(t, output, code, 1, "OK ", "REFUSED", "article 4") // of no system
	})
	t.Run("without the operator", func(t *testing.T) {
		stopOperator(t)
		r, code := check(t, user, "-f", manifest(t, s.deployment(web, 1)))
		if code != 2 || r.Results[0].Verdict != "FAILED" || !strings.Contains(r.Results[0].Error, "webhook") {
			t.Errorf("exit code %d: %+v", code, r)
		}
	})
}

// pipe runs the plugin with something on its standard input.
func pipe(t *testing.T, config *rest.Config, input string, arguments ...string) (string, int) {
	t.Helper()
	content, err := devcluster.Kubeconfig("user", map[string]*rest.Config{"user": config})
	must(t, err)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, os.WriteFile(kubeconfig, content, 0o600))
	command := exec.CommandContext(t.Context(), env.plugin, arguments...)
	command.Env, command.Stdin = append(os.Environ(), "KUBECONFIG="+kubeconfig), strings.NewReader(input)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return output.String(), command.ProcessState.ExitCode()
}
