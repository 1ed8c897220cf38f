// Package eviction evicts the running Pods of a namespace whose approval was revoked or ran out, where the Regulation says so
// (onRevocation: Evict; article 12). Whatever it says, it evicts the Pods that slipped in between the end of the approval and
// the clearance that followed from it. The Pods come back held. PodDisruptionBudgets are respected.
//
// +kubebuilder:rbac:groups="",resources=pods,verbs=list
// +kubebuilder:rbac:groups="",resources=pods/eviction,verbs=create
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package eviction

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/paging"
)

// retryAfter is the pause before evicting again what a PodDisruptionBudget kept.
const retryAfter = 10 * time.Second

// eventEvicted is the reason of the event on an evicted Pod.
const eventEvicted = "Evicted"

// Reconciler evicts the Pods of one namespace.
type Reconciler struct {
	Client client.Client
	// Live lists Pods: the operator's cache holds none that run.
	Live   client.Reader
	Events events.EventRecorder
	Clock  clock.PassiveClock
}

// Reconcile evicts every Pod that still runs on an ended approval, or those that slipped in after its end. It comes again while
// some remain, or more may come.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	home := watching.Namespace()
	if err := r.Client.Get(ctx, request.NamespacedName, home); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	recorded := clearance.Record(home.Labels, home.Annotations)
	if !concerned(recorded) || !home.DeletionTimestamp.IsZero() || !clearance.Governed(home.Name, home.Labels) {
		return ctrl.Result{}, nil
	}
	var current v1alpha1.Regulation
	if err := r.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	leaves, sentence := runs, message.EventEvicted
	if !ended(recorded) || current.Spec.Enforcement.OnRevocation != v1alpha1.RevocationEvict {
		leaves, sentence = slippedIn(recorded), message.EventSlipped
	}
	remaining, err := r.evictAll(ctx, home.Name, leaves, message.In(current.Spec.Language).Say(sentence, recorded.Message))
	if err != nil || remaining == 0 && !r.Clock.Now().Before(recorded.Lapse.Over()) {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: retryAfter}, nil
}

// concerned says whether Pods may have to leave a namespace with this clearance.
func concerned(recorded clearance.Recorded) bool { return ended(recorded) || !recorded.Lapse.IsZero() }

// ended says whether the Pods of the namespace ran on an approval that ended. Pods that run without ever having had one are
// not touched: a missing paper stops nothing that runs.
func ended(recorded clearance.Recorded) bool {
	held := recorded.Clearance == v1alpha1.ClearanceHeld || recorded.Clearance == v1alpha1.ClearanceDenied
	return held && slices.Contains([]v1alpha1.ClearanceReason{v1alpha1.ReasonRevoked, v1alpha1.ReasonExpired,
		v1alpha1.ReasonConsentMissing, v1alpha1.ReasonUnratified}, recorded.Reason)
}

// evictAll evicts the Pods that are to leave, and counts those that are there still.
func (r *Reconciler) evictAll(ctx context.Context, name string, leaves func(*corev1.Pod) bool, why string) (remaining int, err error) {
	err = paging.Each(ctx, r.Live, &corev1.PodList{}, func(pod *corev1.Pod) error {
		if !evictable(pod) || !leaves(pod) {
			return nil
		}
		remaining++ // it leaves in its own time
		return r.evict(ctx, pod, why)
	}, client.InNamespace(name))
	return remaining, err
}

// evictable says whether a Pod has not ended, is not on its way out, and is not the mirror of a static Pod, which only its node
// can stop.
func evictable(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return pod.DeletionTimestamp.IsZero() && !mirror && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
}

// runs says whether a Pod has a node.
func runs(pod *corev1.Pod) bool { return pod.Spec.NodeName != "" }

// slippedIn chooses the Pods that came in during the lapse, are not held, and may not run as things are now.
func slippedIn(recorded clearance.Recorded) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool {
		held := slices.ContainsFunc(pod.Spec.SchedulingGates, func(g corev1.PodSchedulingGate) bool {
			return g.Name == v1alpha1.SchedulingGate
		})
		_, may := recorded.Lets(image.OfPodSpec(&pod.Spec))
		return !held && !may && recorded.Lapse.Holds(pod.CreationTimestamp.Time)
	}
}

func (r *Reconciler) evict(ctx context.Context, pod *corev1.Pod, why string) error {
	uid := pod.UID
	eviction := &policyv1.Eviction{DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}}
	err := r.Client.SubResource("eviction").Create(ctx, pod, eviction)
	switch {
	case err == nil:
		r.Events.Eventf(pod, nil, corev1.EventTypeWarning, eventEvicted, "Evict", "%s", message.Note(why))
		return nil
	case apierrors.IsTooManyRequests(err), apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return nil // kept by a PodDisruptionBudget for now, or gone
	}
	return fmt.Errorf("evict pod %s/%s: %w", pod.Namespace, pod.Name, err)
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(manager).
		Named("eviction").
		For(watching.Namespace(), builder.WithPredicates(predicate.Funcs{
			CreateFunc: func(e event.CreateEvent) bool {
				return concerned(clearance.Record(e.Object.GetLabels(), e.Object.GetAnnotations()))
			},
			UpdateFunc: func(e event.UpdateEvent) bool {
				before := clearance.Record(e.ObjectOld.GetLabels(), e.ObjectOld.GetAnnotations())
				after := clearance.Record(e.ObjectNew.GetLabels(), e.ObjectNew.GetAnnotations())
				return ended(after) && !ended(before) || !after.Lapse.IsZero() && after.Lapse != before.Lapse
			},
		})).
		Watches(&v1alpha1.Regulation{}, handler.EnqueueRequestsFromMapFunc(r.endedNamespaces),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the eviction controller: %w", err)
	}
	return nil
}

// endedNamespaces are those to look at when the Regulation begins to evict.
func (r *Reconciler) endedNamespaces(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, watching.Namespaces(), func(home *metav1.PartialObjectMetadata) bool {
		return ended(clearance.Record(home.Labels, home.Annotations))
	})
}
