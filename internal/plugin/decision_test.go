package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
)

var approvals = schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "changeapprovals"}

func TestDecisionPatch(t *testing.T) {
	cases := map[string]struct {
		decision v1alpha1.Decision
		reason   string
		want     string
	}{
		"with a reason": {v1alpha1.DecisionRevoked, `"事故"`,
			`{"metadata":{"resourceVersion":"7"},"status":{"decision":"Revoked","decisionReason":"\"事故\""}}`},
		"without": {v1alpha1.DecisionApproved, "", `{"metadata":{"resourceVersion":"7"},"status":{"decision":"Approved"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decisionPatch("7", c.decision, c.reason)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	rbac := errors.New(`User "dev" cannot patch resource "changeapprovals/status" in API group "governance.kitei.dev" at the cluster scope`)
	cases := map[string]struct {
		err  error
		want refusal
	}{
		"conflict":    {apierrors.NewConflict(approvals, "r8-tax", errors.New("changed")), refusalChanged},
		"changed":     {fmt.Errorf("decide: %w", errChanged), refusalChanged},
		"not found":   {apierrors.NewNotFound(approvals, "r8-tax"), refusalNotFound},
		"RBAC":        {apierrors.NewForbidden(approvals, "r8-tax", rbac), refusalNoRight},
		"webhook":     {apierrors.NewForbidden(approvals, "r8-tax", errors.New("you hold no office that decides it")), refusalVerdict},
		"invalid":     {apierrors.NewInvalid(schema.GroupKind{Kind: "ChangeApproval"}, "r8-tax", nil), refusalVerdict},
		"no webhook":  {apierrors.NewInternalError(errors.New(`failed calling webhook "x": connection refused`)), refusalDown},
		"unreachable": {errors.New("connection refused"), refusalUnreachable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := kindOf(fmt.Errorf("decide: %w", c.err)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// conflictOnce is a connection whose first patch meets a conflict, after something happened to the application.
func conflictOnce(t *testing.T, first *v1alpha1.ChangeApproval, meanwhile func(*v1alpha1.ChangeApproval)) *connection {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	happened := false
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(first).WithStatusSubresource(first).
		WithInterceptorFuncs(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, subresource string,
			object client.Object, patch client.Patch, options ...client.SubResourcePatchOption,
		) error {
			if !happened {
				happened = true
				var current v1alpha1.ChangeApproval
				if err := c.Get(ctx, client.ObjectKeyFromObject(object), &current); err != nil {
					return err
				}
				meanwhile(&current)
				spec := current.DeepCopy()
				if err := c.Update(ctx, spec); err != nil {
					return err
				}
				current.ResourceVersion = spec.ResourceVersion
				if err := c.Status().Update(ctx, &current); err != nil {
					return err
				}
			}
			return c.SubResource(subresource).Patch(ctx, object, patch, options...)
		}}).Build()
	return &connection{Client: c, warnings: &warnings{}, now: today}
}

func TestDecideAfterAConflict(t *testing.T) {
	cases := map[string]struct {
		meanwhile func(*v1alpha1.ChangeApproval)
		changed   bool
	}{
		"a label changed: decided":        {func(a *v1alpha1.ChangeApproval) { a.Labels = map[string]string{"a": "b"} }, false},
		"the spec changed: not decided":   {func(a *v1alpha1.ChangeApproval) { a.Spec.Title = "other" }, true},
		"somebody else decided: not done": {func(a *v1alpha1.ChangeApproval) { a.Status.Decision = v1alpha1.DecisionDenied }, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			object := application("r8-tax", v1alpha1.ChangeIntroduction)
			object.ResourceVersion = ""
			connection := conflictOnce(t, &object, c.meanwhile)
			var read v1alpha1.ChangeApproval
			if err := connection.Get(t.Context(), client.ObjectKey{Name: "r8-tax"}, &read); err != nil {
				t.Fatal(err)
			}
			got, err := decide(t.Context(), connection, &read, v1alpha1.DecisionApproved, decisionFlags{dryRun: "none"}, sameQuestion)
			switch {
			case c.changed && !errors.Is(err, errChanged):
				t.Errorf("got %v, want %v", err, errChanged)
			case !c.changed && err != nil:
				t.Error(err)
			case !c.changed && got.Status.Decision != v1alpha1.DecisionApproved:
				t.Errorf("decision %q", got.Status.Decision)
			}
		})
	}
}

// outlookOf system tax with one namespace and these applications.
func outlookOf(mode v1alpha1.EnforcementMode, policy v1alpha1.RevocationPolicy, applications ...v1alpha1.ChangeApproval) outlook {
	o := organisation(mode)
	o.Regulation.Spec.Enforcement.OnRevocation = policy
	v := registered(o, applications...)
	system := taxSystem()
	return outlook{organisation: o, system: &system, verdict: v.verdict.System, namespaces: []clearance.Verdict{v.verdict}}
}

func TestFollows(t *testing.T) {
	const hold, warn, keep, evict = v1alpha1.ModeHold, v1alpha1.ModeWarn, v1alpha1.RevocationKeep, v1alpha1.RevocationEvict
	waiting := application("intro", v1alpha1.ChangeIntroduction)
	approved := decided(waiting, v1alpha1.DecisionApproved)
	revoked := decided(waiting, v1alpha1.DecisionRevoked)
	modified := decided(application("mod", v1alpha1.ChangeModification), v1alpha1.DecisionApproved)
	cases := map[string]struct {
		decided       v1alpha1.ChangeApproval
		before, after outlook
		want          []string
	}{
		"approved": {approved, outlookOf(hold, keep, waiting), outlookOf(hold, keep, approved),
			[]string{"namespace tax: held → cleared", "start by themselves"}},
		"a modification before the introduction": {
			modified, outlookOf(hold, keep, waiting), outlookOf(hold, keep, waiting, modified),
			[]string{"namespace tax: stays held", "Application intro waits"}},
		"denied":                {decided(waiting, v1alpha1.DecisionDenied), outlookOf(hold, keep, waiting), outlookOf(hold, keep), []string{"may apply anew"}},
		"revoked, Keep":         {revoked, outlookOf(hold, keep, approved), outlookOf(hold, keep, revoked), []string{"cleared → held", "Running Pods stay"}},
		"revoked, Evict":        {revoked, outlookOf(hold, evict, approved), outlookOf(hold, evict, revoked), []string{"cleared → held", "are evicted"}},
		"revoked, in mode Warn": {revoked, outlookOf(warn, evict, approved), outlookOf(warn, evict, revoked), []string{"stays observed", "keep running"}},
		"the register may not be read": {approved, outlook{}, outlook{unread: errors.New("no")},
			[]string{"cannot be said: no"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := follows(&c.decided, c.before, c.after, english)
			if len(got) != len(c.want) {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			for i := range got {
				if !strings.Contains(got[i], c.want[i]) {
					t.Errorf("line %d: got %q, want %q in it", i, got[i], c.want[i])
				}
			}
			for _, p := range printers() {
				var out bytes.Buffer
				writeDecision(&out, &c.decided, decisions[0], c.before, c.after, p)
				if text := out.String(); strings.Contains(text, "Plugin") || strings.Contains(text, "%!") {
					t.Errorf("a sentence is missing or broken:\n%s", text)
				}
			}
		})
	}
}
