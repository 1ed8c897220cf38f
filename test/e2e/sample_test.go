package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// The images of the sample: its approval covers the first, and its modification the second.
const (
	webImage    = "registry.arakawa.example/tax/web:1.4.2"
	newWebImage = "registry.arakawa.example/tax/web:2.0.0"
)

// Persons of the register.
const (
	digitalHead = "--as=digital-head --as-group=arakawa:section:digital-promotion:head --as-group=system:authenticated"
	cio         = "--as=cio --as-group=arakawa:department:management:head --as-group=system:authenticated"
)

// applyRegister applies a checkout's register, and waits until its offices have their roles.
func applyRegister(t *testing.T, checkout string) {
	t.Helper()
	_, err := sh(t, checkout, "kubectl apply --server-side --force-conflicts -k config/samples/arakawa")
	must(t, err)
	eventually(t, "the roles follow the offices", func(context.Context) error {
		_, err := sh(t, env.root, "kubectl auth can-i patch electronicsystems "+digitalHead+
			" && kubectl auth can-i create changeapprovals "+digitalHead)
		return err
	})
}

// applySample applies a checkout's register and sample, as the README says, up to the application that waits.
func applySample(t *testing.T, checkout string) {
	t.Helper()
	applyRegister(t, checkout)
	for _, line := range []string{
		"kubectl patch electronicsystem tax --type=merge --patch-file config/samples/tax/system-claim.yaml " + digitalHead,
		"kubectl apply -f config/samples/tax/application.yaml " + digitalHead,
		"kubectl apply -k config/samples/tax",
	} {
		_, err := sh(t, checkout, line)
		must(t, err)
	}
	havePods(t, "tax", 3, 0)
}

// approve the sample, by the plugin and so through the decision webhook.
func approve(t *testing.T, application string) {
	t.Helper()
	do(t, "kubectl kitei approve "+application+" -m '運営委員会 可決' "+cio)
}

// applyResidents gives a second system of the register a namespace and the same workload; nobody applies for it.
func applyResidents(t *testing.T) {
	t.Helper()
	do(t, `kubectl patch electronicsystem resident-record --type=merge `+digitalHead+` \
		-p '{"spec": {"namespaces": ["residents"],
		"classification": {"confidentiality": "3B", "integrity": "2", "availability": "2"}}}'`)
	do(t, "kubectl kustomize config/samples/tax | sed 's/name: tax$/name: residents/; s/namespace: tax$/namespace: residents/' | "+
		"kubectl apply -f -")
	havePods(t, "residents", 3, 0)
}

// applyBoth systems of a checkout: tax, which is approved and runs, and resident-record, which is held. The decision is plain
// kubectl's, which suits every version.
func applyBoth(t *testing.T, checkout string) {
	t.Helper()
	applySample(t, checkout)
	do(t, `kubectl patch changeapproval r8-tax --subresource=status --type=merge `+cio+` \
		-p '{"status": {"decision": "Approved", "decisionReason": "運営委員会 可決"}}'`)
	havePods(t, "tax", 0, 3)
	applyResidents(t)
}

// havePods waits until a namespace has so many Pods held and so many running, and no others.
func havePods(t *testing.T, namespace string, held, running int) {
	t.Helper()
	eventually(t, fmt.Sprintf("namespace %s has %d Pods held and %d running", namespace, held, running), func(ctx context.Context) error {
		var pods corev1.PodList
		if err := env.admin.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
			return err
		}
		var h, r int
		for _, pod := range pods.Items {
			switch {
			case gated(&pod):
				h++
			case ready(&pod):
				r++
			}
		}
		if h != held || r != running || len(pods.Items) != held+running {
			return fmt.Errorf("%d held, %d running of %d: %s", h, r, len(pods.Items), describe(pods.Items))
		}
		return nil
	})
}

func gated(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool { return g.Name == v1alpha1.SchedulingGate })
}

func ready(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func describe(pods []corev1.Pod) string {
	var text string
	for _, pod := range pods {
		text += fmt.Sprintf("\n  %s/%s %s", pod.Namespace, pod.Name, pod.Status.Phase)
		for _, c := range append(slices.Clone(pod.Status.InitContainerStatuses), pod.Status.ContainerStatuses...) {
			if c.State.Waiting != nil {
				text += " " + c.State.Waiting.Reason + ": " + c.State.Waiting.Message
			}
			if c.LastTerminationState.Terminated != nil {
				text += fmt.Sprintf(" (ended with %d)", c.LastTerminationState.Terminated.ExitCode)
			}
		}
	}
	return text
}
