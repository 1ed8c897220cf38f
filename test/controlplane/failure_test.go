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
	approved, unapproved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	var asked, answered atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var streams sync.WaitGroup
	for _, s := range []*system{approved, unapproved} {
		streams.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				pod := s.pod(fmt.Sprintf("stream-%d", i), web)
				asked.Add(1)
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
	for range restarts {
		before := answered.Load()
		must(t, env.cluster.RestartAPIServer(t.Context()))
		eventually(t, "it answers again", func(context.Context) error {
			if answered.Load() < before+20 {
				return fmt.Errorf("%d answers since the restart", answered.Load()-before)
			}
			return nil
		})
	}
	stop()
	streams.Wait()
	t.Logf("%d restarts, %d creates, %d of them answered", restarts, asked.Load(), answered.Load())
	late := newSystem(t) // and the operator has found its way back
	late.introduce(t, covered)
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
