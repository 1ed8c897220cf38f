package pod

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/watching"
)

// concurrency of lifting: each lift waits for the API server, so that many go side by side.
const concurrency = 16

// CacheOptions keep in the operator's cache only Pods that can be held, those without a node, and of them only what the
// controller reads. A cluster's running Pods take no memory.
func CacheOptions() cache.ByObject {
	return cache.ByObject{
		Field:     fields.OneTermEqualSelector("spec.nodeName", ""),
		Transform: slim,
	}
}

func slim(object any) (any, error) {
	pod, isPod := object.(*corev1.Pod)
	if !isPod {
		return object, nil
	}
	slim := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID, ResourceVersion: pod.ResourceVersion,
			OwnerReferences: pod.OwnerReferences, DeletionTimestamp: pod.DeletionTimestamp,
		},
		Spec: corev1.PodSpec{
			SchedulingGates:     pod.Spec.SchedulingGates,
			Containers:          images(pod.Spec.Containers),
			InitContainers:      images(pod.Spec.InitContainers),
			EphemeralContainers: pod.Spec.EphemeralContainers,
		},
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Image != nil {
			slim.Spec.Volumes = append(slim.Spec.Volumes, volume)
		}
	}
	return slim, nil
}

func images(containers []corev1.Container) []corev1.Container {
	slim := make([]corev1.Container, 0, len(containers))
	for i := range containers {
		slim = append(slim, corev1.Container{Image: containers[i].Image})
	}
	return slim
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(manager).
		Named("pod").
		For(&corev1.Pod{}, builder.WithPredicates(predicate.NewPredicateFuncs(func(object client.Object) bool {
			return gate(object.(*corev1.Pod)) >= 0
		}))).
		WatchesMetadata(watching.Namespace(), handler.EnqueueRequestsFromMapFunc(r.heldIn),
			builder.WithPredicates(predicate.Funcs{UpdateFunc: clearanceChanged})).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the pod controller: %w", err)
	}
	return nil
}

// clearanceChanged lets a Namespace's change pass when what its Pods may do, or why they may not, changed.
func clearanceChanged(e event.UpdateEvent) bool {
	before, after := clearance.Record(e.ObjectOld.GetLabels(), e.ObjectOld.GetAnnotations()),
		clearance.Record(e.ObjectNew.GetLabels(), e.ObjectNew.GetAnnotations())
	return !before.Same(after) || clearance.Governed(e.ObjectOld.GetName(), e.ObjectOld.GetLabels()) !=
		clearance.Governed(e.ObjectNew.GetName(), e.ObjectNew.GetLabels())
}

func (r *Reconciler) heldIn(ctx context.Context, object client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &corev1.PodList{}, func(pod *corev1.Pod) bool { return gate(pod) >= 0 },
		client.InNamespace(object.GetName()))
}
