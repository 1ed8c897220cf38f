package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// explain prints the three commands with which the reader approves the sample and sees it run.
func (s *stage) explain(context.Context) error {
	kubeconfig, err := s.writeKubeconfig()
	if err != nil {
		return err
	}
	as := "--context cio"
	if s.cluster == nil {
		as = "--as cio --as-group arakawa:department:management:head --as-group system:authenticated"
	}
	s.say("ready")
	fmt.Fprintf(s.out, `
税務システム（tax）の Pod %d 個が承認を待っています。別の端末で / The Pods of the tax system wait. In another shell:

    export KUBECONFIG=%s PATH=%s:$PATH

    kubectl kitei why -n tax
    kubectl kitei approve r8-tax -m '運営委員会 可決' %s
    kubectl get pods -n tax

Ctrl-C で終わります / Ctrl-C ends it.

`, s.pods, kubeconfig, filepath.Join(s.root, "bin"), as)
	return nil
}

// watch prints, when the last of the held Pods is released, how long after the approval that was. It ends with the
// context, or with an error when the operator or a program of the control plane ends.
func (s *stage) watch(ctx context.Context) error {
	m := meter{held: map[client.ObjectKey]bool{}, decided: map[string]v1alpha1.Decision{}}
	decisions, err := s.watchDecisions(ctx, &m)
	if err != nil {
		return fmt.Errorf("watch the decisions: %w", err)
	}
	defer decisions.Stop()
	pods, err := s.watchPods(ctx, &m)
	if err != nil {
		return fmt.Errorf("watch the Pods: %w", err)
	}
	defer pods.Stop()
	health := time.NewTicker(time.Second)
	defer health.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-health.C:
			if err := errors.Join(s.healthy(), s.showMail(), s.moveClock(ctx)); err != nil {
				return err
			}
		case e, open := <-decisions.ResultChan():
			if !open {
				return fmt.Errorf("the watch of the decisions ended")
			}
			m.decision(s, e.Object)
		case e, open := <-pods.ResultChan():
			if !open {
				return fmt.Errorf("the watch of the Pods ended")
			}
			m.pod(s, e)
		}
	}
}

// watchDecisions tells the meter what is decided already, and watches what comes. The API server ends every watch after a time, and
// one that falls behind at once, as one may when hundreds of Pods start: this one and that of the Pods go on.
func (s *stage) watchDecisions(ctx context.Context, m *meter) (*watchtools.RetryWatcher, error) {
	c, err := client.NewWithWatch(s.admin, client.Options{Scheme: operator.Scheme()})
	if err != nil {
		return nil, err
	}
	var approvals v1alpha1.ChangeApprovalList
	if err := c.List(ctx, &approvals); err != nil {
		return nil, err
	}
	for i := range approvals.Items {
		m.decision(s, &approvals.Items[i])
	}
	return watchtools.NewRetryWatcherWithContext(ctx, approvals.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return c.Watch(ctx, &v1alpha1.ChangeApprovalList{}, &client.ListOptions{Raw: &o})
		},
	})
}

func (s *stage) watchPods(ctx context.Context, m *meter) (*watchtools.RetryWatcher, error) {
	c, err := kubernetes.NewForConfig(s.admin)
	if err != nil {
		return nil, err
	}
	existing, err := c.CoreV1().Pods(corev1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range existing.Items {
		m.pod(s, watch.Event{Type: watch.Added, Object: &existing.Items[i]})
	}
	return watchtools.NewRetryWatcherWithContext(ctx, existing.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return c.CoreV1().Pods(corev1.NamespaceAll).Watch(ctx, o)
		},
	})
}

// healthy says which program ended by itself.
func (s *stage) healthy() error {
	if err := s.operator.Err(); err != nil || s.cluster == nil {
		return err
	}
	return s.cluster.Err()
}

// meter measures from an approval, as its watch brings it, to the last gate lifted.
type meter struct {
	held     map[client.ObjectKey]bool
	decided  map[string]v1alpha1.Decision
	since    time.Time
	released int
}

func (m *meter) decision(s *stage, object runtime.Object) {
	approval, is := object.(*v1alpha1.ChangeApproval)
	if !is {
		return
	}
	before, known := m.decided[approval.Name]
	m.decided[approval.Name] = approval.Status.Decision
	if !known || before == approval.Status.Decision {
		return
	}
	m.since, m.released = time.Time{}, 0
	if approval.Status.Decision == v1alpha1.DecisionApproved {
		m.since = time.Now()
	}
	s.say("%s: %s, decided by %s as %s", approval.Name, approval.Status.Decision, approval.Status.DecidedBy, approval.Status.DecidedAs)
}

func (m *meter) pod(s *stage, e watch.Event) {
	pod, is := e.Object.(*corev1.Pod)
	if !is {
		return
	}
	key := client.ObjectKeyFromObject(pod)
	gated := e.Type != watch.Deleted && slices.ContainsFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool {
		return g.Name == v1alpha1.SchedulingGate
	})
	switch {
	case gated:
		m.held[key] = true
	case m.held[key]:
		delete(m.held, key)
		if e.Type == watch.Deleted {
			return
		}
		m.released++
		if len(m.held) == 0 && !m.since.IsZero() {
			s.say("from the decision to the last of %d gates lifted: %d ms", m.released, time.Since(m.since).Milliseconds())
			m.since = time.Time{}
		}
	}
}
