package controlplane

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
)

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
	eventually(t, "nobody has a role from an office", func(ctx context.Context) error {
		var bindings rbacv1.ClusterRoleBindingList
		if err := env.admin.List(ctx, &bindings); err != nil {
			return err
		}
		for _, binding := range bindings.Items {
			if strings.HasPrefix(binding.Name, "kitei:") {
				return fmt.Errorf("there is %s still", binding.Name)
			}
		}
		return nil
	})
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
		return fmt.Errorf("answered %q", fmt.Sprint(err))
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
	eventually(t, "a new namespace speaks English", func(ctx context.Context) error {
		return s.speaks(ctx, "is not approved (article 12)")
	})
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
			got := meta.FindStatusCondition(current.Status.Conditions, v1alpha1.ConditionEnforced).Message
			if !strings.Contains(got, names) {
				return fmt.Errorf("it says %q", got)
			}
			return nil
		})
	}
	group := "admissionregistration.k8s.io"
	guards := map[string][]string{
		"ValidatingAdmissionPolicy":        {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces", "kitei-bindings", "kitei-records"},
		"ValidatingAdmissionPolicyBinding": {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces", "kitei-bindings", "kitei-records"},
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
					eventuallyAfter(t, "mode Hold is back", func(ctx context.Context) error {
						return probe.hasClearance(ctx, v1alpha1.ClearanceHeld)
					})
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
				pod.Labels, deployment.Labels = nil, nil
				for _, spec := range []*corev1.PodSpec{&pod.Spec, &deployment.Spec.Template.Spec} {
					restrict(spec) // kitei-system asks for that
				}
				must(t, user.Create(t.Context(), pod, client.DryRunAll))
				must(t, user.Create(t.Context(), deployment, client.DryRunAll))
				if got := warnings.take(); gated(pod) || got != "" {
					t.Errorf("in %s: held %t, warned %q", name, gated(pod), got)
				}
			}
		})
	}
}

// restrict a Pod as the Pod security standard "restricted" wants it.
func restrict(spec *corev1.PodSpec) {
	yes, no := true, false
	spec.SecurityContext = &corev1.PodSecurityContext{RunAsNonRoot: &yes,
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}}
	spec.Containers[0].SecurityContext = &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
		Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}
}
