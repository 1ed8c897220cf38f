package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// anything of the API server's that an answer is about.
var anything = schema.GroupResource{Resource: "things"}

// faults are answers that the operator gets to two of three of its writes, and whether the write was made all the same. Events are
// let through: client-go gives one up that is refused, and they are news, not records.
var faults = map[string]struct {
	answer *apierrors.StatusError // nil for none: the connection breaks
	made   bool
}{
	"conflict":                     {answer: apierrors.NewConflict(anything, "this", errors.New("it was changed"))},
	"too many requests":            {answer: apierrors.NewTooManyRequestsError("later")},
	"internal error":               {answer: apierrors.NewInternalError(errors.New("etcd is away"))},
	"internal error after a write": {answer: apierrors.NewInternalError(errors.New("etcd is away")), made: true},
	"timeout after a write":        {answer: apierrors.NewTimeoutError("it takes long", 0), made: true},
	"no answer":                    {},
	"no answer after a write":      {made: true},
}

// Whatever becomes of the operator's requests, a decision and its revocation end as they do when nothing is amiss.
func TestFaultsOfTheAPIServer(t *testing.T) {
	proxy := newAPIProxy(t)
	stopOperator(t)
	launch(t, func(o *kitei.OperatorOptions) { o.Config = proxy.through(o.Config) })
	s, application := waitingSystem(t)
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, heldPods)
	s.hasCondition(t, v1alpha1.ConditionCleared, metav1.ConditionTrue, "Approved")
	settledApplication(t, application.Name)
	wanted, err := s.endState(t.Context())
	must(t, err)

	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			var writes, failed atomic.Int64
			var attempts sync.Map // by what is written and by which part of the operator, so that none is always the unlucky one
			proxy.meddle(func(w http.ResponseWriter, r *http.Request, forward http.Handler) bool {
				if r.Method == http.MethodGet || requestClass(r) == "POST events" {
					return false
				}
				writes.Add(1)
				count, _ := attempts.LoadOrStore(r.Method+r.URL.RequestURI(), &atomic.Int64{})
				if count.(*atomic.Int64).Add(1)%3 == 0 {
					return false
				}
				failed.Add(1)
				if fault.made {
					forward.ServeHTTP(httptest.NewRecorder(), r)
				}
				if fault.answer == nil {
					hangUp()
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(int(fault.answer.ErrStatus.Code))
				_ = json.NewEncoder(w).Encode(fault.answer.ErrStatus)
				return true
			})
			defer proxy.meddle(nil)
			decisionTakesItsCourse(t, wanted)
			t.Logf("%d of %d writes failed", failed.Load(), writes.Load())
		})
	}
	t.Run("connections are closed", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			for ticker := time.NewTicker(500 * time.Millisecond); ctx.Err() == nil; <-ticker.C {
				proxy.server.CloseClientConnections()
			}
		}()
		decisionTakesItsCourse(t, wanted)
		stop()
		<-closed
	})
}

// A connection that is dead without either side having closed it, as behind a firewall that forgot it, is noticed, and nothing
// that was said meanwhile is lost.
func TestConnectionThatIsHalfOpen(t *testing.T) {
	relay := newRelay(t, strings.TrimPrefix(env.cluster.Config().Host, "https://"))
	stopOperator(t)
	// The usual 30 and 15 seconds, after which client-go takes a silent connection for dead, only take longer.
	t.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "2")
	t.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "1")
	launch(t, func(o *kitei.OperatorOptions) { o.Config.Host = "https://" + relay.address })
	patientWebhooks(t)
	s, application := waitingSystem(t)
	relay.freeze()
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, heldPods)
}

// decisionTakesItsCourse sees that a decision ends as wanted, and that its revocation holds again.
func decisionTakesItsCourse(t *testing.T, wanted string) {
	t.Helper()
	s, application := waitingSystem(t)
	eventually(t, "it is approved", func(context.Context) error { // its webhook may have met the fault
		return decide(cio(t), application.Name, v1alpha1.DecisionApproved)
	})
	eventually(t, "the end is that of an undisturbed run", func(ctx context.Context) error {
		got, err := s.endState(ctx)
		if diff := cmp.Diff(wanted, got); err == nil && diff != "" {
			return fmt.Errorf("(-wanted +got)\n%s", diff)
		}
		return err
	})
	eventually(t, "it is revoked", func(context.Context) error {
		return decide(cio(t), application.Name, v1alpha1.DecisionRevoked)
	})
	s.isSettled(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked, "Revoked")
	eventually(t, "the Regulation counts the namespaces", regulationCounts)
}

// relay leads connections to an address, byte for byte.
type relay struct {
	address string
	ended   chan struct{}
	mu      sync.Mutex
	frozen  chan struct{} // closed when the connections that took it freeze
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	must(t, err)
	r := &relay{address: listener.Addr().String(), ended: make(chan struct{}), frozen: make(chan struct{})}
	t.Cleanup(func() {
		close(r.ended)
		_ = listener.Close()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to) //nolint:noctx // as above
			if err != nil {
				_ = client.Close()
				continue
			}
			r.mu.Lock()
			frozen := r.frozen
			r.mu.Unlock()
			go r.copy(client, server, frozen)
			go r.copy(server, client, frozen)
		}
	}()
	return r
}

// freeze lets nothing through any more on the connections that are there, and closes none of them. New ones work.
func (r *relay) freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.frozen)
	r.frozen = make(chan struct{})
}

func (r *relay) copy(to, from net.Conn, frozen <-chan struct{}) {
	defer func() { _, _ = to.Close(), from.Close() }()
	for buffer := make([]byte, 32<<10); ; {
		n, err := from.Read(buffer)
		select {
		case <-frozen:
			<-r.ended
			return
		default:
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}
