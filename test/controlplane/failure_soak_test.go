package controlplane

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// level is what an operator takes up.
type level struct {
	goroutines int
	heap       float64 // bytes that live
}

func (l level) String() string {
	return fmt.Sprintf("%d goroutines, %.2f MB", l.goroutines, l.heap/1e6)
}

// Systems, namespaces, approvals, Pods and refusals come and go: when all are gone again, the operator has no more goroutines and
// no more memory than after the first of them.
func TestSoak(t *testing.T) {
	const each = 5 // systems at a time
	churns := 3
	// What the operator remembers by design: which events it has told, 8192 of them at the most, and client-go's of some minutes.
	allowed := level{goroutines: 10, heap: 3e6}
	if *long {
		churns, allowed.heap = 300, 20e6
	}
	operator := startMeasured(t)
	churn(t, each)
	before := operator.rest(t)
	for range churns {
		churn(t, each)
	}
	var after level
	eventually(t, "the operator is where it was", func(context.Context) error {
		after = operator.level(t)
		if after.goroutines > before.goroutines+allowed.goroutines || after.heap > before.heap+allowed.heap {
			return fmt.Errorf("it has %s, and had %s", after, before)
		}
		return nil
	})
	t.Logf("%d systems came and went: %s before, %s after", churns*each, before, after)
}

// churn makes systems, takes them through their lives, and removes every trace of them.
func churn(t *testing.T, number int) {
	t.Helper()
	systems := make([]*system, number)
	for i := range systems {
		s := newSystem(t)
		systems[i] = s
		s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
		workload, now := s.deployment(web, 2), int64(0)
		workload.Spec.Template.Spec.TerminationGracePeriodSeconds = &now // or the namespace goes when the Pods' grace has passed
		must(t, env.admin.Create(t.Context(), workload))
	}
	for _, s := range systems {
		s.havePods(t, 2, 0)
		must(t, decide(cio(t), s.name+"-introduction", v1alpha1.DecisionApproved))
	}
	for _, s := range systems {
		s.havePods(t, 0, 2)
		refused(t, s.setImage(t, env.admin, evil), evil)
		unclassified := s.deployment(web, 1)
		unclassified.Name, unclassified.Labels = "unclassified", nil
		unclassified.Spec.Template.Labels = map[string]string{"app": "web"}
		refused(t, env.admin.Create(t.Context(), unclassified), "第26条")
		must(t, decide(cio(t), s.name+"-introduction", v1alpha1.DecisionRevoked))
	}
	for _, s := range systems {
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	}
	withoutWebhooks(t, func() { // an application that was submitted stays otherwise
		for _, s := range systems {
			for _, object := range s.everything() {
				must(t, env.admin.Delete(t.Context(), object))
			}
		}
	})
	for _, s := range systems {
		eventually(t, s.name+" is gone", func(ctx context.Context) error {
			for _, object := range s.everything() {
				if err := env.admin.Get(ctx, client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
					return fmt.Errorf("%T is there: %w", object, err)
				}
			}
			return nil
		})
	}
}

// everything that was made for a system; what is in its namespace goes with it.
func (s *system) everything() []client.Object {
	meta := metav1.ObjectMeta{Name: s.name}
	return []client.Object{
		&corev1.Namespace{ObjectMeta: meta}, &v1alpha1.ElectronicSystem{ObjectMeta: meta}, &v1alpha1.ManagingSection{ObjectMeta: meta},
		&v1alpha1.Department{ObjectMeta: meta}, &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: s.name + "-introduction"}},
	}
}

// measured is an operator whose metrics are read.
type measured struct{ url, token string }

func startMeasured(t *testing.T) measured {
	t.Helper()
	stopOperator(t)
	// The collector runs often, so that what it has not come to yet is little beside what lives.
	t.Setenv("GOGC", "10")
	port, err := kitei.FreePort()
	must(t, err)
	launch(t, func(o *kitei.OperatorOptions) { o.MetricsPort = port })
	const reader = "metrics-of-a-soak"
	must(t, env.admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: reader}}))
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: reader},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kitei-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: reader}},
	}
	must(t, env.admin.Create(t.Context(), binding))
	config, err := env.cluster.ServiceAccountConfig(t.Context(), "default", reader)
	must(t, err)
	return measured{url: fmt.Sprintf("https://127.0.0.1:%d/metrics", port), token: config.BearerToken}
}

// rest is the least that the operator takes up within some seconds, in which nothing is asked of it.
func (m measured) rest(t *testing.T) level {
	t.Helper()
	least := m.level(t)
	for range 10 {
		<-time.After(300 * time.Millisecond)
		now := m.level(t)
		least = level{min(least.goroutines, now.goroutines), min(least.heap, now.heap)}
	}
	return least
}

func (m measured) level(t *testing.T) level {
	t.Helper()
	var body string
	eventually(t, "the metrics are served", func(ctx context.Context) (err error) {
		var status int
		if status, body, err = scrape(ctx, m.url, m.token); err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d", status)
		}
		return err
	})
	var now level
	for lines := bufio.NewScanner(strings.NewReader(body)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case "go_goroutines":
			now.goroutines = int(number)
		case "go_memstats_heap_alloc_bytes":
			now.heap = number
		}
	}
	if now.goroutines == 0 || now.heap == 0 {
		t.Fatalf("the metrics tell neither goroutines nor memory: %s", now)
	}
	return now
}
