package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// The path of a new user: a workload that is not approved is held, says why on the Deployment, and starts by itself on the
// decision.
func TestHeldThenApprovedThenRunning(t *testing.T) {
	s := newSystem(t)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	must(t, env.admin.Create(t.Context(), s.deployment(web, 3)))
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNotApproved)
	s.havePods(t, 3, 0)
	event := s.event(t, "Deployment", "web", "Held")
	for _, word := range []string{"第12条", application.Name, "情報統括責任者（管理部長）", "kubectl kitei approve " + application.Name} {
		if !strings.Contains(event.Note, word) {
			t.Errorf("the event on the Deployment does not say %q: %s", word, event.Note)
		}
	}

	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, 3)
	s.event(t, "Deployment", "web", "Released")
	approval := get(t, &v1alpha1.ChangeApproval{}, "", application.Name)
	if approval.Status.DecidedBy != "cio" || approval.Status.DecidedAs != v1alpha1.RoleChiefInformationOfficer ||
		approval.Status.DecidedAt == nil || approval.Status.DecidedGeneration != approval.Generation {
		t.Errorf("the decision is not stamped: %+v", approval.Status)
	}
	s.hasCondition(t, v1alpha1.ConditionCleared, metav1.ConditionTrue, "Approved")
}

// The event on a workload does not keep telling what was to be done before.
func TestHeldEventFollowsTheApplication(t *testing.T) {
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.event(t, "Deployment", "web", "Held")
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	eventually(t, "an event says to decide the application", func(ctx context.Context) error {
		var events eventsv1.EventList
		if err := env.admin.List(ctx, &events, client.InNamespace(s.name)); err != nil {
			return err
		}
		for _, event := range events.Items {
			if event.Reason == "Held" && strings.Contains(event.Note, "kubectl kitei approve "+application.Name) {
				return nil
			}
		}
		return fmt.Errorf("none of %d events", len(events.Items))
	})
}

func TestManyPodsAreReleasedTogether(t *testing.T) {
	const many = 300
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, many)))
	s.havePods(t, many, 0)
	s.introduce(t, covered)
	s.havePods(t, 0, many)
	must(t, env.admin.Delete(t.Context(), s.deployment(web, many), client.PropagationPolicy(metav1.DeletePropagationForeground)))
}

// Each way in which an approval ends: new Pods are held again, running ones stay (onRevocation Keep), and the reason is said.
func TestEndOfAnApproval(t *testing.T) {
	tests := map[string]struct {
		end    func(t *testing.T, s *system, approval *v1alpha1.ChangeApproval)
		reason v1alpha1.ClearanceReason
		says   string
	}{
		"revoked": {
			end: func(t *testing.T, _ *system, approval *v1alpha1.ChangeApproval) {
				must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
			},
			reason: v1alpha1.ReasonRevoked, says: "cio により取り消されました",
		},
		"its section is gone": {
			end: func(t *testing.T, s *system, _ *v1alpha1.ChangeApproval) {
				must(t, env.admin.Delete(t.Context(), &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: s.name}}))
			},
			reason: v1alpha1.ReasonNoManagingSection, says: "登録されていません（規程第4条）",
		},
		"its section is abolished": {
			end: func(t *testing.T, s *system, _ *v1alpha1.ChangeApproval) {
				day := v1alpha1.Date("2026-04-01")
				edit(t, &v1alpha1.ManagingSection{}, s.name, func(s *v1alpha1.ManagingSection) { s.Spec.AbolishedOn = &day })
			},
			reason: v1alpha1.ReasonNoManagingSection, says: "2026-04-01に廃止され、引き継ぐ課がありません（規程第4条）",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t)
			approval := s.introduce(t, covered)
			must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
			s.havePods(t, 0, 2)
			test.end(t, s, approval)
			s.becomes(t, v1alpha1.ClearanceHeld, test.reason)
			s.scale(t, 4)
			s.havePods(t, 2, 2)
			s.hasCondition(t, v1alpha1.ConditionCleared, metav1.ConditionFalse, string(test.reason))
			if why := plugin(t, nil, "why", "-n", s.name, "--lang", "ja"); !strings.Contains(why, test.says) {
				t.Errorf("why does not say %q:\n%s", test.says, why)
			}
		})
	}
}

// An approval begins and ends at its times, without anybody writing anything.
func TestApprovalBeginsAndExpiresAtItsTime(t *testing.T) {
	s := newSystem(t)
	begin := metav1.NewTime(time.Now().Add(3 * time.Second))
	end := metav1.NewTime(begin.Add(5 * time.Second))
	application := s.application("introduction", v1alpha1.ChangeIntroduction, covered)
	application.Spec.Scope.NotBefore, application.Spec.Scope.NotAfter = &begin, &end
	s.submit(t, application)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, 1)
	if time.Now().Before(begin.Truncate(time.Second)) {
		t.Error("the Pod ran before its approval began")
	}
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonExpired)
	if time.Now().Before(end.Truncate(time.Second)) {
		t.Error("the approval expired before its time")
	}
	s.scale(t, 2)
	s.havePods(t, 1, 1)
	eventually(t, "the approval says that it expired", func(ctx context.Context) error {
		var approval v1alpha1.ChangeApproval
		if err := env.admin.Get(ctx, client.ObjectKey{Name: application.Name}, &approval); err != nil {
			return err
		}
		return condition(approval.Status.Conditions, v1alpha1.ConditionEffective, metav1.ConditionFalse, "Expired")
	})
}

// With onRevocation Evict the running Pods go when the approval ends, and come back held.
func TestRevocationEvicts(t *testing.T) {
	setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.Enforcement.OnRevocation = v1alpha1.RevocationEvict })
	s, bystander := newSystem(t), newSystem(t)
	approval := s.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 3)))
	s.havePods(t, 0, 3)
	bystander.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), bystander.deployment(web, 1)))
	bystander.havePods(t, 0, 1)
	must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
	s.havePods(t, 3, 0)
	bystander.havePods(t, 0, 1)
}

// An approval that Kitei could not attest clears nothing: here the decision is put into the cluster while its webhooks are
// away.
func TestUnattestedDecisionClearsNothing(t *testing.T) {
	s := newSystem(t)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	withoutWebhooks(t, func() {
		editStatus(t, application.Name, func(status *v1alpha1.ChangeApprovalStatus) {
			now := metav1.Now()
			status.Decision, status.DecidedAt, status.DecidedGeneration = v1alpha1.DecisionApproved, &now, 1
			status.DecidedBy, status.DecidedAs = s.departmentHead, v1alpha1.RoleDepartmentHead
		})
	})
	eventually(t, "the decision is reported as unattested", func(ctx context.Context) error {
		var approval v1alpha1.ChangeApproval
		if err := env.admin.Get(ctx, client.ObjectKey{Name: application.Name}, &approval); err != nil {
			return err
		}
		return condition(approval.Status.Conditions, v1alpha1.ConditionEffective, metav1.ConditionFalse, v1alpha1.ReasonUnattested)
	})
	must(t, s.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
}

// event waits for an event of the reason on an object of the system's namespace.
func (s *system) event(t *testing.T, kind, name, reason string) eventsv1.Event {
	t.Helper()
	return eventIn(t, s.name, kind, name, reason)
}

// eventIn waits for an event of the reason on an object; those on objects without a namespace are in "default".
func eventIn(t *testing.T, namespace, kind, name, reason string) eventsv1.Event {
	t.Helper()
	var found eventsv1.Event
	eventually(t, fmt.Sprintf("event %s on %s %s", reason, kind, name), func(ctx context.Context) error {
		var events eventsv1.EventList
		if err := env.admin.List(ctx, &events, client.InNamespace(namespace)); err != nil {
			return err
		}
		for _, event := range events.Items {
			if event.Reason == reason && event.Regarding.Kind == kind && event.Regarding.Name == name {
				found = event
				return nil
			}
		}
		return fmt.Errorf("not among %d events", len(events.Items))
	})
	return found
}

func (s *system) hasCondition(t *testing.T, kind string, status metav1.ConditionStatus, reason string) {
	t.Helper()
	eventually(t, fmt.Sprintf("condition %s=%s of system %s", kind, status, s.name), func(ctx context.Context) error {
		var entry v1alpha1.ElectronicSystem
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &entry); err != nil {
			return err
		}
		return condition(entry.Status.Conditions, kind, status, reason)
	})
}

func condition(conditions []metav1.Condition, kind string, status metav1.ConditionStatus, reason string) error {
	got := meta.FindStatusCondition(conditions, kind)
	if got == nil || got.Status != status || got.Reason != reason {
		return fmt.Errorf("condition %s is %+v, wanted %s %s", kind, got, status, reason)
	}
	return nil
}

func (s *system) scale(t *testing.T, replicas int32) {
	t.Helper()
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web"}}
	patch := fmt.Sprintf(`{"spec":{"replicas":%d}}`, replicas)
	must(t, env.admin.SubResource("scale").Patch(t.Context(), deployment,
		client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// setRegulation changes the Regulation for the rest of a test.
func setRegulation(t *testing.T, change func(*v1alpha1.Regulation)) {
	t.Helper()
	current := get(t, &v1alpha1.Regulation{}, "", v1alpha1.RegulationName)
	before := current.DeepCopy()
	change(current)
	must(t, env.admin.Patch(t.Context(), current, client.MergeFrom(before)))
	t.Cleanup(func() {
		restored := before.DeepCopy()
		current := &v1alpha1.Regulation{}
		if err := env.admin.Get(context.Background(), client.ObjectKey{Name: v1alpha1.RegulationName}, current); err != nil {
			restored.ResourceVersion, restored.UID = "", ""
			if err := env.admin.Create(context.Background(), restored); err != nil {
				t.Errorf("put the Regulation back: %v", err)
			}
			return
		}
		now := current.DeepCopy()
		current.Spec = before.Spec
		if err := env.admin.Patch(context.Background(), current, client.MergeFrom(now)); err != nil {
			t.Errorf("put the Regulation back: %v", err)
		}
	})
}
