package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

const (
	// otherGate is the gate that the bare patches lift, of Pods that Kitei has nothing to do with.
	otherGate = "bench.kitei.dev/gate"
	// patchesAtOnce is as many as the operator sends.
	patchesAtOnce = 16
	// slack is what one decision takes before its first gate is lifted; only above so many Pods is it part of the ratio.
	fewPods = 100
)

// measureLifting measures from the answer to a decision until a watcher has seen the last gate lifted, and beside it the same
// number of bare patches: of the same form, as many at once, in a namespace without a policy. Nobody schedules the Pods, so
// that nothing else takes the processors.
func measureLifting(ctx context.Context, b *bench) error {
	for i, pods := range b.lifted {
		var lifted, bare []float64
		for round := range b.liftRounds[i] {
			b.say("lifting %d gates: round %d of %d", pods, round+1, b.liftRounds[i])
			name := fmt.Sprintf("lift-%d-%d", pods, round)
			measures := []func() error{
				func() (err error) { lifted, err = b.appended(ctx, lifted, name, pods, b.liftByDecision); return err },
				func() (err error) { bare, err = b.appended(ctx, bare, name+"-bare", pods, b.liftBare); return err },
			}
			if round%2 == 1 {
				slices.Reverse(measures)
			}
			for _, measure := range measures {
				if err := measure(); err != nil {
					return err
				}
			}
		}
		r := row{
			what:    fmt.Sprintf("From the decision to the last of %d gates lifted, to as many bare patches", pods),
			ratio:   spreadOf(pairwise(lifted, bare, ratio)),
			figures: fmt.Sprintf("%.0f ms to %.0f ms", spreadOf(lifted).middle, spreadOf(bare).middle),
		}
		if pods >= fewPods {
			r.goal, r.met = "≤ 1.3", judged(r.ratio.middle <= 1.3)
		}
		b.rows = append(b.rows, r)
	}
	return nil
}

func (b *bench) appended(ctx context.Context, figures []float64, name string, pods int,
	measure func(context.Context, string, int) (time.Duration, error),
) ([]float64, error) {
	took, err := measure(ctx, name, pods)
	return append(figures, milliseconds(took)), err
}

// liftByDecision approves a system whose Pods are held.
func (b *bench) liftByDecision(ctx context.Context, name string, pods int) (time.Duration, error) {
	if err := b.home(ctx, name, v1alpha1.ClearanceHeld); err != nil {
		return 0, err
	}
	if err := b.submit(ctx, name, pattern); err != nil {
		return 0, err
	}
	if err := b.deploy(ctx, name, pods); err != nil {
		return 0, err
	}
	last, err := b.watchGates(ctx, name, pods, v1alpha1.SchedulingGate)
	if err != nil {
		return 0, err
	}
	if err := b.approve(ctx, name); err != nil {
		return 0, err
	}
	return since(ctx, time.Now(), last)
}

// liftBare lifts the gates itself.
func (b *bench) liftBare(ctx context.Context, name string, pods int) (time.Duration, error) {
	if err := b.namespace(ctx, name, map[string]string{v1alpha1.LabelExempt: "true"}); err != nil {
		return 0, err
	}
	if err := b.deploy(ctx, name, pods, corev1.PodSchedulingGate{Name: otherGate}); err != nil {
		return 0, err
	}
	var list corev1.PodList
	if err := b.admin.List(ctx, &list, client.InNamespace(name)); err != nil {
		return 0, err
	}
	last, err := b.watchGates(ctx, name, pods, otherGate)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	err = each(ctx, pods, patchesAtOnce, func(ctx context.Context, i int) error {
		patch, err := json.Marshal([]map[string]any{
			{"op": "test", "path": "/metadata/uid", "value": list.Items[i].UID},
			{"op": "test", "path": "/spec/schedulingGates/0/name", "value": otherGate},
			{"op": "remove", "path": "/spec/schedulingGates/0"},
		})
		if err != nil {
			return fmt.Errorf("encode a patch: %w", err)
		}
		return b.admin.Patch(ctx, &list.Items[i], client.RawPatch(types.JSONPatchType, patch))
	})
	if err != nil {
		return 0, err
	}
	return since(ctx, start, last)
}

// deploy makes a Deployment and waits until its Pods are there.
func (b *bench) deploy(ctx context.Context, namespace string, pods int, gates ...corev1.PodSchedulingGate) error {
	replicas := int32(pods) //nolint:gosec // a few thousand
	object := deployment(namespace).(*appsv1.Deployment)
	object.Spec.Replicas, object.Spec.Template.Spec.SchedulingGates = &replicas, gates
	if err := b.admin.Create(ctx, object); err != nil {
		return err
	}
	return b.until(ctx, fmt.Sprintf("%d Pods in %s", pods, namespace), func(ctx context.Context) error {
		var list appsv1.DeploymentList
		if err := b.admin.List(ctx, &list, client.InNamespace(namespace)); err != nil {
			return err
		}
		if got := list.Items[0].Status.Replicas; got != replicas {
			return fmt.Errorf("%d so far", got)
		}
		return nil
	})
}

// watchGates begins to watch a namespace's Pods, all of which bear a gate, and says on a channel when a watch event, read by its
// own clock, has shown the last of them without it.
func (b *bench) watchGates(ctx context.Context, namespace string, pods int, gate string) (last <-chan time.Time, err error) {
	// A connection of its own, as another process would have.
	c, err := kubernetes.NewForConfig(b.cluster.Config())
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	list, err := c.CoreV1().Pods(namespace).List(ctx, listOptions)
	if err != nil {
		return nil, fmt.Errorf("list the Pods: %w", err)
	}
	held := map[types.UID]bool{}
	for i := range list.Items {
		if gated(&list.Items[i], gate) {
			held[list.Items[i].UID] = true
		}
	}
	if len(held) != pods {
		return nil, fmt.Errorf("%d Pods of %s bear the gate, not %d", len(held), namespace, pods)
	}
	from := listOptions
	from.ResourceVersion = list.ResourceVersion
	events, err := c.CoreV1().Pods(namespace).Watch(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("watch the Pods: %w", err)
	}
	seen := make(chan time.Time, 1)
	go func() {
		defer events.Stop()
		defer close(seen)
		for event := range events.ResultChan() {
			if pod, is := event.Object.(*corev1.Pod); is && !gated(pod, gate) {
				delete(held, pod.UID)
			}
			if len(held) == 0 {
				seen <- time.Now()
				return
			}
		}
	}()
	return seen, nil
}

func gated(pod *corev1.Pod, gate string) bool {
	return slices.ContainsFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == gate })
}

// since waits for a moment and says how long after the start it was.
func since(ctx context.Context, start time.Time, moment <-chan time.Time) (time.Duration, error) {
	select {
	case at, open := <-moment:
		if !open {
			return 0, fmt.Errorf("the watch ended")
		}
		return at.Sub(start), nil
	case <-time.After(10 * time.Minute):
		return 0, fmt.Errorf("not within ten minutes")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
