package controlplane

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// labelMode on a namespace of these tests chooses its mode, by an override.
const labelMode = "test.kitei.dev/mode"

// overrideModes lets namespaces choose their mode for the rest of a test.
func overrideModes(t *testing.T) {
	t.Helper()
	setRegulation(t, func(r *v1alpha1.Regulation) {
		for _, mode := range []v1alpha1.EnforcementMode{v1alpha1.ModeHold, v1alpha1.ModeDeny, v1alpha1.ModeWarn, v1alpha1.ModeAudit} {
			r.Spec.Enforcement.Overrides = append(r.Spec.Enforcement.Overrides, v1alpha1.EnforcementOverride{
				NamespaceSelector: metav1.LabelSelector{MatchLabels: map[string]string{labelMode: string(mode)}}, Mode: mode,
			})
		}
	})
}

// inMode makes a system whose namespace chooses a mode.
func inMode(mode v1alpha1.EnforcementMode) func(*v1alpha1.ElectronicSystem, *corev1.Namespace) {
	return func(_ *v1alpha1.ElectronicSystem, namespace *corev1.Namespace) {
		namespace.Labels = map[string]string{labelMode: string(mode)}
	}
}

// hasMode waits until the namespace is in a mode.
func (s *system) hasMode(t *testing.T, mode v1alpha1.EnforcementMode) {
	t.Helper()
	eventually(t, fmt.Sprintf("namespace %s is in mode %s", s.name, mode), func(ctx context.Context) error {
		var namespace corev1.Namespace
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
			return err
		}
		if got := namespace.Annotations[v1alpha1.AnnotationMode]; got != string(mode) {
			return fmt.Errorf("it is in mode %q", got)
		}
		return nil
	})
}

// heard are the warnings that a client was sent.
type heard struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeader implements rest.WarningHandler.
func (h *heard) HandleWarningHeader(_ int, _, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.texts = append(h.texts, text)
}

// take returns the warnings so far, and forgets them.
func (h *heard) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	text := strings.Join(h.texts, "\n")
	h.texts = nil
	return text
}

// listening is a client that acts as a user and hears the API server's warnings.
func listening(t *testing.T, user string) (client.Client, *heard) {
	t.Helper()
	config, warnings := configOf(t, user), &heard{}
	config.WarningHandler = warnings
	c, err := client.New(config, client.Options{Scheme: operator.Scheme()})
	must(t, err)
	return c, warnings
}

// What becomes of Pods, workloads and image changes in each mode, and who is warned.
func TestModes(t *testing.T) {
	overrideModes(t)
	tests := map[v1alpha1.EnforcementMode]struct {
		unapproved, approved v1alpha1.Clearance
		admits, runs         bool // without an approval
		warns                bool
	}{
		v1alpha1.ModeHold: {unapproved: v1alpha1.ClearanceHeld, approved: v1alpha1.ClearanceImages, admits: true, warns: true},
		v1alpha1.ModeDeny: {unapproved: v1alpha1.ClearanceDenied, approved: v1alpha1.ClearanceImages},
		v1alpha1.ModeWarn: {unapproved: v1alpha1.ClearanceObserved, approved: v1alpha1.ClearanceObserved, admits: true, runs: true,
			warns: true},
		v1alpha1.ModeAudit: {unapproved: v1alpha1.ClearanceObserved, approved: v1alpha1.ClearanceObserved, admits: true, runs: true},
	}
	for mode, test := range tests {
		t.Run(string(mode), func(t *testing.T) {
			s := newSystem(t, inMode(mode))
			s.hasMode(t, mode)
			s.becomes(t, test.unapproved, v1alpha1.ReasonNotApproved)
			user, warnings := listening(t, "namespace-admin")
			s.settles(t, test.admits)

			// Without an approval.
			running, held := 0, 0
			for what, object := range map[string]client.Object{"deployment": s.deployment(web, 2), "pod": s.pod("bare", web)} {
				err := user.Create(t.Context(), object)
				got := warnings.take()
				if !test.admits {
					refused(t, err, "第12条", "試験部長")
					continue
				}
				must(t, err)
				said := strings.Contains(got, "kitei-warnings") && strings.Contains(got, "第12条") && strings.Contains(got, "試験部長")
				if said != test.warns {
					t.Errorf("warned of the %s: %t, wanted %t: %q", what, said, test.warns, got)
				}
			}
			if test.runs {
				running = 3
			} else if test.admits {
				held = 3
			}
			s.havePods(t, held, running)

			// With an approval that covers one of the images.
			s.submitAndApprove(t, test.approved)
			if !test.admits {
				eventually(t, "the Deployment is admitted", func(ctx context.Context) error {
					return user.Create(ctx, s.deployment(web, 2))
				})
				must(t, user.Create(t.Context(), s.pod("bare", web)))
			}
			s.havePods(t, 0, 3)
			warnings.take()
			must(t, s.setImage(t, user, web+"-r2")) // registry.example/tax/web:1.4.2-r2 is covered
			if got := warnings.take(); got != "" {
				t.Errorf("warned of a covered image: %s", got)
			}
			err := s.setImage(t, user, evil)
			switch got := warnings.take(); {
			case test.approved == v1alpha1.ClearanceImages:
				refused(t, err, evil, "第12条")
			case err != nil:
				t.Errorf("an image is refused in mode %s: %v", mode, err)
			case strings.Contains(got, evil) != test.warns:
				t.Errorf("warned of the image: wanted %t: %q", test.warns, got)
			}
			// A covered image in a Pod of one's own is nobody's business; what controllers do warns nobody.
			must(t, user.Create(t.Context(), s.pod("covered", web)))
			if got := warnings.take(); got != "" {
				t.Errorf("warned of a covered Pod: %s", got)
			}
		})
	}
}

// settles waits until the API server's policies have seen the namespace's clearance.
func (s *system) settles(t *testing.T, admits bool) {
	t.Helper()
	eventually(t, "the policies see the clearance of "+s.name, func(ctx context.Context) error {
		if err := env.admin.Create(ctx, s.pod("probe", web), client.DryRunAll); (err == nil) != admits {
			return fmt.Errorf("a Pod is admitted: %t (%w), wanted %t", err == nil, err, admits)
		}
		return nil
	})
}

// submitAndApprove approves the introduction for covered images in a namespace of any mode.
func (s *system) submitAndApprove(t *testing.T, becomes v1alpha1.Clearance) {
	t.Helper()
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.becomes(t, becomes, v1alpha1.ReasonApproved)
	s.settles(t, true)
}

// setImage changes the image of the Deployment web.
func (s *system) setImage(t *testing.T, c client.Client, image string) error {
	t.Helper()
	patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":%q}]}}}}`, image)
	return c.Patch(t.Context(), &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web"}},
		client.RawPatch(types.StrategicMergePatchType, []byte(patch)))
}

// setMode moves the system's namespace to another mode.
func (s *system) setMode(t *testing.T, mode v1alpha1.EnforcementMode) {
	t.Helper()
	must(t, relabel(t, env.admin, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}, labelMode, string(mode)))
	s.hasMode(t, mode)
}

// A mode that is loosened releases what was held; one that is tightened leaves running Pods alone, and holds or refuses new
// ones.
func TestModeChanges(t *testing.T) {
	overrideModes(t)
	s := newSystem(t, inMode(v1alpha1.ModeDeny))
	s.hasMode(t, v1alpha1.ModeDeny)
	user := as(t, "namespace-admin")
	s.settles(t, false)
	refused(t, user.Create(t.Context(), s.deployment(web, 2)), "第12条")

	s.setMode(t, v1alpha1.ModeHold)
	s.settles(t, true)
	eventually(t, "the Deployment is admitted", func(ctx context.Context) error { return user.Create(ctx, s.deployment(web, 2)) })
	s.havePods(t, 2, 0)

	s.setMode(t, v1alpha1.ModeDeny)
	s.settles(t, false)
	s.scale(t, 3)
	eventually(t, "the ReplicaSet is refused the third Pod", s.hasReplicaFailure)
	s.havePods(t, 2, 0) // held Pods stay held

	s.setMode(t, v1alpha1.ModeHold)
	s.havePods(t, 3, 0) // the ReplicaSet tries again

	s.setMode(t, v1alpha1.ModeAudit)
	s.havePods(t, 0, 3)

	s.setMode(t, v1alpha1.ModeDeny)
	s.settles(t, false)
	refused(t, s.setImage(t, user, web+"-r2"), "第12条")
	s.havePods(t, 0, 3)

	s.setMode(t, v1alpha1.ModeHold)
	s.settles(t, true)
	refused(t, s.setImage(t, user, web+"-r2"), "稼働中のシステムは承認なく変更できません")
	s.scale(t, 4)
	s.havePods(t, 1, 3)
}

// hasReplicaFailure checks that a ReplicaSet says why its Pods are refused.
func (s *system) hasReplicaFailure(ctx context.Context) error {
	var sets appsv1.ReplicaSetList
	if err := env.admin.List(ctx, &sets, client.InNamespace(s.name)); err != nil {
		return err
	}
	for _, set := range sets.Items {
		for _, condition := range set.Status.Conditions {
			if condition.Type == appsv1.ReplicaSetReplicaFailure && strings.Contains(condition.Message, "第12条") {
				return nil
			}
		}
	}
	return fmt.Errorf("no ReplicaSet of %d says so", len(sets.Items))
}
