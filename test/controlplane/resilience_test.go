package controlplane

import (
	"context"
	"fmt"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
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
			object := get(t, &v1alpha1.ChangeApproval{}, "", approval.Name)
			object.Status.Decision = v1alpha1.DecisionRevoked
			must(t, env.admin.Status().Update(t.Context(), object))
		})
		s.scale(t, 2)
		s.havePods(t, 0, 2)
	})
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	s.scale(t, 3)
	s.havePods(t, 1, 2)
}

// Of two replicas one leads and both serve webhooks: when the leader is killed, decisions are still attested at once, and the
// other takes over.
func TestLeaderIsKilled(t *testing.T) {
	stopOperator(t)
	otherPort, err := kitei.FreePort()
	must(t, err)
	leading := startReplica(t, otherPort) // the webhooks are called at the other replica, which does not lead
	leaderIs := func(ctx context.Context) (string, error) {
		var lease coordinationv1.Lease
		err := env.admin.Get(ctx, client.ObjectKey{Namespace: v1alpha1.OperatorNamespace, Name: "kitei-controller-manager"}, &lease)
		if err != nil || lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
			return "", fmt.Errorf("nobody leads: %w", err)
		}
		return *lease.Spec.HolderIdentity, nil
	}
	var leader string
	eventually(t, "one leads", func(ctx context.Context) (err error) {
		leader, err = leaderIs(ctx)
		return err
	})
	startReplica(t, env.webhookPort)

	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 3)))
	s.havePods(t, 3, 0)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	leading.Kill()
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, 3)
	if now, err := leaderIs(t.Context()); err != nil || now == leader {
		t.Errorf("the leader is %q still (%v)", now, err)
	}
}

// startReplica starts a replica that takes part in the election, for the rest of a test.
func startReplica(t *testing.T, webhookPort int) *kitei.Operator {
	t.Helper()
	config, err := env.cluster.ServiceAccountConfig(t.Context(), v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	must(t, err)
	replica, err := kitei.StartOperator(kitei.OperatorOptions{
		Binary: env.manager, Config: config, Dir: t.TempDir(), WebhookPort: webhookPort, LeaderElect: true,
	})
	must(t, err)
	t.Cleanup(func() { replica.Stop(5 * time.Second) })
	must(t, replica.Ready(t.Context()))
	return replica
}
