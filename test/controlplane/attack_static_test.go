package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// mirror of a static Pod, as the kubelet of node-0 writes it.
func (s *system) mirror(t *testing.T, name, image string) *corev1.Pod {
	t.Helper()
	node := get(t, &corev1.Node{}, "", "node-0")
	pod := s.pod(name, image)
	pod.Labels = nil
	pod.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "c0ffee", "kubernetes.io/config.source": "file",
		"kubernetes.io/config.hash": "c0ffee", "kubernetes.io/config.seen": "2026-06-01T12:00:00Z"}
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(node, corev1.SchemeGroupVersion.WithKind("Node"))}
	pod.OwnerReferences[0].BlockOwnerDeletion = nil
	pod.Spec.NodeName, pod.Spec.EnableServiceLinks = "node-0", new(true)
	pod.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}}
	return pod
}

// staticPodReported waits for the event on the system's namespace.
func (s *system) staticPodReported(t *testing.T, pod string) {
	t.Helper()
	eventually(t, "the static Pod is reported on "+s.name, func(ctx context.Context) error {
		var events eventsv1.EventList
		if err := env.admin.List(ctx, &events, client.InNamespace(metav1.NamespaceDefault)); err != nil {
			return err
		}
		for _, event := range events.Items {
			if event.Reason == "StaticPod" && event.Regarding.Kind == "Namespace" && event.Regarding.Name == s.name {
				for _, word := range []string{pod, "node-0", "第12条"} {
					if !strings.Contains(event.Note, word) {
						return fmt.Errorf("the event says %q", event.Note)
					}
				}
				return nil
			}
		}
		return fmt.Errorf("none of %d events", len(events.Items))
	})
}

// A static Pod runs whatever the API server says: its mirror is let in, so that it is seen, and is reported on the Namespace and
// counted. By the way of a mirror nobody else gets in, and no node for another one.
func TestStaticPodIsReported(t *testing.T) {
	kubelet := as(t, "system:node:node-0", "system:nodes")
	held, approved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	approved.settles(t, true)
	unregistered := &system{name: held.name + "-unregistered"}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unregistered.name}}))
	unregistered.becomes(t, v1alpha1.ClearanceDenied, v1alpha1.ReasonUnregisteredNamespace)
	unregistered.settles(t, false)
	for _, s := range []*system{held, approved, unregistered} {
		for who, c := range map[string]client.Client{
			"a namespace's administrator": s.owner(t), "a cluster's": env.admin,
			"another node":              as(t, "system:node:node-1", "system:nodes"),
			"nobody's node":             as(t, "system:node:", "system:nodes"),
			"who is called like a node": as(t, "system:node:node-0"),
			"who is among the nodes":    as(t, s.name+"-odd", "system:nodes"),
		} {
			forged := s.mirror(t, "forged", evil)
			forged.Labels = classLabels() // so that it is not refused for the lack of them
			if err := c.Create(t.Context(), forged, client.DryRunAll); err == nil {
				t.Errorf("%s gets in by a mirror", who)
			} else {
				refused(t, err, "kitei-pods", "規程第")
			}
		}
		plain := s.mirror(t, "plain", evil)
		delete(plain.Annotations, corev1.MirrorPodAnnotationKey)
		refused(t, kubelet.Create(t.Context(), plain), "kitei-pods", "規程第")

		must(t, kubelet.Create(t.Context(), s.mirror(t, "static-node-0", evil)))
		s.staticPodReported(t, "static-node-0")
		if gated(get(t, &corev1.Pod{}, s.name, "static-node-0")) {
			t.Error("the mirror is held")
		}
		refused(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
			changed := get(t, &corev1.Pod{}, s.name, "static-node-0")
			changed.Spec.Containers[0].Image = evil + "-2"
			return kubelet.Update(t.Context(), changed)
		}), "kitei-pods", "規程第")
	}
	staticPodsCounted(t, held, 3)
}

// staticPodsCounted restarts the operator with metrics, and sees that it counts the static Pods that it finds.
func staticPodsCounted(t *testing.T, s *system, count int) {
	t.Helper()
	url, token := measuredOperator(t, s)
	counted := func(count int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d static Pods are counted", count), func(ctx context.Context) error {
			status, body, err := scrape(ctx, url, token)
			if err != nil || status != http.StatusOK {
				return fmt.Errorf("status %d: %w", status, err)
			}
			if line := fmt.Sprintf("kitei_static_pods %d\n", count); !strings.Contains(body, line) {
				return fmt.Errorf("no %q in the metrics", line)
			}
			return nil
		})
	}
	counted(count)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}
	must(t, relabel(t, env.admin, namespace, v1alpha1.LabelExempt, "true")) // no longer Kitei's to report
	counted(count - 1)
	must(t, relabel(t, env.admin, namespace, v1alpha1.LabelExempt, "false"))
	counted(count)
	must(t, env.admin.Delete(t.Context(), podAt(client.ObjectKey{Namespace: s.name, Name: "static-node-0"}), client.GracePeriodSeconds(0)))
	counted(count - 1)
}
