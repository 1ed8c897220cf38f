package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/register"
)

// modeLabel on a namespace chooses its mode in this test.
const modeLabel = "test.kitei.dev/mode"

// podsPerRegister times the checks of a run (100 unless -rapid.checks says otherwise) is how many verdicts are compared.
const podsPerRegister = 21

// The decision in Go and the CEL in the API server give one verdict: for registers, approvals and Pods made up at random, a
// Pod runs in the cluster exactly where the pure function says so.
func TestOneTruth(t *testing.T) {
	setRegulation(t, func(r *v1alpha1.Regulation) {
		for _, mode := range []v1alpha1.EnforcementMode{v1alpha1.ModeDeny, v1alpha1.ModeWarn, v1alpha1.ModeAudit} {
			r.Spec.Enforcement.Overrides = append(r.Spec.Enforcement.Overrides, v1alpha1.EnforcementOverride{
				NamespaceSelector: metav1.LabelSelector{MatchLabels: map[string]string{modeLabel: string(mode)}}, Mode: mode})
		}
	})
	verdicts, running := 0, 0
	decider := cio(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := newSystem(t, func(_ *v1alpha1.ElectronicSystem, namespace *corev1.Namespace) {
			mode := rapid.SampledFrom([]string{"Hold", "Hold", "Deny", "Warn", "Audit"}).Draw(rt, "mode")
			namespace.Labels = map[string]string{modeLabel: mode}
		})
		patterns := makeApplications(t, rt, s, decider)
		verdict := settled(t, s)
		for i := range podsPerRegister {
			pod := s.pod(fmt.Sprintf("pod-%d", i), "")
			drawImages(rt, patterns, &pod.Spec)
			_, wanted := verdict.Lets(image.OfPodSpec(&pod.Spec))
			got, answer := runs(t, pod)
			if got != wanted {
				rt.Fatalf("%s (%s, %s): the decision lets %q run: %v; the API server: %v (%s)\npatterns %q", s.name,
					verdict.Clearance, verdict.Reason, image.OfPodSpec(&pod.Spec), wanted, got, answer, patterns)
			}
			verdicts++
			if got {
				running++
			}
		}
		must(t, env.admin.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}))
		dissolve(t, s.name, s.name)
	})
	if running == 0 || running == verdicts {
		t.Errorf("of %d Pods %d run: the cases say nothing", verdicts, running)
	}
	t.Logf("%d verdicts compared, %d Pods run", verdicts, running)
}

// makeApplications makes some applications in some states and returns the patterns that they name.
func makeApplications(t *testing.T, rt *rapid.T, s *system, decider client.Client) []v1alpha1.ImagePattern {
	t.Helper()
	var all []v1alpha1.ImagePattern
	kinds := []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization,
		v1alpha1.ChangeModification}
	for i := range rapid.IntRange(0, 3).Draw(rt, "applications") {
		patterns := rapid.SliceOfNDistinct(patterns(), 0, 3, rapid.ID[v1alpha1.ImagePattern]).Draw(rt, "patterns")
		application := s.application(fmt.Sprintf("a%d", i), rapid.SampledFrom(kinds).Draw(rt, "type"), patterns...)
		hour := metav1.NewTime(time.Now().Add(time.Hour))
		ago := metav1.NewTime(time.Now().Add(-time.Hour))
		switch rapid.IntRange(0, 9).Draw(rt, "time") {
		case 0:
			application.Spec.Scope.NotBefore = &hour
		case 1:
			application.Spec.Scope.NotAfter = &ago
		case 2:
			application.Spec.Scope.NotBefore, application.Spec.Scope.NotAfter = &ago, &hour
		}
		s.submit(t, application)
		all = append(all, patterns...)
		decisions := [][]v1alpha1.Decision{{}, {"Approved"}, {"Approved"}, {"Approved"}, {"Denied"}, {"Returned"}, {"Approved", "Revoked"}}
		for _, decision := range rapid.SampledFrom(decisions).Draw(rt, "decisions") {
			must(t, decide(decider, application.Name, decision))
		}
	}
	return all
}

// settled decides on what the cluster holds, and waits until the operator has written the same on the Namespace.
func settled(t *testing.T, s *system) clearance.Verdict {
	t.Helper()
	key := ledgerKey(t)
	var verdict clearance.Verdict
	eventually(t, "the operator writes the verdict", func(ctx context.Context) error {
		var namespace corev1.Namespace
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
			return err
		}
		input, err := register.Input(ctx, env.admin, register.Live(key), s.name, namespace.Labels, time.Now())
		if err != nil {
			return err
		}
		verdict = clearance.Namespace(input)
		labels, annotations := verdict.Marks(input.Organisation)
		for key, value := range labels {
			if namespace.Labels[key] != value {
				return fmt.Errorf("label %s is %q, wanted %q", key, namespace.Labels[key], value)
			}
		}
		for key, value := range annotations {
			if namespace.Annotations[key] != value {
				return fmt.Errorf("annotation %s is %q, wanted %q", key, namespace.Annotations[key], value)
			}
		}
		return nil
	})
	// The API server's own view of the Namespace follows its watch: ask until it answers by the new marks.
	probe := s.pod("probe", "registry.invalid/probe")
	_, wanted := verdict.Lets([]string{"registry.invalid/probe"})
	eventually(t, "the API server enforces the verdict", func(context.Context) error {
		if got, answer := runs(t, probe); got != wanted || (verdict.Clearance == v1alpha1.ClearanceHeld) != (answer == "held") {
			return fmt.Errorf("runs: %v (%s)", got, answer)
		}
		return nil
	})
	return verdict
}

// runs says whether a Pod would run if it were created: it is let in, and not held.
func runs(t *testing.T, pod *corev1.Pod) (may bool, answer string) {
	t.Helper()
	created := pod.DeepCopy()
	switch err := env.admin.Create(t.Context(), created, client.DryRunAll); {
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "kitei-pods"):
		return false, err.Error()
	case err != nil:
		t.Fatalf("create %q: %v", image.OfPodSpec(&pod.Spec), err)
	case gated(created):
		return false, "held"
	}
	return true, "let in"
}

// words of which references are put together: plain ones, and ones that a careless matcher would trip over.
var words = []string{"tax", "web", "tax-web", "tax.web", "a", "tax_web", "0"}

// patterns makes valid image patterns.
func patterns() *rapid.Generator[v1alpha1.ImagePattern] {
	return rapid.Custom(func(rt *rapid.T) v1alpha1.ImagePattern {
		pattern := rapid.SampledFrom([]string{"registry.example", "localhost", "registry.example:5000", "r.example", "registry:5000"}).
			Draw(rt, "registry")
		for range rapid.IntRange(1, 2).Draw(rt, "depth") {
			pattern += "/" + rapid.SampledFrom(words).Draw(rt, "segment")
		}
		return v1alpha1.ImagePattern(pattern + rapid.SampledFrom([]string{"", "", ":1", ":1.*", ":*", ":1.*-x", "/*", "/**",
			"@sha256:" + strings.Repeat("0", 64), ":1@sha256:" + strings.Repeat("0", 64)}).Draw(rt, "version"))
	})
}

// drawImages gives a Pod one to four images, most of them close to what a pattern spells.
func drawImages(rt *rapid.T, patterns []v1alpha1.ImagePattern, spec *corev1.PodSpec) {
	draw := func() string { return drawImage(rt, patterns) }
	spec.Containers[0].Image = draw()
	if rapid.Bool().Draw(rt, "second container") {
		spec.Containers = append(spec.Containers, corev1.Container{Name: "second", Image: draw()})
	}
	if rapid.Bool().Draw(rt, "init container") {
		spec.InitContainers = []corev1.Container{{Name: "init", Image: draw()}}
	}
	if rapid.IntRange(0, 3).Draw(rt, "image volume") == 0 {
		spec.Volumes = []corev1.Volume{imageVolume(draw())}
	}
}

func drawImage(rt *rapid.T, patterns []v1alpha1.ImagePattern) string {
	reference := "registry.example/" + rapid.SampledFrom(words).Draw(rt, "word")
	if len(patterns) > 0 && rapid.IntRange(0, 4).Draw(rt, "from a pattern") > 0 {
		reference = string(rapid.SampledFrom(patterns).Draw(rt, "pattern"))
		fill := rapid.SampledFrom([]string{"", "2", "web", "A.b-c_d"}).Draw(rt, "fill")
		reference = strings.ReplaceAll(strings.ReplaceAll(reference, "**", "web/deep"), "*", fill)
	}
	reference += rapid.SampledFrom([]string{"", "", "", "", "", ":1", ":1.2", "-evil", "/evil", "@sha256:" + strings.Repeat("0", 64),
		"税", ".*", "|x", "\\", "$", "(", "[a-z]", "\u0000", "\nregistry.example/tax", "%2e", " x", "A", "@", ":"}).Draw(rt, "tail")
	switch rapid.IntRange(0, 12).Draw(rt, "spoil") {
	case 0:
		reference = strings.Replace(reference, ".", "x", 1)
	case 1:
		reference = "evil.example/" + reference
	case 2:
		reference = strings.ToUpper(reference)
	case 3:
		reference = strings.Replace(reference, "/", "//", 1)
	}
	if trimmed := strings.TrimSpace(reference); trimmed != "" { // the API server takes no image with space around it, nor an empty one
		return trimmed
	}
	return "x"
}
