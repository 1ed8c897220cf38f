package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

const (
	// otherGate is the gate that the bare patches lift, of Pods that Kitei has nothing to do with.
	otherGate = "bench.kitei.dev/gate"
	// patchesAtOnce is as many as the operator sends.
	patchesAtOnce = 16
	// manyPods is from how many on the goal counts: below, the decision's own way to the Namespace takes longer than the patches.
	manyPods = 100
)

// measureLifting measures from the answer to a decision until a watcher has seen the last gate lifted. Beside it the same number
// of bare patches, of the same form and as many at once: of Pods of the same clearance, so that the API server asks the same of
// each, and of Pods that no policy is asked about. Nobody schedules the Pods, so that nothing else takes the processors.
func measureLifting(ctx context.Context, b *bench) error {
	for i, pods := range b.lifted {
		ways := []struct {
			suffix string
			lift   func(context.Context, string, int) (time.Duration, error)
			took   []float64
		}{
			{"", b.liftByDecision, nil},
			{"-bare", b.liftBare(func(ctx context.Context, name string) error {
				return b.home(ctx, name, v1alpha1.ClearanceImages, pattern)
			}), nil},
			{"-exempt", b.liftBare(func(ctx context.Context, name string) error {
				return b.namespace(ctx, name, map[string]string{v1alpha1.LabelExempt: "true"})
			}), nil},
		}
		for round := range b.liftRounds[i] {
			b.say("lifting %d gates: round %d of %d", pods, round+1, b.liftRounds[i])
			for _, at := range rand.Perm(len(ways)) {
				way := &ways[at]
				took, err := way.lift(ctx, fmt.Sprintf("lift-%d-%d%s", pods, round, way.suffix), pods)
				if err != nil {
					return err
				}
				way.took = append(way.took, milliseconds(took))
			}
		}
		for at, beside := range []string{1: "to as many bare patches", 2: "to as many bare patches without any policy"} {
			if at == 0 {
				continue
			}
			r := row{
				what:    fmt.Sprintf("From the decision to the last of %d gates lifted, %s", pods, beside),
				ratio:   spreadOf(pairwise(ways[0].took, ways[at].took, ratio)),
				figures: fmt.Sprintf("%.0f ms to %.0f ms", spreadOf(ways[0].took).middle, spreadOf(ways[at].took).middle),
			}
			if at == 1 && pods >= manyPods {
				r.goal, r.met = "≤ 1.3", judged(r.ratio.middle <= 1.3)
			}
			b.rows = append(b.rows, r)
		}
	}
	return nil
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

// liftBare lifts the gates of Pods itself, in a namespace that it makes.
func (b *bench) liftBare(home func(context.Context, string) error) func(context.Context, string, int) (time.Duration, error) {
	return func(ctx context.Context, name string, pods int) (time.Duration, error) {
		if err := home(ctx, name); err != nil {
			return 0, err
		}
		return b.patchGates(ctx, name, pods)
	}
}

func (b *bench) patchGates(ctx context.Context, name string, pods int) (time.Duration, error) {
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
		// As the operator does, only the metadata is asked for.
		pod := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: list.Items[i].Name}}
		pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
		return b.maker.Patch(ctx, pod, client.RawPatch(types.JSONPatchType, patch))
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
	// A connection of its own, as another process would have; in the encoding that takes the least time to read.
	config := b.cluster.Config()
	config.ContentType = runtime.ContentTypeProtobuf
	c, err := kubernetes.NewForConfig(config)
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
	events, err := watching(ctx, list.ResourceVersion, c.CoreV1().Pods(namespace).Watch)
	if err != nil {
		return nil, err
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

// watching watches on where the API server ends a watch that falls behind, as one may when thousands of Pods change at once.
func watching(ctx context.Context, from string, watcher cache.WatchFuncWithContext) (watch.Interface, error) {
	events, err := watchtools.NewRetryWatcherWithContext(ctx, from, &cache.ListWatch{WatchFuncWithContext: watcher})
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	return events, nil
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
	case <-time.After(patience):
		return 0, fmt.Errorf("not within %s", patience)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
