package controlplane

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// What a Pod's end takes in these tests: the endpoint goes some time after the Pod began to end, and the Pod's process is asked
// to end after the preStop hook of config/manager. Both are a fifth of what they are there.
const (
	endpointLag = 600 * time.Millisecond
	preStop     = time.Second
)

// A rolling update of two replicas, again and again, under a stream of everything that the webhooks answer: not one request is
// refused, whichever replica the API server's connections lead to.
func TestRollingUpdateRefusesNothing(t *testing.T) {
	updates := 1
	if *long {
		updates = 20
	}
	stopOperator(t)
	webhooks := newService(t, env.webhookPort)
	var running []*replicaPod
	for range 2 {
		running = append(running, webhooks.start(t))
	}
	answered := streamOfRequests(t)
	for range updates {
		for i, old := range running {
			running[i] = webhooks.start(t) // maxSurge 1, maxUnavailable 0
			webhooks.end(t, old)
			before := answered.Load()
			eventually(t, "requests are answered after a replica ended", func(context.Context) error {
				if now := answered.Load(); now < before+30 {
					return fmt.Errorf("%d are", now-before)
				}
				return nil
			})
		}
	}
	t.Logf("%d requests during %d updates", answered.Load(), updates)
	s := newSystem(t)
	s.introduce(t, covered) // one of those that run leads
}

// A replica that ends gives its lease back, so that the next one leads at once. client-go lets it go where it was just renewing it
// (the next one waits then), so one of a few must.
func TestLeaseIsReleased(t *testing.T) {
	stopOperator(t)
	for range 3 {
		replica := launch(t, func(o *kitei.OperatorOptions) { o.LeaderElect = true })
		eventually(t, "it leads", func(ctx context.Context) error {
			if holder, err := leader(ctx); err != nil || holder == "" {
				return fmt.Errorf("the leader is %q: %w", holder, err)
			}
			return nil
		})
		must(t, replica.Terminate(t.Context()))
		holder, err := leader(t.Context())
		must(t, err)
		if holder == "" {
			return
		}
		t.Logf("the lease is held by %q still", holder)
	}
	t.Error("no replica gave its lease back")
}

// leader is who holds the lease; empty when nobody does.
func leader(ctx context.Context) (string, error) {
	var lease coordinationv1.Lease
	err := env.admin.Get(ctx, client.ObjectKey{Namespace: v1alpha1.OperatorNamespace, Name: "kitei-controller-manager"}, &lease)
	if err != nil || lease.Spec.HolderIdentity == nil {
		return "", err
	}
	return *lease.Spec.HolderIdentity, nil
}

// service stands in for the webhooks' Service: a new connection is led to one of the endpoints, and stays there as long as both
// sides keep it, whatever becomes of the endpoint. So does kube-proxy.
type service struct {
	mu        sync.Mutex
	endpoints []*replicaPod
	next      int
}

// replicaPod is a replica behind a service.
type replicaPod struct {
	*kitei.Operator
	port int
}

func newService(t *testing.T, port int) *service {
	t.Helper()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // it ends with the test
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	s := &service{}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.lead(connection)
		}
	}()
	return s
}

// lead connects a client with an endpoint.
func (s *service) lead(caller net.Conn) {
	defer func() { _ = caller.Close() }()
	s.mu.Lock()
	if len(s.endpoints) == 0 {
		s.mu.Unlock()
		return
	}
	port := s.endpoints[s.next%len(s.endpoints)].port
	s.next++
	s.mu.Unlock()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // as above
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var copying sync.WaitGroup
	for _, pair := range [][2]net.Conn{{caller, server}, {server, caller}} {
		copying.Go(func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].(*net.TCPConn).CloseWrite()
		})
	}
	copying.Wait()
}

// start starts a replica, which becomes an endpoint when it is ready.
func (s *service) start(t *testing.T) *replicaPod {
	t.Helper()
	port, err := kitei.FreePort()
	must(t, err)
	pod := &replicaPod{port: port, Operator: launch(t, func(o *kitei.OperatorOptions) {
		o.WebhookPort, o.LeaderElect = port, true
	})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints = append(s.endpoints, pod)
	return pod
}

// end ends a replica as its Pod would end.
func (s *service) end(t *testing.T, pod *replicaPod) {
	t.Helper()
	<-time.After(endpointLag)
	s.mu.Lock()
	for i, other := range s.endpoints {
		if other == pod {
			s.endpoints = append(s.endpoints[:i:i], s.endpoints[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	<-time.After(preStop - endpointLag)
	must(t, pod.Terminate(t.Context()))
}

// streamOfRequests asks the webhooks for everything that they answer, as people do, until the test ends. None may fail. It
// counts what was answered.
func streamOfRequests(t *testing.T) *atomic.Int64 {
	t.Helper()
	patientWebhooks(t)
	s := newSystem(t)
	s.introduce(t, covered)
	applicant, decider, registrar, user := as(t, s.departmentHead), cio(t), as(t, s.sectionHead), as(t, "deployer")
	streams := map[string]func(context.Context, int) error{
		"submission and decisions": func(ctx context.Context, i int) error {
			application := s.application(fmt.Sprintf("stream-%d", i), v1alpha1.ChangeModification, covered)
			if err := applicant.Create(ctx, application); err != nil {
				return err
			}
			if err := decide(decider, application.Name, v1alpha1.DecisionApproved); err != nil {
				return err
			}
			return decide(decider, application.Name, v1alpha1.DecisionRevoked)
		},
		"register entry": func(ctx context.Context, i int) error {
			entry := &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: s.name}}
			patch := fmt.Sprintf(`{"spec":{"duty":"試験事務 %d"}}`, i)
			return registrar.Patch(ctx, entry, client.RawPatch(types.MergePatchType, []byte(patch)))
		},
		"workload": func(ctx context.Context, _ int) error {
			return user.Create(ctx, s.deployment(web, 1), client.DryRunAll)
		},
	}
	var answered atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for what, ask := range streams {
		running.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := ask(ctx, i); err != nil && ctx.Err() == nil {
					t.Errorf("%s %d: %v", what, i, err)
				}
				answered.Add(1)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return &answered
}

// patientWebhooks lets the API server wait for the webhooks as long as it may, for the rest of a test: a busy machine is slow to
// answer, and that is no failure.
func patientWebhooks(t *testing.T) {
	t.Helper()
	usual := map[string]*int32{}
	wait := func(ctx context.Context, timeout func(webhook string, is *int32) *int32) error {
		return retry.RetryOnConflict(retry.DefaultRetry, func() error {
			var mutating admissionregistrationv1.MutatingWebhookConfiguration
			if err := env.admin.Get(ctx, client.ObjectKey{Name: "kitei-mutating"}, &mutating); err != nil {
				return err
			}
			for i := range mutating.Webhooks {
				webhook := &mutating.Webhooks[i]
				webhook.TimeoutSeconds = timeout("mutating "+webhook.Name, webhook.TimeoutSeconds)
			}
			if err := env.admin.Update(ctx, &mutating); err != nil {
				return err
			}
			var validating admissionregistrationv1.ValidatingWebhookConfiguration
			if err := env.admin.Get(ctx, client.ObjectKey{Name: "kitei-validating"}, &validating); err != nil {
				return err
			}
			for i := range validating.Webhooks {
				webhook := &validating.Webhooks[i]
				webhook.TimeoutSeconds = timeout("validating "+webhook.Name, webhook.TimeoutSeconds)
			}
			return env.admin.Update(ctx, &validating)
		})
	}
	longest := int32(30)
	must(t, wait(t.Context(), func(webhook string, is *int32) *int32 {
		if usual[webhook] == nil {
			usual[webhook] = is
		}
		return &longest
	}))
	t.Cleanup(func() {
		if err := wait(context.Background(), func(webhook string, _ *int32) *int32 { return usual[webhook] }); err != nil {
			t.Errorf("make the webhooks wait as usual: %v", err)
		}
	})
}
