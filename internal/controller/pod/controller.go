// Package pod lifts Kitei's scheduling gate from held Pods the moment that their namespace's clearance lets them run, and
// says on their workload why they wait (article 12). It lifts no gate but Kitei's.
//
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package pod

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/image"
)

// Reconciler lifts the gate of one Pod.
type Reconciler struct {
	Client   client.Client
	Reporter *Reporter
}

// Reconcile lifts the gate if the clearance on the Namespace lets the Pod run, and otherwise reports that it is held. It
// asks the recorded clearance, because that is what the API server enforces: a gate lifted earlier would be refused.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var pod corev1.Pod
	if err := r.Client.Get(ctx, request.NamespacedName, &pod); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if gate(&pod) < 0 || !pod.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	home := watching.Namespace()
	if err := r.Client.Get(ctx, client.ObjectKey{Name: pod.Namespace}, home); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	recorded := clearance.Record(home.Labels, home.Annotations)
	uncovered, may := recorded.Lets(image.OfPodSpec(&pod.Spec))
	if !may && clearance.Governed(home.Name, home.Labels) {
		r.Reporter.Held(ctx, &pod, home, recorded, uncovered)
		return ctrl.Result{}, nil
	}
	if err := r.lift(ctx, &pod); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.Reporter.Released(ctx, &pod, home, recorded)
	return ctrl.Result{}, nil
}

// gate is the index of Kitei's gate among the Pod's, or -1.
func gate(pod *corev1.Pod) int {
	return slices.IndexFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool {
		return g.Name == v1alpha1.SchedulingGate
	})
}

// lift removes Kitei's gate and no other. The patch tests that it meets the very Pod and gate that were looked at: a name
// used again or gates in another order make it fail, and the Pod is looked at anew.
func (r *Reconciler) lift(ctx context.Context, pod *corev1.Pod) error {
	path := fmt.Sprintf("/spec/schedulingGates/%d", gate(pod))
	patch, err := json.Marshal([]map[string]any{
		{"op": "test", "path": "/metadata/uid", "value": pod.UID},
		{"op": "test", "path": path + "/name", "value": v1alpha1.SchedulingGate},
		{"op": "remove", "path": path},
	})
	if err != nil {
		return fmt.Errorf("encode the patch: %w", err)
	}
	// Only the metadata is sent back: nobody reads the rest.
	answer := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
	answer.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	if err := r.Client.Patch(ctx, answer, client.RawPatch(types.JSONPatchType, patch)); err != nil {
		return fmt.Errorf("lift the gate of pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return nil
}
