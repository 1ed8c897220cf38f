package main

import (
	"context"
	"fmt"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

const (
	// approvals that are measured, each of a system of its own.
	approvals = 10
	// runningLabel selects the namespaces in mode Audit, whose Pods run.
	runningLabel = "bench.kitei.dev/running"
	// heldOneIn is how many namespaces there are for one that is held.
	heldOneIn = 100
	// makersAtOnce is how many clients make what is only there to be many.
	makersAtOnce = 16
	megabyte     = 1 << 20
)

// measureScale measures one approval among few and among many systems, and what the operator takes with many of everything:
// first with the held Pods alone, then with those that run too.
func measureScale(ctx context.Context, b *bench) error {
	few, err := b.measureApprovals(ctx, "few")
	if err != nil {
		return err
	}
	small, err := b.restart(ctx, 1)
	if err != nil {
		return err
	}
	if err := b.addMany(ctx); err != nil {
		return err
	}
	many, err := b.measureApprovals(ctx, "many")
	if err != nil {
		return err
	}
	held, running := b.pods/heldOneIn, b.pods-b.pods/heldOneIn
	if err := b.addPods(ctx, held, b.systems/heldOneIn, "held", corev1.PodSpec{}); err != nil {
		return err
	}
	without, err := b.restart(ctx, b.systems)
	if err != nil {
		return err
	}
	if err := b.admin.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "bench"}}); err != nil {
		return err
	}
	// A node without a kubelet is soon unreachable; its Pods stay all the same.
	stay := corev1.PodSpec{NodeName: "bench", Tolerations: []corev1.Toleration{{Operator: corev1.TolerationOpExists}}}
	if err := b.addPods(ctx, running, b.systems-b.systems/heldOneIn, "runs", stay); err != nil {
		return err
	}
	with, err := b.restart(ctx, b.systems)
	if err != nil {
		return err
	}
	b.rows = append(b.rows, approvalRows(b.systems, few, many)...)
	b.rows = append(b.rows, b.footprintRows(small, without, with, held)...)
	return nil
}

// approval is what the approvals took, in milliseconds, and how often each made the operator look at something.
type approval struct {
	took       []float64
	reconciles float64
	namespaces float64 // looked at
}

// measureApprovals measures from the answer to a decision until a watcher sees the clearance of the system's one namespace.
func (b *bench) measureApprovals(ctx context.Context, prefix string) (a approval, err error) {
	b.say("scale: %d approvals", approvals)
	for i := range approvals {
		name := fmt.Sprintf("%s-%d", prefix, i)
		if err := b.home(ctx, name, v1alpha1.ClearanceHeld); err != nil {
			return a, err
		}
		if err := b.submit(ctx, name, pattern); err != nil {
			return a, err
		}
	}
	if err := b.settled(ctx, 1); err != nil {
		return a, err
	}
	before, err := b.scrape(ctx)
	if err != nil {
		return a, err
	}
	for i := range approvals {
		name := fmt.Sprintf("%s-%d", prefix, i)
		cleared, err := b.watchNamespaces(ctx, name, v1alpha1.LabelClearance, string(v1alpha1.ClearanceImages), 1)
		if err != nil {
			return a, err
		}
		if err := b.approve(ctx, name); err != nil {
			return a, err
		}
		took, err := since(ctx, time.Now(), cleared)
		if err != nil {
			return a, err
		}
		a.took = append(a.took, milliseconds(took))
	}
	if err := b.settled(ctx, 1); err != nil {
		return a, err
	}
	after, err := b.scrape(ctx)
	if err != nil {
		return a, err
	}
	of := func(label string) float64 {
		return (after.sum(metricReconciles, label) - before.sum(metricReconciles, label)) / approvals
	}
	a.reconciles, a.namespaces = of(""), of(`controller="namespace"`)
	return a, nil
}

// addMany makes the systems, each with its namespace, while neither the operator nor its webhooks are there, or it would take
// most of the bench's time. The namespaces of most of them are in mode Audit, so that Pods run there.
func (b *bench) addMany(ctx context.Context) error {
	patch := client.RawPatch("application/merge-patch+json", []byte(
		`{"spec":{"enforcement":{"overrides":[{"mode":"Audit","namespaceSelector":{"matchLabels":{"`+runningLabel+`":"true"}}}]}}}`))
	if err := b.admin.Patch(ctx, &v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}}, patch); err != nil {
		return err
	}
	var sections v1alpha1.ManagingSectionList
	if err := b.admin.List(ctx, &sections); err != nil {
		return err
	}
	b.say("scale: making %d systems with a namespace each", b.systems)
	b.stopOperator()
	hooks := &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "kitei-validating"}}
	if err := b.admin.Delete(ctx, hooks); err != nil {
		return err
	}
	err := each(ctx, b.systems, makersAtOnce, func(ctx context.Context, i int) error {
		b.tick("systems", i, b.systems)
		name := manyName(i, b.systems)
		if err := b.systemOf(ctx, sections.Items[i%len(sections.Items)].Name, name, name); err != nil {
			return err
		}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if i >= b.systems/heldOneIn {
			namespace.Labels = map[string]string{runningLabel: "true"}
		}
		return b.admin.Create(ctx, namespace)
	})
	if err != nil {
		return err
	}
	b.say("scale: waiting until each namespace has its clearance")
	if err := b.installKitei(ctx); err != nil {
		return err
	}
	if err := b.startOperator(ctx); err != nil {
		return err
	}
	return b.settled(ctx, b.systems)
}

func manyName(i, of int) string {
	if i < of/heldOneIn {
		return fmt.Sprintf("held-%d", i)
	}
	return fmt.Sprintf("runs-%d", i-of/heldOneIn)
}

// tick says now and then how far something is.
func (b *bench) tick(what string, i, of int) {
	if i > 0 && i%max(1, of/5) == 0 {
		b.say("scale: %d of %d %s", i, of, what)
	}
}

// addPods makes Pods in namespaces by turns, and waits for the service account that each namespace gets from Kubernetes.
func (b *bench) addPods(ctx context.Context, pods, namespaces int, prefix string, spec corev1.PodSpec) error {
	b.say("scale: making %d Pods in %d namespaces", pods, namespaces)
	err := each(ctx, namespaces, makersAtOnce, func(ctx context.Context, i int) error {
		return b.until(ctx, "a service account", func(ctx context.Context) error {
			key := client.ObjectKey{Namespace: fmt.Sprintf("%s-%d", prefix, i), Name: "default"}
			return b.admin.Get(ctx, key, &corev1.ServiceAccount{})
		})
	})
	if err != nil {
		return err
	}
	return each(ctx, pods, makersAtOnce, func(ctx context.Context, i int) error {
		b.tick("Pods", i, pods)
		made := pod(fmt.Sprintf("%s-%d", prefix, i%namespaces)).(*corev1.Pod)
		made.Spec.NodeName, made.Spec.Tolerations = spec.NodeName, spec.Tolerations
		return b.maker.Create(ctx, made)
	})
}

func approvalRows(systems int, few, many approval) []row {
	beside := fmt.Sprintf("among %d systems, to one among 119", systems)
	return []row{
		{
			what: "One approval until its namespace is cleared, " + beside, ratio: spreadOf(pairwise(many.took, few.took, ratio)),
			figures: fmt.Sprintf("%.0f ms to %.0f ms", spreadOf(many.took).middle, spreadOf(few.took).middle),
		},
		{
			what: "What the operator looks at for one approval, " + beside, ratio: spread{middle: many.reconciles / few.reconciles},
			figures: fmt.Sprintf("%.1f to %.1f objects, of which its own namespace %.1f to %.1f times",
				many.reconciles, few.reconciles, many.namespaces, few.namespaces),
			goal: "its own namespaces only", met: judged(many.namespaces <= 3 && many.reconciles <= few.reconciles+1),
		},
	}
}

func memory(a, b footprint) string {
	return fmt.Sprintf("%.1f MB to %.1f MB (resident %.0f MB to %.0f MB)", a.live/megabyte, b.live/megabyte,
		a.resident/megabyte, b.resident/megabyte)
}

func (b *bench) footprintRows(small, without, with footprint, held int) []row {
	size := fmt.Sprintf("%d namespaces, %d systems, %d Pods of which %d are held", b.systems, b.systems, b.pods, held)
	beside := ", to the register of 119 systems alone"
	growth := row{
		what:    fmt.Sprintf("Memory in use with all Pods, to the %d held ones alone", held),
		ratio:   spread{middle: with.live / without.live},
		figures: memory(with, without),
		goal:    "≤ 1.05: does not grow with Pods that are not held",
	}
	growth.met = judged(growth.ratio.middle <= 1.05)
	return []row{
		{
			what: "Start-up until ready, " + size + beside, ratio: spread{middle: ratio(milliseconds(with.ready), milliseconds(small.ready))},
			figures: fmt.Sprintf("%.1f s to %.1f s", with.ready.Seconds(), small.ready.Seconds()),
		},
		{
			what: "Start-up until each object was looked at, the same", ratio: spread{middle: ratio(milliseconds(with.settled), milliseconds(small.settled))},
			figures: fmt.Sprintf("%.1f s to %.1f s", with.settled.Seconds(), small.settled.Seconds()),
		},
		{
			what:    fmt.Sprintf("Processor when idle, over %s, the same", b.idle),
			figures: fmt.Sprintf("%.1f %% to %.1f %% of one", 100*with.cpu, 100*small.cpu),
		},
		{
			what: "Memory in use, the same", ratio: spread{middle: with.live / small.live},
			figures: memory(with, small),
		},
		growth,
	}
}
