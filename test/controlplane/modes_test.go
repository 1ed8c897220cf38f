package controlplane

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
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
		v1alpha1.ModeHold:  {unapproved: v1alpha1.ClearanceHeld, approved: v1alpha1.ClearanceImages, admits: true, warns: true},
		v1alpha1.ModeDeny:  {unapproved: v1alpha1.ClearanceDenied, approved: v1alpha1.ClearanceImages},
		v1alpha1.ModeWarn:  {unapproved: v1alpha1.ClearanceObserved, approved: v1alpha1.ClearanceObserved, admits: true, runs: true, warns: true},
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
				if said := strings.Contains(got, "kitei-warnings") && strings.Contains(got, "第12条") && strings.Contains(got, "試験部長"); said != test.warns {
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
				eventually(t, "the Deployment is admitted", func(ctx context.Context) error { return user.Create(ctx, s.deployment(web, 2)) })
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

// Without a Regulation nothing is enforced: every namespace is observed, what was held runs, and no class is asked for. With
// one again, new Pods are held as before.
func TestNoRegulation(t *testing.T) {
	s := newSystem(t)
	unregistered := &system{name: s.name + "-unregistered"}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unregistered.name}}))
	unregistered.becomes(t, v1alpha1.ClearanceDenied, v1alpha1.ReasonUnregisteredNamespace)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	s.havePods(t, 2, 0)

	t.Cleanup(func() { // after the Regulation is back
		eventuallyAfter(t, "the Regulation counts again", func(ctx context.Context) error {
			if err := s.hasClearance(ctx, v1alpha1.ClearanceHeld); err != nil {
				return err
			}
			return unregistered.hasClearance(ctx, v1alpha1.ClearanceDenied)
		})
	})
	setRegulation(t, func(*v1alpha1.Regulation) {})
	must(t, env.admin.Delete(t.Context(), &v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}}))
	eventually(t, "every governed namespace is observed", func(ctx context.Context) error {
		counts, err := countNamespaces(ctx)
		if err != nil {
			return err
		}
		if len(counts) != 1 || counts[v1alpha1.ClearanceObserved] == 0 {
			return fmt.Errorf("namespaces by clearance: %v", counts)
		}
		return nil
	})
	s.becomes(t, v1alpha1.ClearanceObserved, v1alpha1.ReasonNoRegulation)
	s.havePods(t, 0, 2)
	user, warnings := listening(t, "namespace-admin")
	for _, home := range []*system{s, unregistered} {
		home.settles(t, true)
		pod := home.pod("free", evil)
		pod.Labels = nil
		eventually(t, "a Pod without a class is admitted", func(ctx context.Context) error { return user.Create(ctx, pod) })
	}
	if got := warnings.take(); got != "" {
		t.Errorf("warned: %s", got)
	}
	s.havePods(t, 0, 3)
	unregistered.havePods(t, 0, 1)
	refused(t, as(t, s.departmentHead).Create(t.Context(), s.application("early", v1alpha1.ChangeIntroduction)), "第3条")
}

// eventuallyAfter is eventually for what is cleaned up: the test's own context has ended by then.
func eventuallyAfter(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Errorf("%s: %v: %v", what, err, last)
	}
}

// countNamespaces counts the namespaces by the clearance on them.
func countNamespaces(ctx context.Context) (map[v1alpha1.Clearance]int32, error) {
	var namespaces corev1.NamespaceList
	if err := env.admin.List(ctx, &namespaces); err != nil {
		return nil, err
	}
	counts := map[v1alpha1.Clearance]int32{}
	for i := range namespaces.Items {
		if word := namespaces.Items[i].Labels[v1alpha1.LabelClearance]; word != "" {
			counts[v1alpha1.Clearance(word)]++
		}
	}
	return counts, nil
}

// The Regulation counts the governed namespaces by clearance.
func TestRegulationCountsNamespaces(t *testing.T) {
	s := newSystem(t)
	agree := func() {
		t.Helper()
		eventually(t, "the counts agree", func(ctx context.Context) error {
			var current v1alpha1.Regulation
			if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
				return err
			}
			got := map[v1alpha1.Clearance]int32{}
			for _, count := range current.Status.Namespaces {
				got[count.Clearance] = count.Count
			}
			wanted, err := countNamespaces(ctx)
			if err == nil && !maps.Equal(got, wanted) {
				err = fmt.Errorf("the Regulation counts %v of %v", got, wanted)
			}
			return err
		})
	}
	agree()
	s.introduce(t) // held → cleared
	agree()
	must(t, env.admin.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}))
	eventually(t, "the namespace is gone", func(ctx context.Context) error {
		err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("got %v", err)
	})
	agree()
}

// In English: the namespace's message, the events, and what refuses.
func TestLanguage(t *testing.T) {
	before := newSystem(t)
	t.Cleanup(func() {
		eventuallyAfter(t, "Japanese is spoken again", func(ctx context.Context) error { return before.speaks(ctx, "規程第12条") })
	})
	setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.Language = v1alpha1.LanguageEnglish })
	eventually(t, "a namespace from before speaks English", func(ctx context.Context) error { return before.speaks(ctx, "(article 12)") })
	s := newSystem(t)
	eventually(t, "a new namespace speaks English", func(ctx context.Context) error { return s.speaks(ctx, "is not approved (article 12)") })
	user, warnings := listening(t, "namespace-admin")
	s.settles(t, true)
	must(t, user.Create(t.Context(), s.deployment(web, 1)))
	if got := warnings.take(); !strings.Contains(got, "is not approved (article 12)") || strings.Contains(got, "規程") {
		t.Errorf("the warning is %q", got)
	}
	if event := s.event(t, "Deployment", "web", "Held"); !strings.Contains(event.Note, "Pods wait for an approval") {
		t.Errorf("the event says %q", event.Note)
	}
	unclassed := s.pod("unclassed", web)
	unclassed.Labels = nil
	refused(t, user.Create(t.Context(), unclassed), "(article 26-2 (2))", "Next: add to metadata.labels in the manifest")
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	refused(t, decide(as(t, s.departmentHead), application.Name, v1alpha1.DecisionApproved), "(articles 12 and 13)")
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	s.havePods(t, 0, 1)
	refused(t, s.setImage(t, user, evil), "Any other image needs an approved modification")
}

// speaks checks that the namespace's message holds the words.
func (s *system) speaks(ctx context.Context, words string) error {
	var namespace corev1.Namespace
	if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
		return err
	}
	if got := namespace.Annotations[v1alpha1.AnnotationMessage]; !strings.Contains(got, words) {
		return fmt.Errorf("the message is %q", got)
	}
	return nil
}

// A policy, binding or webhook that somebody deletes is reported by name, on the Regulation and by an event, and so is its
// return.
func TestMissingPolicyIsReported(t *testing.T) {
	enforced := func(status metav1.ConditionStatus, reason, names string) {
		t.Helper()
		eventually(t, fmt.Sprintf("Enforced=%s %s", status, reason), func(ctx context.Context) error {
			var current v1alpha1.Regulation
			if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
				return err
			}
			if err := condition(current.Status.Conditions, v1alpha1.ConditionEnforced, status, reason); err != nil {
				return err
			}
			if got := meta.FindStatusCondition(current.Status.Conditions, v1alpha1.ConditionEnforced).Message; !strings.Contains(got, names) {
				return fmt.Errorf("it says %q", got)
			}
			return nil
		})
	}
	group := "admissionregistration.k8s.io"
	guards := map[string][]string{
		"ValidatingAdmissionPolicy":        {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces"},
		"ValidatingAdmissionPolicyBinding": {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces"},
		"MutatingAdmissionPolicy":          {"kitei-hold"},
		"MutatingAdmissionPolicyBinding":   {"kitei-hold"},
		"ValidatingWebhookConfiguration":   {"kitei-validating"},
		"MutatingWebhookConfiguration":     {"kitei-mutating"},
	}
	enforced(metav1.ConditionTrue, v1alpha1.ReasonEnforced, "")
	for kind, names := range guards {
		for _, name := range names {
			object := &unstructuredObject{}
			object.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1", Kind: kind})
			object = get(t, object, "", name)
			must(t, env.admin.Delete(t.Context(), object.DeepCopy()))
			enforced(metav1.ConditionFalse, v1alpha1.ReasonPolicyMissing, kind+"/"+name)
			object.SetResourceVersion("")
			object.SetUID("")
			must(t, env.admin.Create(t.Context(), object))
			enforced(metav1.ConditionTrue, v1alpha1.ReasonEnforced, "")
		}
	}
	eventually(t, "events say so on the Regulation", func(ctx context.Context) error {
		var events eventsv1.EventList
		if err := env.admin.List(ctx, &events, client.InNamespace(metav1.NamespaceDefault)); err != nil {
			return err
		}
		types := map[string]bool{}
		for _, event := range events.Items {
			if event.Regarding.Kind == "Regulation" && event.Reason == "EnforcementChanged" {
				types[event.Type] = types[event.Type] || event.Type == corev1.EventTypeNormal || strings.Contains(event.Note, "/kitei-")
			}
		}
		if !types[corev1.EventTypeWarning] || !types[corev1.EventTypeNormal] {
			return fmt.Errorf("events by type: %v", types)
		}
		return nil
	})
	// Everything is back: what is not approved is held.
	s := newSystem(t)
	eventually(t, "Pods are held again", func(ctx context.Context) error {
		pod := s.pod("probe", web)
		if err := env.admin.Create(ctx, pod, client.DryRunAll); err != nil {
			return err
		}
		if !gated(pod) {
			return fmt.Errorf("the Pod carries no gate")
		}
		return nil
	})
}

// No policy touches the control plane's namespaces or Kitei's own, in any mode.
func TestControlPlaneIsNotTouched(t *testing.T) {
	for _, mode := range []v1alpha1.EnforcementMode{v1alpha1.ModeHold, v1alpha1.ModeDeny} {
		t.Run(string(mode), func(t *testing.T) {
			if mode != v1alpha1.ModeHold {
				probe := newSystem(t)
				t.Cleanup(func() {
					eventuallyAfter(t, "mode Hold is back", func(ctx context.Context) error { return probe.hasClearance(ctx, v1alpha1.ClearanceHeld) })
				})
				setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.Enforcement.Mode = mode })
				probe.becomes(t, v1alpha1.ClearanceDenied, v1alpha1.ReasonNotApproved)
			}
			for _, name := range v1alpha1.UngovernedNamespaces() {
				home := &system{name: name}
				namespace := get(t, &corev1.Namespace{}, "", name)
				if marks := clearance.Marks(namespace.Labels); len(marks) > 0 {
					t.Errorf("%s is marked: %v", name, marks)
				}
				user, warnings := listening(t, "system-admin")
				pod, deployment := home.pod("web", evil), home.deployment(evil, 1)
				pod.Labels, deployment.Labels, pod.Spec.NodeName = nil, nil, "node-0"
				must(t, user.Create(t.Context(), pod, client.DryRunAll))
				must(t, user.Create(t.Context(), deployment, client.DryRunAll))
				if got := warnings.take(); gated(pod) || got != "" {
					t.Errorf("in %s: held %t, warned %q", name, gated(pod), got)
				}
			}
		})
	}
}
