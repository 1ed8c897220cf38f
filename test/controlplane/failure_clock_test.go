package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
	"kitei.dev/kitei/internal/operator"
)

// movableClock is the machine's clock, moved.
type movableClock struct{ moved atomic.Int64 }

// Now is the machine's time, moved. Like the machine's own it has no part of the timers, which go by another clock.
func (c *movableClock) Now() time.Time { return time.Now().Round(0).Add(time.Duration(c.moved.Load())) }

// Since is the time since a moment of this clock.
func (c *movableClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c *movableClock) move(by time.Duration) { c.moved.Store(int64(by)) }

// The clock is moved across the moments at which approvals begin, end and lapse and a section is abolished, forwards and back again, as
// after a machine slept or was set right: what holds by the clock then is settled, though no timer ran out. The operator runs in
// the test's process here, because nobody may set the machine's clock.
func TestClockIsMoved(t *testing.T) {
	clock := &movableClock{}
	startInProcess(t, clock)
	ending, beginning, abolished := newSystem(t), newSystem(t), newSystem(t)
	tomorrow := metav1.NewTime(clock.Now().Add(24 * time.Hour))
	approve := func(s *system, scope v1alpha1.ApprovalScope) {
		application := s.application("introduction", v1alpha1.ChangeIntroduction)
		application.Spec.Scope = scope
		application.Spec.Scope.Images = []v1alpha1.ImagePattern{covered}
		s.submit(t, application)
		must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	}
	approve(ending, v1alpha1.ApprovalScope{NotAfter: &tomorrow})
	approve(beginning, v1alpha1.ApprovalScope{NotBefore: &tomorrow})
	approve(abolished, v1alpha1.ApprovalScope{})
	day := v1alpha1.Date(tomorrow.Add(24 * time.Hour).Format(time.DateOnly))
	edit(t, &v1alpha1.ManagingSection{}, abolished.name, func(s *v1alpha1.ManagingSection) { s.Spec.AbolishedOn = &day })

	today := func() {
		ending.isSettled(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved, "InEffect")
		beginning.isSettled(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNotYetInEffect, "NotYetInEffect")
		abolished.isSettled(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved, "InEffect")
		abolished.sectionManages(t, 1)
	}
	today()
	owing := approvedInUrgency(t)
	for _, s := range []*system{ending, owing} {
		must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
		s.havePods(t, 0, 1)
	}

	clock.move(100 * time.Hour)
	ending.isSettled(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonExpired, "Expired")
	beginning.isSettled(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved, "InEffect")
	abolished.isSettled(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNoManagingSection, "InEffect")
	abolished.sectionManages(t, 0)
	owing.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonUnratified)
	for _, s := range []*system{ending, owing} {
		s.scale(t, 2)
		s.havePods(t, 1, 1)
	}

	clock.move(0)
	today()
	ending.havePods(t, 0, 2)
	owing.havePods(t, 0, 2)
}

// approvedInUrgency is a system whose introduction was approved before its committee met, which has a day to ratify it.
func approvedInUrgency(t *testing.T) *system {
	t.Helper()
	b := newBoard(t)
	b.steered(t)
	setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.RatificationDays = 1 })
	s := b.inNamespaces(t, b.name)
	a := papered(b.application(v1alpha1.ChangeIntroduction))
	a.Spec.Urgency = &v1alpha1.Urgency{Reason: "法令改正"}
	must(t, b.as(departmentHead).Create(t.Context(), a))
	must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionApproved))
	return s
}

// isSettled waits until Namespace, register entry and approval say the same.
func (s *system) isSettled(t *testing.T, clearance v1alpha1.Clearance, reason v1alpha1.ClearanceReason, effective string) {
	t.Helper()
	s.becomes(t, clearance, reason)
	cleared, inEffect := metav1.ConditionFalse, metav1.ConditionFalse
	if clearance == v1alpha1.ClearanceImages {
		cleared = metav1.ConditionTrue
	}
	if effective == "InEffect" {
		inEffect = metav1.ConditionTrue
	}
	s.hasCondition(t, v1alpha1.ConditionCleared, cleared, string(reason))
	eventually(t, "the approval is "+effective, func(ctx context.Context) error {
		var approval v1alpha1.ChangeApproval
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name + "-introduction"}, &approval); err != nil {
			return err
		}
		return condition(approval.Status.Conditions, v1alpha1.ConditionEffective, inEffect, effective)
	})
}

// sectionManages waits until the system's section says how many systems it manages.
func (s *system) sectionManages(t *testing.T, count int32) {
	t.Helper()
	eventually(t, fmt.Sprintf("the section manages %d systems", count), func(ctx context.Context) error {
		var section v1alpha1.ManagingSection
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &section); err != nil {
			return err
		}
		if section.Status.ElectronicSystems != count {
			return fmt.Errorf("it manages %d", section.Status.ElectronicSystems)
		}
		return nil
	})
}

// startInProcess runs the operator in this process, once: its controllers have names that a process may use once.
func startInProcess(t *testing.T, clock *movableClock) {
	t.Helper()
	stopOperator(t)
	config, err := env.cluster.ServiceAccountConfig(t.Context(), v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	must(t, err)
	probe, err := kitei.FreePort()
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- operator.Run(ctx, config, operator.Options{
			MetricsAddress: "0", ProbeAddress: fmt.Sprintf("127.0.0.1:%d", probe),
			WebhookHost: "127.0.0.1", WebhookPort: env.webhookPort,
			Certificates: operator.CertificatesSelf, CertDir: t.TempDir(), DNSNames: []string{"localhost"}, Clock: clock,
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the operator ended: %v", err)
		}
	})
	eventually(t, "the operator is ready", func(ctx context.Context) error {
		status, _, err := scrape(ctx, fmt.Sprintf("http://127.0.0.1:%d/readyz", probe), "")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	})
}
