package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// From the previous version to this one, by "make install" over it, under streams of requests: what is approved is never
// refused, what is not never runs, and no webhook fails to answer. Between versions that stamp otherwise an application or a
// decision may be refused in the seconds in which both answer.
func TestUpgradeKeepsEnforcing(t *testing.T) {
	startClean(t)
	checkouts := map[string]string{previous: patient(t, env.previous), current: patient(t, env.root)}
	_, err := sh(t, checkouts[previous], "make install IMAGE="+previous)
	must(t, err)
	applyBoth(t, env.previous)

	traffic := startTraffic(t)
	traffic.flow(t, 5)
	traffic.mixed.Store(true)
	_, err = sh(t, checkouts[current], install)
	must(t, err)
	havePods(t, "kitei-system", 0, 2) // those of the previous version have gone
	traffic.mixed.Store(false)
	applyRegister(t, env.root)
	traffic.flow(t, 5)
	traffic.end(t)

	var pods corev1.PodList
	must(t, env.admin.List(lasting(t), &pods, client.InNamespace(v1alpha1.OperatorNamespace)))
	for _, pod := range pods.Items {
		if image := pod.Spec.Containers[0].Image; image != current {
			t.Errorf("Pod %s runs %s", pod.Name, image)
		}
	}
	// What the previous version held is let go by this one.
	do(t, "kubectl delete pods -n residents -l stream --grace-period=1")
	havePods(t, "residents", 3, 0)
	must(t, submit(lasting(t), as(t, "digital-head", "arakawa:section:digital-promotion:head"), "r8-residents", "resident-record"))
	approve(t, "r8-residents")
	havePods(t, "residents", 0, 3)
}

// patient is a copy of what a checkout installs whose webhooks may take long: how fast a busy machine is, is not what is tested.
func patient(t *testing.T, checkout string) string {
	t.Helper()
	dir := t.TempDir()
	webhooks := dir + "/config/webhook/manifests.yaml"
	do(t, "cp -r "+checkout+"/Makefile "+checkout+"/config "+dir)
	do(t, "sed -i 's/timeoutSeconds: 5$/timeoutSeconds: 30/' "+webhooks+" && grep -q 'timeoutSeconds: 30' "+webhooks)
	return dir
}

// traffic are streams of requests, each of which must have its one right answer.
type traffic struct {
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	count   map[string]int
	longest map[string]time.Duration
	wrong   []string
	mixed   atomic.Bool // both versions may answer

	applicant, cio client.Client
}

func startTraffic(t *testing.T) *traffic {
	t.Helper()
	f := &traffic{count: map[string]int{}, longest: map[string]time.Duration{}}
	f.applicant = as(t, "digital-head", "arakawa:section:digital-promotion:head")
	f.cio = as(t, "cio", "arakawa:department:management:head")
	var ctx context.Context
	ctx, f.stop = context.WithCancel(lasting(t))
	for name, stream := range map[string]func(context.Context, int) error{
		"an approved Pod":                 f.approvedPod,
		"an approved Deployment":          f.approvedDeployment,
		"a Pod that is not approved":      f.heldPod,
		"an image that is not covered":    f.uncoveredPod,
		"an application and its decision": f.decision,
		"a decision without the office":   f.forgedDecision,
	} {
		f.running.Go(func() {
			pace := time.NewTicker(300 * time.Millisecond) // a stream, not a flood
			defer pace.Stop()
			for i := 0; ; i++ {
				select {
				case <-ctx.Done():
					return
				case <-pace.C:
				}
				started := time.Now()
				err := stream(ctx, i)
				if ctx.Err() != nil {
					return
				}
				f.mu.Lock()
				f.count[name]++
				f.longest[name] = max(f.longest[name], time.Since(started))
				if err != nil {
					f.wrong = append(f.wrong, fmt.Sprintf("%s, %d: %v", name, i, err))
				}
				f.mu.Unlock()
			}
		})
	}
	return f
}

// flow waits until each stream had so many more requests.
func (f *traffic) flow(t *testing.T, more int) {
	t.Helper()
	counts := func() map[string]int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return maps.Clone(f.count)
	}
	before := counts()
	eventually(t, "the streams flow", func(context.Context) error {
		now := counts()
		for name, n := range now {
			if n < before[name]+more {
				return fmt.Errorf("%s: %d", name, n)
			}
		}
		if len(now) < 6 {
			return fmt.Errorf("%v", now)
		}
		return nil
	})
}

func (f *traffic) end(t *testing.T) {
	t.Helper()
	f.stop()
	f.running.Wait()
	for name, count := range f.count {
		t.Logf("%s: %d times, the longest took %s", name, count, f.longest[name].Round(time.Millisecond))
	}
	for _, wrong := range f.wrong {
		t.Error(wrong)
	}
}

func (f *traffic) approvedPod(ctx context.Context, i int) error {
	pod := streamPod("tax", fmt.Sprintf("approved-%d", i), webImage)
	if err := env.admin.Create(ctx, pod); err != nil {
		return err
	}
	if gated(pod) {
		return errors.New("held")
	}
	return env.admin.Delete(ctx, pod, client.GracePeriodSeconds(1))
}

func (f *traffic) approvedDeployment(ctx context.Context, i int) error {
	pod := streamPod("tax", "", webImage)
	none := int32(0)
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tax", Name: fmt.Sprintf("approved-%d", i), Labels: pod.Labels},
		Spec: appsv1.DeploymentSpec{Replicas: &none, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"stream": "true"}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: pod.Labels}, Spec: pod.Spec}},
	}
	if err := env.admin.Create(ctx, deployment); err != nil {
		return err
	}
	return env.admin.Delete(ctx, deployment)
}

func (f *traffic) heldPod(ctx context.Context, i int) error {
	pod := streamPod("residents", fmt.Sprintf("held-%d", i), webImage)
	if err := env.admin.Create(ctx, pod); err != nil {
		return err
	}
	if !gated(pod) {
		return errors.New("not held")
	}
	if i == 0 {
		return nil // to be looked at again by the next
	}
	before := &corev1.Pod{}
	if err := env.admin.Get(ctx, client.ObjectKey{Namespace: "residents", Name: fmt.Sprintf("held-%d", i-1)}, before); err != nil {
		return err
	}
	if !gated(before) {
		return fmt.Errorf("%s was let go", before.Name)
	}
	return env.admin.Delete(ctx, before)
}

func (f *traffic) uncoveredPod(ctx context.Context, i int) error {
	err := env.admin.Create(ctx, streamPod("tax", fmt.Sprintf("uncovered-%d", i), newWebImage))
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "r8-tax") {
		return fmt.Errorf("not refused for its image: %w", err)
	}
	return nil
}

// decision is an application and its decision. While both versions answer, one stamps what the other checks, which then refuses
// it: people get an answer, and try again when the upgrade is done.
func (f *traffic) decision(ctx context.Context, i int) error {
	mixed := f.mixed.Load()
	err := f.decideOn(ctx, fmt.Sprintf("stream-%d", i))
	if err != nil && (mixed || f.mixed.Load()) && strings.Contains(err.Error(), "denied the request") {
		return nil
	}
	return err
}

func (f *traffic) decideOn(ctx context.Context, name string) error {
	if err := submit(ctx, f.applicant, name, "tax"); err != nil {
		return err
	}
	application := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"status": {"decision": "Denied", "decisionReason": "試験"}}`))
	if err := f.cio.Status().Patch(ctx, application, patch); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	if application.Status.DecidedBy != "cio" {
		return fmt.Errorf("not stamped: %+v", application.Status)
	}
	return nil
}

// submit an application like the sample's, for any system, as somebody.
func submit(ctx context.Context, who client.Client, name, system string) error {
	content, err := os.ReadFile(filepath.Join(env.root, "config", "samples", "tax", "application.yaml"))
	if err != nil {
		return fmt.Errorf("read the sample: %w", err)
	}
	application := &v1alpha1.ChangeApproval{}
	if err := yaml.UnmarshalStrict(content, application); err != nil {
		return fmt.Errorf("read the sample: %w", err)
	}
	application.Name, application.Spec.SystemRef.Name = name, system
	if err := who.Create(ctx, application); err != nil {
		return fmt.Errorf("submit: %w", err)
	}
	return nil
}

func (f *traffic) forgedDecision(ctx context.Context, _ int) error {
	patch := client.RawPatch(types.MergePatchType, []byte(`{"status": {"decision": "Revoked", "decisionReason": "x"}}`))
	err := f.applicant.Status().Patch(ctx, &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "r8-tax"}}, patch)
	if err == nil || !strings.Contains(err.Error(), "denied the request") {
		return fmt.Errorf("not refused for want of the office: %w", err)
	}
	return nil
}

// streamPod is a Pod with its class, made by a person, so that the classification webhook is asked.
func streamPod(namespace, name, image string) *corev1.Pod {
	no, yes := false, true
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{
			"stream":                      "true",
			v1alpha1.LabelConfidentiality: "3B", v1alpha1.LabelIntegrity: "2", v1alpha1.LabelAvailability: "2",
		}},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken: &no,
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{Name: "web", Image: image, SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}}},
		},
	}
}

// as acts as a person.
func as(t *testing.T, user string, groups ...string) client.Client {
	t.Helper()
	config := rest.CopyConfig(env.Config())
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: append(groups, "system:authenticated")}
	c, err := client.New(config, client.Options{Scheme: operator.Scheme(), Mapper: env.admin.RESTMapper()})
	must(t, err)
	return c
}
