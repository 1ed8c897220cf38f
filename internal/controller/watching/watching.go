// Package watching holds what the controllers share in choosing when to look at what: requests for named objects, the
// predicate that passes over what the operator itself writes, and the time until a verdict may change by itself.
package watching

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/register"
)

// Namespace is an empty Namespace of which only the metadata is read and cached.
func Namespace() *metav1.PartialObjectMetadata {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	return namespace
}

// Namespaces is an empty list of such Namespaces.
func Namespaces() *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	return list
}

// Names are requests for objects without a namespace. The queue drops repetitions.
func Names(names ...string) []ctrl.Request {
	requests := make([]ctrl.Request, 0, len(names))
	for _, name := range names {
		requests = append(requests, ctrl.Request{NamespacedName: types.NamespacedName{Name: name}})
	}
	return requests
}

// Referenced is a request for the object that a reference names, if there is one.
func Referenced(ref *v1alpha1.NameReference) []ctrl.Request {
	if ref == nil {
		return nil
	}
	return Names(ref.Name)
}

// Systems names the systems of the applications that a paper names: a consent one, a meeting those on its agenda.
// Applications that the cache lacks are passed over: one that appears later is a change of its own.
func Systems(ctx context.Context, cache client.Reader, paper client.Object) []string {
	var systems []string
	for _, name := range register.ApplicationsOf(paper) {
		var application v1alpha1.ChangeApproval
		if err := cache.Get(ctx, client.ObjectKey{Name: name}, &application); err == nil {
			systems = append(systems, application.Spec.SystemRef.Name)
		}
	}
	return systems
}

// Listed are requests for every object of a list, read from the cache, that is wanted. A list that cannot be read gives none:
// that happens only when the cache is stopping.
func Listed[T client.Object](ctx context.Context, cache client.Reader, list client.ObjectList, wanted func(T) bool,
	options ...client.ListOption,
) []ctrl.Request {
	if err := cache.List(ctx, list, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		return nil
	}
	requests := make([]ctrl.Request, 0, meta.LenList(list))
	// The function never fails, so that neither does the walk over a list that came from the cache.
	_ = meta.EachListItem(list, func(object runtime.Object) error {
		if item, is := object.(T); is && wanted(item) {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(item)})
		}
		return nil
	})
	return requests
}

// Every wants each object of a list.
func Every[T client.Object](T) bool { return true }

// ApprovalChanged lets an approval's change pass unless only its conditions changed, which the operator itself writes.
func ApprovalChanged() predicate.Predicate {
	return changed(func(a *v1alpha1.ChangeApproval) (any, any) {
		status := a.Status
		status.Conditions = nil
		return a.Spec, status
	})
}

// ConsentChanged does so for a consent.
func ConsentChanged() predicate.Predicate {
	return changed(func(c *v1alpha1.DataUseConsent) (any, any) {
		status := c.Status
		status.Conditions = nil
		return c.Spec, status
	})
}

// MeetingChanged does so for a meeting.
func MeetingChanged() predicate.Predicate {
	return changed(func(m *v1alpha1.CommitteeMeeting) (any, any) {
		status := m.Status
		status.Conditions = nil
		return m.Spec, status
	})
}

// changed passes over updates in which neither of the two parts of an object differs.
func changed[T client.Object](parts func(T) (any, any)) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		specBefore, statusBefore := parts(e.ObjectOld.(T))
		specAfter, statusAfter := parts(e.ObjectNew.(T))
		return !equality.Semantic.DeepEqual(specBefore, specAfter) || !equality.Semantic.DeepEqual(statusBefore, statusAfter)
	}}
}

// Deleted lets deletions pass alone.
func Deleted() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc:  func(event.CreateEvent) bool { return false },
		UpdateFunc:  func(event.UpdateEvent) bool { return false },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// Until says to come again at a moment; a little behind it, because a timer may fire early. The zero moment never comes.
func Until(next, now time.Time) ctrl.Result {
	if next.IsZero() || !next.After(now) {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: next.Sub(now) + 10*time.Millisecond}
}
