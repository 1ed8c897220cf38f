package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// This file is about the moment between the end of an approval and the new label on the Namespace.

// withoutLeader stops the operator and starts a replica that serves the webhooks and cannot lead, until the function returned is
// called: somebody else seems to hold the Lease.
func withoutLeader(t *testing.T) (replica *kitei.Operator, lead func()) {
	t.Helper()
	stopOperator(t)
	nobody, long, now := "nobody", int32(3600), metav1.NowMicro()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.OperatorNamespace, Name: "kitei-controller-manager"}}
	must(t, client.IgnoreNotFound(env.admin.Delete(t.Context(), lease.DeepCopy())))
	lease.Spec = coordinationv1.LeaseSpec{HolderIdentity: &nobody, LeaseDurationSeconds: &long, AcquireTime: &now, RenewTime: &now}
	must(t, env.admin.Create(t.Context(), lease))
	replica = launch(t, func(o *kitei.OperatorOptions) { o.LeaderElect = true })
	return replica, func() { must(t, client.IgnoreNotFound(env.admin.Delete(t.Context(), lease))) }
}

// secondAfter waits until the second after a time has begun: times of creation are in whole seconds.
func secondAfter(t *testing.T, at time.Time) {
	t.Helper()
	eventually(t, "the next second", func(context.Context) error {
		if next := at.Truncate(time.Second).Add(time.Second + 100*time.Millisecond); time.Now().Before(next) {
			return fmt.Errorf("it is %s", time.Now())
		}
		return nil
	})
}

// isThere says whether the very Pod is there still.
func isThere(ctx context.Context, pod *corev1.Pod) (bool, error) {
	var now corev1.Pod
	err := env.admin.Get(ctx, client.ObjectKeyFromObject(pod), &now)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil && now.UID == pod.UID && now.DeletionTimestamp.IsZero(), err
}

func leavesSoon(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	eventually(t, "pod "+pod.Name+" leaves", func(ctx context.Context) error {
		there, err := isThere(ctx, pod)
		if there {
			err = fmt.Errorf("it is there")
		}
		return err
	})
}

// Pods that slip in between a revocation and the new label are evicted, also after a restart of the operator; those from before
// stay, and so do those whose image is covered still.
func TestPodsThatSlipInAfterARevocationAreEvicted(t *testing.T) {
	s, partly := newSystem(t), newSystem(t)
	approval := s.introduce(t, covered)
	partly.introduce(t, covered)
	const next = "registry.example/tax/web:2.0.0"
	more := partly.submit(t, partly.application("modification", v1alpha1.ChangeModification, "registry.example/tax/web:2.*"))
	must(t, decide(cio(t), more.Name, v1alpha1.DecisionApproved))
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 0, 1)
	before, err := s.pods(t.Context())
	must(t, err)
	early := partly.pod("early", next)
	eventually(t, "the modification takes effect", func(ctx context.Context) error { return env.admin.Create(ctx, early) })
	partly.havePods(t, 0, 1)

	replica, lead := withoutLeader(t)
	must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
	must(t, decide(cio(t), more.Name, v1alpha1.DecisionRevoked))
	secondAfter(t, get(t, &v1alpha1.ChangeApproval{}, "", more.Name).Status.DecidedAt.Time)
	s.scale(t, 2)
	user := as(t, "namespace-admin")
	kept, foreign, clean := s.pod("kept", web), s.pod("foreign", web), partly.pod("clean", web)
	kept.Labels["kept"] = "yes"
	foreign.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/foreign"}}
	slipped := partly.pod("slipped", next)
	for _, pod := range []*corev1.Pod{kept, foreign, clean, slipped} {
		must(t, user.Create(t.Context(), pod))
	}
	one := intstr.FromInt32(1)
	budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "kept"},
		Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &one,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"kept": "yes"}}}}
	must(t, env.admin.Create(t.Context(), budget))
	eventually(t, "all that slipped in runs", func(ctx context.Context) error {
		pods, err := s.pods(ctx)
		if err != nil {
			return err
		}
		for i := range pods {
			if gated(&pods[i]) || pods[i].Name != "foreign" && pods[i].Status.Phase != corev1.PodRunning {
				return fmt.Errorf("%s is %s, held: %t", pods[i].Name, pods[i].Status.Phase, gated(&pods[i]))
			}
		}
		if len(pods) != 4 {
			return fmt.Errorf("%d Pods", len(pods))
		}
		return nil
	})
	partly.havePods(t, 0, 3)

	lead()
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	leavesSoon(t, foreign)
	leavesSoon(t, slipped)
	partly.havePods(t, 0, 2) // early and clean
	s.havePods(t, 1, 2)      // one comes back held; one from before; one that its budget keeps
	for _, pod := range append(before, *kept, *early, *clean) {
		if there, err := isThere(t.Context(), &pod); err != nil || !there {
			t.Errorf("%s is gone (%v)", pod.Name, err)
		}
	}
	if note := s.event(t, "Pod", "foreign", "Evicted").Note; !strings.Contains(note, "承認が終わった後に作られた") {
		t.Errorf("the event says %q", note)
	}

	t.Run("after a restart", func(t *testing.T) {
		replica.Kill()
		must(t, env.admin.Delete(t.Context(), budget))
		lead() // nobody waits for the dead one's Lease to run out
		launch(t)
		leavesSoon(t, kept)
		s.havePods(t, 1, 1)
	})
}

// The same for an approval that runs out during a restart of the operator.
func TestPodsThatSlipInAfterAnExpiryAreEvicted(t *testing.T) {
	s := newSystem(t)
	end := metav1.NewTime(time.Now().Add(8 * time.Second).Truncate(time.Second))
	application := s.application("introduction", v1alpha1.ChangeIntroduction, covered)
	application.Spec.Scope.NotAfter = &end
	s.submit(t, application)
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 0, 1)
	before, err := s.pods(t.Context())
	must(t, err)
	t.Run("restart", func(t *testing.T) {
		stopOperator(t)
		secondAfter(t, end.Time)
		s.scale(t, 2)
		s.havePods(t, 0, 2)
	})
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonExpired)
	s.havePods(t, 1, 1)
	if there, err := isThere(t.Context(), &before[0]); err != nil || !there {
		t.Errorf("the Pod from before is gone (%v)", err)
	}
}

// The same for an approval that loses a paper: a consent that is revoked, or a ratification that the committee refuses.
func TestPodsThatSlipInAfterALostPaperAreEvicted(t *testing.T) {
	uses, owes := newBoard(t), newBoard(t)
	consented, urgent := uses.inNamespaces(t, uses.name), owes.inNamespaces(t, owes.name)
	a := uses.using(t, uses.use("addresses"))
	addresses := settledConsent(t, a.Name+"-addresses")
	must(t, consent(uses.as(dataSectionHead), addresses.Name, v1alpha1.DecisionApproved))
	must(t, decide(uses.as(theCIO), a.Name, v1alpha1.DecisionApproved))
	owes.steered(t)
	b := papered(owes.application(v1alpha1.ChangeIntroduction))
	b.Spec.Urgency = &v1alpha1.Urgency{Reason: "法令改正"}
	must(t, owes.as(departmentHead).Create(t.Context(), b))
	must(t, decide(owes.as(theCIO), b.Name, v1alpha1.DecisionApproved))
	refusal := owes.written(t, onAgenda(b.Name, v1alpha1.OutcomeDenied))
	var before []corev1.Pod
	for _, s := range []*system{consented, urgent} {
		s.becomes(t, v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved)
		must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
		s.havePods(t, 0, 1)
		pods, err := s.pods(t.Context())
		must(t, err)
		before = append(before, pods...)
	}

	_, lead := withoutLeader(t)
	must(t, consent(uses.as(dataSectionHead), addresses.Name, v1alpha1.DecisionRevoked))
	must(t, confirm(owes.as(theCIO), refusal.Name))
	secondAfter(t, get(t, &v1alpha1.CommitteeMeeting{}, "", refusal.Name).Status.ConfirmedAt.Time)
	for _, s := range []*system{consented, urgent} {
		s.scale(t, 2)
		s.havePods(t, 0, 2)
	}

	lead()
	consented.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonConsentMissing)
	urgent.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonUnratified)
	consented.havePods(t, 1, 1)
	urgent.havePods(t, 1, 1)
	for i := range before {
		if there, err := isThere(t.Context(), &before[i]); err != nil || !there {
			t.Errorf("%s, from before, is gone (%v)", before[i].Name, err)
		}
	}
}

// A Pod that came in by another mode did not slip in: nothing is evicted when the mode changes, though the approval was revoked.
func TestNothingSlipsInByAMode(t *testing.T) {
	overrideModes(t)
	s := newSystem(t, inMode(v1alpha1.ModeWarn))
	s.hasMode(t, v1alpha1.ModeWarn)
	s.submitAndApprove(t, v1alpha1.ClearanceObserved)
	must(t, decide(cio(t), s.name+"-introduction", v1alpha1.DecisionRevoked))
	s.becomes(t, v1alpha1.ClearanceObserved, v1alpha1.ReasonRevoked)
	must(t, env.admin.Create(t.Context(), s.pod("web", web)))
	s.havePods(t, 0, 1)
	s.setMode(t, v1alpha1.ModeHold)
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	if lapse, found := get(t, &corev1.Namespace{}, "", s.name).Annotations[v1alpha1.AnnotationLapse]; found {
		t.Errorf("a lapse was recorded: %s", lapse)
	}
	s.havePods(t, 0, 1)
}
