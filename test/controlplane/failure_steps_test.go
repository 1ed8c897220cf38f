package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// heldPods are the Pods that wait for each decision of these tests.
const heldPods = 5

// step is a request of the operator at which it is killed: the n-th of its class since the decision.
type step struct {
	class string
	n     int
	// after the API server has answered, and before the operator has heard; otherwise the request never arrives.
	after bool
}

func (s step) String() string {
	when := "before"
	if s.after {
		when = "after"
	}
	return fmt.Sprintf("%s %s %d", when, s.class, s.n)
}

// The operator is killed before and after each request that it makes between a decision and the last gate, and started again:
// the end is the same as that of a run that nothing disturbed, and nothing was done twice. The short form leaves out what comes
// before a write, and the reads that change nothing.
func TestOperatorIsKilledAtEachStep(t *testing.T) {
	proxy := newAPIProxy(t)
	stopOperator(t)
	through := func(o *kitei.OperatorOptions) { o.Config = proxy.through(o.Config) }
	replica := launch(t, through)

	undisturbed, application := waitingSystem(t)
	counts := &requestCount{of: undisturbed.name}
	proxy.meddle(counts.see)
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	undisturbed.havePods(t, 0, heldPods)
	undisturbed.hasCondition(t, v1alpha1.ConditionCleared, metav1.ConditionTrue, "Approved")
	settledApplication(t, application.Name)
	undisturbed.event(t, "Deployment", "web", "Released")
	eventually(t, "the Regulation counts the namespaces", regulationCounts)
	wanted, err := undisturbed.endState(t.Context())
	must(t, err)
	steps := counts.steps(t)
	t.Logf("%d steps; an undisturbed run made %v", len(steps), counts.seen())

	type waiting struct {
		*system
		application string
	}
	victims := make([]waiting, 0, len(steps))
	proxy.meddle(nil)
	for range steps {
		s, application := waitingSystem(t)
		victims = append(victims, waiting{s, application.Name})
	}
	whole := t
	var ends []func(*testing.T) // seen after all steps: a notice that was begun when the operator died goes out half a minute later
	for i, at := range steps {
		t.Run(at.String(), func(t *testing.T) {
			s, application := victims[i].system, victims[i].application
			before := s.podUIDs(t)
			killed := make(chan struct{})
			victim, counts := replica, &requestCount{of: s.name}
			proxy.meddle(counts.killAt(at, func() {
				victim.Kill()
				close(killed)
			}))
			refusal := decide(cio(t), application, v1alpha1.DecisionApproved)
			eventually(t, "the operator is killed", func(context.Context) error {
				select {
				case <-killed:
					return nil
				default:
					return fmt.Errorf("the step has not come: %v", counts.seen())
				}
			})
			proxy.meddle(nil)
			replica = launch(whole, through) // for the steps that follow too
			if refusal != nil {              // killed while it attested the decision: nothing was decided, and the person tries again
				refused(t, refusal, "failed calling webhook")
				if got := get(t, &v1alpha1.ChangeApproval{}, "", application).Status.Decision; got != "" {
					t.Errorf("the decision was refused, and is %s", got)
				}
				must(t, decide(cio(t), application, v1alpha1.DecisionApproved))
			}
			s.havePods(t, 0, heldPods)
			ends = append(ends, func(t *testing.T) {
				t.Helper()
				eventually(t, "the end after "+at.String()+" is that of an undisturbed run", func(ctx context.Context) error {
					got, err := s.endState(ctx)
					if diff := cmp.Diff(wanted, got); err == nil && diff != "" {
						return fmt.Errorf("(-wanted +got)\n%s", diff)
					}
					return err
				})
				if diff := cmp.Diff(before, s.podUIDs(t)); diff != "" {
					t.Errorf("%s: Pods were replaced (-before +after):\n%s", at, diff)
				}
				s.eventsAreNotRepeated(t)
			})
		})
	}
	for _, end := range ends {
		end(t)
	}
	eventually(t, "the Regulation counts the namespaces", regulationCounts)
}

// waitingSystem is a system with held Pods and an application that waits for its decision, when the operator has said of them
// what there is to say and is at rest.
func waitingSystem(t *testing.T) (*system, *v1alpha1.ChangeApproval) {
	t.Helper()
	s := newSystem(t)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNotApproved)
	eventually(t, "the namespace tells of the application", func(ctx context.Context) error {
		var namespace corev1.Namespace
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
			return err
		}
		if why := namespace.Annotations[v1alpha1.AnnotationMessage]; !strings.Contains(why, application.Name) {
			return fmt.Errorf("it says %q", why)
		}
		return nil
	})
	must(t, env.admin.Create(t.Context(), s.deployment(web, heldPods)))
	s.havePods(t, heldPods, 0)
	s.event(t, "Deployment", "web", "Held")
	s.hasCondition(t, v1alpha1.ConditionCleared, metav1.ConditionFalse, "NotApproved")
	eventually(t, "the Regulation counts the namespaces", regulationCounts)
	return s, settledApplication(t, application.Name)
}

// requestCount counts the operator's requests about one system by their class.
type requestCount struct {
	of string
	mu sync.Mutex
	n  map[string]int
}

// see counts a request and lets it pass.
func (c *requestCount) see(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
	c.count(r)
	return false
}

// count returns the class of a request and its number in it; 0 for one about something else.
func (c *requestCount) count(r *http.Request) (class string, n int) {
	class = requestClass(r)
	content, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(content))
	switch class {
	case "GET regulations", "PATCH regulations/status": // there is but one, and these are about every system
	default:
		named := regexp.MustCompile(regexp.QuoteMeta(c.of) + `\b`)
		if strings.HasPrefix(class, "WATCH") || !named.MatchString(r.URL.Path) && !named.Match(content) {
			return class, 0
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[class]++
	return class, c.n[class]
}

func (c *requestCount) seen() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}

// steps are those at which to kill the operator: around the first and the last request of each class that was seen;
// in the long form the middle one too.
func (c *requestCount) steps(t *testing.T) []step {
	t.Helper()
	seen := c.seen()
	for _, class := range []string{"GET regulations", "PATCH changeapprovals/status", "PATCH electronicsystems/status",
		"PATCH namespaces", "PATCH pods", "PATCH regulations/status", "POST events"} {
		if seen[class] == 0 {
			t.Errorf("no %s was seen: %v", class, seen)
		}
	}
	if seen["PATCH pods"] < heldPods {
		t.Errorf("%d gates were lifted, of %d", seen["PATCH pods"], heldPods)
	}
	seen["PATCH pods"] = heldPods // a Pod that changes meanwhile is asked for again, and the patch's own test refuses that
	var steps []step
	for _, class := range slices.Sorted(maps.Keys(seen)) {
		last := seen[class]
		if class == "PATCH changeapprovals/status" { // how often a writer meets another's write, and writes again, differs
			last = last * 2 / 3
		}
		numbers := []int{1, last}
		if *long {
			numbers = []int{1, (last + 1) / 2, last}
		}
		webhook := class == "GET regulations"
		if webhook { // the one that stamps, and the one that checks
			numbers = []int{1, 2}
		}
		for _, n := range slices.Compact(numbers) {
			if *long || webhook {
				steps = append(steps, step{class, n, false})
			}
			if *long || !strings.HasPrefix(class, "GET") {
				steps = append(steps, step{class, n, true})
			}
		}
	}
	return steps
}

// killAt kills the operator at a step. Of what it asks for from then on nothing arrives: its gates are lifted side by side.
func (c *requestCount) killAt(at step, kill func()) meddler {
	var dead atomic.Bool
	return func(_ http.ResponseWriter, r *http.Request, forward http.Handler) bool {
		class, n := c.count(r)
		if class == at.class && n > at.n || dead.Load() {
			hangUp()
		}
		if class != at.class || n != at.n {
			return false
		}
		dead.Store(true)
		if at.after {
			forward.ServeHTTP(httptest.NewRecorder(), r)
		}
		kill()
		hangUp()
		return true
	}
}

var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[^\s"]*`)

// endState is all that a decision leads to, without names and times.
func (s *system) endState(ctx context.Context) (string, error) {
	var namespace corev1.Namespace
	var entry v1alpha1.ElectronicSystem
	var approval v1alpha1.ChangeApproval
	for name, object := range map[string]client.Object{s.name: &namespace, s.name + "-introduction": &approval} {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
			return "", err
		}
	}
	if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &entry); err != nil {
		return "", err
	}
	for i := range approval.Status.Notifications { // how often it was tried, and what failed meanwhile, is no part of the end
		record := &approval.Status.Notifications[i]
		record.Attempts, record.LastFailure, record.LastAttemptAt = 0, "", nil
	}
	slices.SortFunc(approval.Status.Notifications, func(a, b v1alpha1.NotificationRecord) int { // the channels race
		return strings.Compare(string(a.Channel)+string(a.Decision), string(b.Channel)+string(b.Decision))
	})
	sealed := approval.Status.Seal != "" && approval.Spec.Submission.Seal != "" // each with one of its own
	approval.Status.Seal, approval.Spec.Submission.Seal = "", ""
	pods, err := s.pods(ctx)
	if err != nil {
		return "", err
	}
	states := make([]string, 0, len(pods))
	for i := range pods {
		states = append(states, fmt.Sprintf("%s %v", pods[i].Status.Phase, pods[i].Spec.SchedulingGates))
	}
	content, err := yaml.Marshal(map[string]any{
		"labels": namespace.Labels, "annotations": namespace.Annotations, "system": entry.Status,
		"application": approval.Spec, "decision": approval.Status, "sealed": sealed, "pods": states,
	})
	return moments.ReplaceAllString(strings.ReplaceAll(string(content), s.name, "SYSTEM"), "TIME"), err
}

func (s *system) podUIDs(t *testing.T) []string {
	t.Helper()
	pods, err := s.pods(t.Context())
	must(t, err)
	uids := make([]string, 0, len(pods))
	for i := range pods {
		uids = append(uids, string(pods[i].UID))
	}
	slices.Sort(uids)
	return uids
}

// eventsAreNotRepeated sees that each life of the operator, there were two, told of the decision at most once.
func (s *system) eventsAreNotRepeated(t *testing.T) {
	t.Helper()
	told := map[string]int{}
	for _, namespace := range []string{s.name, metav1.NamespaceDefault} {
		var events eventsv1.EventList
		must(t, env.admin.List(t.Context(), &events, client.InNamespace(namespace)))
		for _, event := range events.Items {
			if event.Regarding.Name == s.name || event.Regarding.Namespace == s.name {
				if event.Series != nil {
					told[event.Reason] += int(event.Series.Count)
				} else {
					told[event.Reason]++
				}
			}
		}
	}
	if told["Released"] > 2 || told["ClearanceChanged"] > 3 { // unregistered or not, held, and approved
		t.Errorf("events were repeated: %v", told)
	}
}

// regulationCounts checks that the Regulation's status counts the namespaces as they are.
func regulationCounts(ctx context.Context) error {
	var namespaces corev1.NamespaceList
	var regulation v1alpha1.Regulation
	if err := env.admin.List(ctx, &namespaces); err != nil {
		return err
	}
	if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &regulation); err != nil {
		return err
	}
	live, counted := map[v1alpha1.Clearance]int32{}, map[v1alpha1.Clearance]int32{}
	for i := range namespaces.Items {
		if clearance := v1alpha1.Clearance(namespaces.Items[i].Labels[v1alpha1.LabelClearance]); clearance != "" {
			live[clearance]++
		}
	}
	for _, count := range regulation.Status.Namespaces {
		counted[count.Clearance] = count.Count
	}
	if diff := cmp.Diff(live, counted); diff != "" {
		return fmt.Errorf("(-live +counted):\n%s", diff)
	}
	return nil
}
