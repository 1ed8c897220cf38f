package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/metadata"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

var listOptions = metav1.ListOptions{}

// namespacesAtOnce is as many as the operator writes at once.
const namespacesAtOnce = 4

// bareLabel is what the bare applies write.
const bareLabel = "bench.kitei.dev/clearance"

// measureRebuild changes the mode of the Regulation, which changes the clearance of every namespace, and measures until a watcher
// has seen the last one; beside it the same number of bare applies of labels and annotations of the same size.
func measureRebuild(ctx context.Context, b *bench) error {
	var systems v1alpha1.ElectronicSystemList
	if err := b.admin.List(ctx, &systems); err != nil {
		return err
	}
	made := 0
	for _, namespaces := range b.rebuilt {
		b.say("rebuild: %d namespaces of %d systems", namespaces, len(systems.Items))
		if err := b.addNamespaces(ctx, systems.Items, made, namespaces); err != nil {
			return err
		}
		made = namespaces
		var rebuilt, bare []float64
		for round := range b.rebuildRounds {
			mode, word := v1alpha1.ModeDeny, v1alpha1.ClearanceDenied
			if round%2 == 1 {
				mode, word = v1alpha1.ModeHold, v1alpha1.ClearanceHeld
			}
			took, err := b.changeMode(ctx, mode, word, namespaces)
			if err != nil {
				return err
			}
			rebuilt = append(rebuilt, milliseconds(took))
			if took, err = b.applyBare(ctx, fmt.Sprintf("round-%d", round), namespaces); err != nil {
				return err
			}
			bare = append(bare, milliseconds(took))
		}
		if len(rebuilt)%2 == 1 {
			if _, err := b.changeMode(ctx, v1alpha1.ModeHold, v1alpha1.ClearanceHeld, namespaces); err != nil {
				return err
			}
		}
		b.rows = append(b.rows, row{
			what: fmt.Sprintf("All clearances rebuilt, %d systems with %d namespaces, to as many bare applies",
				len(systems.Items), namespaces),
			ratio:   spreadOf(pairwise(rebuilt, bare, ratio)),
			figures: fmt.Sprintf("%.0f ms to %.0f ms", spreadOf(rebuilt).middle, spreadOf(bare).middle),
		})
	}
	return nil
}

// addNamespaces gives the systems more namespaces, in turn, and makes them, with as many exempt ones beside them.
func (b *bench) addNamespaces(ctx context.Context, systems []v1alpha1.ElectronicSystem, from, to int) error {
	for i := from; i < to; i++ {
		entry := &systems[i%len(systems)]
		entry.Spec.Namespaces = append(entry.Spec.Namespaces, fmt.Sprintf("rebuild-%d", i))
	}
	err := each(ctx, min(len(systems), to), 4, func(ctx context.Context, i int) error {
		patch := client.RawPatch("application/merge-patch+json",
			[]byte(`{"spec":{"namespaces":["`+strings.Join(systems[i].Spec.Namespaces, `","`)+`"]}}`))
		return b.cio.Patch(ctx, &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: systems[i].Name}}, patch)
	})
	if err != nil {
		return err
	}
	return each(ctx, to-from, 8, func(ctx context.Context, i int) error {
		name := fmt.Sprintf("rebuild-%d", from+i)
		if err := b.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
		if err := b.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: "bare-" + name, Labels: map[string]string{v1alpha1.LabelExempt: "true"},
		}}); err != nil {
			return err
		}
		return b.cleared(ctx, name, v1alpha1.ClearanceHeld)
	})
}

// changeMode changes the Regulation's mode, and waits until so many namespaces have the clearance that follows.
func (b *bench) changeMode(ctx context.Context, mode v1alpha1.EnforcementMode, word v1alpha1.Clearance, namespaces int,
) (time.Duration, error) {
	last, err := b.watchNamespaces(ctx, "rebuild-", v1alpha1.LabelClearance, string(word), namespaces)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"enforcement":{"mode":"`+string(mode)+`"}}}`))
	regulation := &v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}}
	if err := b.admin.Patch(ctx, regulation, patch); err != nil {
		return 0, err
	}
	return since(ctx, start, last)
}

// applyBare applies marks of a clearance's size to exempt namespaces, which Kitei leaves alone.
func (b *bench) applyBare(ctx context.Context, value string, namespaces int) (time.Duration, error) {
	last, err := b.watchNamespaces(ctx, "bare-rebuild-", bareLabel, value, namespaces)
	if err != nil {
		return 0, err
	}
	var model corev1.Namespace
	if err := b.admin.Get(ctx, client.ObjectKey{Name: "rebuild-0"}, &model); err != nil {
		return 0, err
	}
	annotations := map[string]string{"bench.kitei.dev/round": value}
	for key, text := range model.Annotations {
		annotations[strings.Replace(key, v1alpha1.Prefix, "bench.kitei.dev/", 1)] = text
	}
	start := time.Now()
	err = each(ctx, namespaces, namespacesAtOnce, func(ctx context.Context, i int) error {
		desired := corev1ac.Namespace(fmt.Sprintf("bare-rebuild-%d", i)).
			WithLabels(map[string]string{bareLabel: value}).WithAnnotations(annotations)
		return b.admin.Apply(ctx, desired, client.FieldOwner("bench"), client.ForceOwnership)
	})
	if err != nil {
		return 0, err
	}
	return since(ctx, start, last)
}

// watchNamespaces begins to watch namespaces, and says on a channel when so many of those with a prefix bear a label's value.
func (b *bench) watchNamespaces(ctx context.Context, prefix, label, value string, wanted int) (last <-chan time.Time, err error) {
	c, err := metadata.NewForConfig(b.cluster.Config())
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	namespaces := c.Resource(corev1.SchemeGroupVersion.WithResource("namespaces"))
	list, err := namespaces.List(ctx, listOptions)
	if err != nil {
		return nil, fmt.Errorf("list the namespaces: %w", err)
	}
	events, err := watching(ctx, list.GetResourceVersion(), namespaces.Watch)
	if err != nil {
		return nil, err
	}
	seen := make(chan time.Time, 1)
	go func() {
		defer events.Stop()
		defer close(seen)
		have := map[string]bool{}
		for event := range events.ResultChan() {
			if object, is := event.Object.(*metav1.PartialObjectMetadata); is && strings.HasPrefix(object.Name, prefix) &&
				object.Labels[label] == value {
				have[object.Name] = true
			}
			if len(have) == wanted {
				seen <- time.Now()
				return
			}
		}
	}()
	return seen, nil
}
