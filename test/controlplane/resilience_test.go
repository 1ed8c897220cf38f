package controlplane

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// With the operator dead, what is approved keeps going, and what is not stays held.
func TestOperatorDown(t *testing.T) {
	approved, unapproved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), approved.deployment(web, 1)))
	must(t, env.admin.Create(t.Context(), unapproved.deployment(web, 1)))
	approved.havePods(t, 0, 1)
	unapproved.havePods(t, 1, 0)
	waiting := unapproved.submit(t, unapproved.application("introduction", v1alpha1.ChangeIntroduction, covered))

	stopOperator(t)
	approved.scale(t, 5)
	unapproved.scale(t, 5)
	approved.havePods(t, 0, 5)
	unapproved.havePods(t, 5, 0)
	refused(t, decide(cio(t), waiting.Name, v1alpha1.DecisionApproved), "webhook") // nobody can attest it now
	unapproved.havePods(t, 5, 0)
}

// An approval that ends while the operator is down is settled when it is back.
func TestApprovalThatEndsWhileTheOperatorIsDown(t *testing.T) {
	s := newSystem(t)
	approval := s.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 0, 1)
	t.Run("down", func(t *testing.T) {
		stopOperator(t)
		withoutWebhooks(t, func() { // as a revocation whose webhook lived longer than its controller
			editStatus(t, approval.Name, func(status *v1alpha1.ChangeApprovalStatus) { status.Decision = v1alpha1.DecisionRevoked })
		})
		s.scale(t, 2)
		s.havePods(t, 0, 2)
	})
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	s.scale(t, 3)
	s.havePods(t, 1, 2)
}

// Of two replicas one leads and both serve webhooks. The leader is killed in the middle of lifting many gates: whatever the
// webhooks are asked is answered meanwhile, and the other takes over and lifts the rest.
func TestLeaderIsKilled(t *testing.T) {
	const many = 300
	stopOperator(t)
	otherPort, err := kitei.FreePort()
	must(t, err)
	// The webhooks are called at the other replica, which does not lead.
	leading := launch(t, func(o *kitei.OperatorOptions) { o.WebhookPort, o.LeaderElect = otherPort, true })
	var first string
	eventually(t, "one leads", func(ctx context.Context) (err error) {
		if first, err = leader(ctx); err == nil && first == "" {
			err = errors.New("nobody leads")
		}
		return err
	})
	launch(t, func(o *kitei.OperatorOptions) { o.LeaderElect = true })
	answered := streamOfRequests(t)

	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, many)))
	s.havePods(t, many, 0)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	lifted := s.firstGateLifted(t)
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	<-lifted
	leading.Kill()
	t.Logf("killed with %d of %d gates still to lift", s.held(t), many)
	before := answered.Load()
	s.havePods(t, 0, many)
	if now, err := leader(t.Context()); err != nil || now == first {
		t.Errorf("the leader is %q still (%v)", now, err)
	}
	if now := answered.Load(); now == before {
		t.Error("nothing was answered meanwhile")
	}
	must(t, env.admin.Delete(t.Context(), s.deployment(web, many), client.PropagationPolicy(metav1.DeletePropagationForeground)))
}

// firstGateLifted is closed when a Pod of the system is let go.
func (s *system) firstGateLifted(t *testing.T) <-chan struct{} {
	t.Helper()
	watcher, err := client.NewWithWatch(env.cluster.Config(), client.Options{Scheme: env.admin.Scheme()})
	must(t, err)
	pods, err := watcher.Watch(t.Context(), &corev1.PodList{}, client.InNamespace(s.name))
	must(t, err)
	lifted := make(chan struct{})
	go func() {
		defer close(lifted)
		defer pods.Stop()
		for event := range pods.ResultChan() {
			if pod, is := event.Object.(*corev1.Pod); is && !gated(pod) {
				return
			}
		}
	}()
	return lifted
}

// held counts the Pods of the system that wait.
func (s *system) held(t *testing.T) (held int) {
	t.Helper()
	pods, err := s.pods(t.Context())
	must(t, err)
	for i := range pods {
		if gated(&pods[i]) {
			held++
		}
	}
	return held
}
