package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// The API server restarts again and again under a stream of creates: whatever it answers is right from its first answer on.
// No Pod of an approved system is refused by Kitei, and none of another is let in to run.
func TestAPIServerRestarts(t *testing.T) {
	restarts := 3
	if *long {
		restarts = 20
	}
	answered := streamOfPods(t)
	for range restarts {
		before := answered.Load()
		must(t, env.cluster.RestartAPIServer(t.Context()))
		eventually(t, "it answers again", func(context.Context) error {
			if now := answered.Load(); now < before+20 {
				return fmt.Errorf("%d answers since the restart", now-before)
			}
			return nil
		})
	}
	t.Logf("%d restarts, %d creates answered", restarts, answered.Load())
	late := newSystem(t) // and the operator has found its way back
	late.introduce(t, covered)
}

// Etcd stands still most of the time, so that every write takes long: verdicts remain right, what is decided takes effect, and
// all is well afterwards.
func TestEtcdIsSlow(t *testing.T) {
	const stands, runs = 1200 * time.Millisecond, 300 * time.Millisecond
	systems := 2
	if *long {
		systems = 20
	}
	patientWebhooks(t)
	answered := streamOfPods(t)
	ctx, heal := context.WithCancel(t.Context())
	var slowing sync.WaitGroup
	slowing.Go(func() {
		for ctx.Err() == nil {
			resume, err := env.cluster.PauseEtcd()
			if err != nil {
				t.Error(err)
				return
			}
			<-time.After(stands)
			if err := resume(); err != nil {
				t.Error(err)
			}
			<-time.After(runs)
		}
	})
	t.Cleanup(func() {
		heal()
		slowing.Wait()
	})
	for range systems {
		s := newSystem(t)
		must(t, env.admin.Create(t.Context(), s.deployment(web, 3)))
		s.havePods(t, 3, 0)
		approval := s.introduce(t, covered)
		s.havePods(t, 0, 3)
		must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
		s.settles(t, true)
		s.scale(t, 4)
		s.havePods(t, 1, 3)
	}
	heal()
	slowing.Wait()
	t.Logf("%d creates answered meanwhile", answered.Load())
	before := answered.Load()
	eventually(t, "it answers as ever", func(context.Context) error {
		if now := answered.Load(); now < before+20 {
			return fmt.Errorf("%d answers since", now-before)
		}
		return nil
	})
}

// streamOfPods creates Pods of an approved system and of another until the test ends. Whatever the API server answers must be
// right; that it does not answer is no matter here. It counts the answers.
func streamOfPods(t *testing.T) *atomic.Int64 {
	t.Helper()
	approved, unapproved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	eventually(t, "the policies see the approval", func(ctx context.Context) error {
		pod := approved.pod("probe", web)
		if err := env.admin.Create(ctx, pod, client.DryRunAll); err != nil || gated(pod) {
			return fmt.Errorf("a Pod has gates %v (%w)", pod.Spec.SchedulingGates, err)
		}
		return nil
	})
	var answered atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var streams sync.WaitGroup
	for _, s := range []*system{approved, unapproved} {
		streams.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				pod := s.pod(fmt.Sprintf("stream-%d", i), web)
				err := env.admin.Create(ctx, pod, client.DryRunAll)
				switch {
				case err == nil:
					answered.Add(1)
					if gated(pod) != (s == unapproved) {
						t.Errorf("a Pod of %s is let in with gates %v", s.name, pod.Spec.SchedulingGates)
					}
				case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "kitei-"):
					t.Errorf("a Pod of %s is refused: %v", s.name, err)
				}
			}
		})
	}
	t.Cleanup(func() {
		stop()
		streams.Wait()
	})
	return &answered
}

// The certificate of the webhooks is renewed under a stream of requests: none of them fails for it.
func TestCertificateIsRenewedUnderTraffic(t *testing.T) {
	s := newSystem(t)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	before := servedCertificate(t)
	secret := get(t, &corev1.Secret{}, v1alpha1.OperatorNamespace, "kitei-webhook-certs")
	changed := secret.DeepCopy()
	delete(changed.Data, corev1.TLSCertKey)
	delete(changed.Data, corev1.TLSPrivateKeyKey)
	must(t, env.admin.Update(t.Context(), changed))
	decider := cio(t)
	requests := 0
	eventually(t, "the new certificate is served", func(ctx context.Context) error {
		object := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: application.Name}}
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":{"decision":"Approved"}}`))
		must(t, decider.Status().Patch(ctx, object, patch, client.DryRunAll))
		requests++
		if servedCertificate(t).Equal(before) {
			return fmt.Errorf("the old one is served still")
		}
		return nil
	})
	must(t, decide(decider, application.Name, v1alpha1.DecisionApproved))
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	t.Logf("%d requests meanwhile", requests)
}

func servedCertificate(t *testing.T) *x509.Certificate {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // it is only looked at
	connection, err := dialer.DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", env.webhookPort))
	must(t, err)
	defer func() { _ = connection.Close() }()
	return connection.(*tls.Conn).ConnectionState().PeerCertificates[0]
}
