package namespace

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/register"
)

// concurrency of the reconciler: deciding is quick, writing waits for the API server.
const concurrency = 4

// SetupWithManager starts the controller with the manager. An approval or a system wakes its own namespaces only; what every
// namespace depends on wakes all.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(manager).
		Named("namespace").
		For(Metadata()).
		Watches(&v1alpha1.ElectronicSystem{}, handler.EnqueueRequestsFromMapFunc(ofSystem), specChanged).
		Watches(&v1alpha1.ChangeApproval{}, handler.EnqueueRequestsFromMapFunc(r.ofApproval), builder.WithPredicates(ApprovalChanged())).
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(r.ofSection), specChanged).
		Watches(&v1alpha1.Department{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		Watches(&v1alpha1.Regulation{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the namespace controller: %w", err)
	}
	return nil
}

// ApprovalChanged lets an approval's change pass unless only its conditions changed, which the operator itself writes.
func ApprovalChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.ChangeApproval).DeepCopy(), e.ObjectNew.(*v1alpha1.ChangeApproval).DeepCopy()
		before.Status.Conditions, after.Status.Conditions = nil, nil
		return !equality.Semantic.DeepEqual(before.Spec, after.Spec) || !equality.Semantic.DeepEqual(before.Status, after.Status)
	}}
}

func ofSystem(_ context.Context, object client.Object) []ctrl.Request {
	return requests(object.(*v1alpha1.ElectronicSystem).Spec.Namespaces)
}

func (r *Reconciler) ofApproval(ctx context.Context, object client.Object) []ctrl.Request {
	var system v1alpha1.ElectronicSystem
	key := client.ObjectKey{Name: object.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name}
	if err := r.Client.Get(ctx, key, &system); err != nil {
		return nil // a system that appears later wakes its namespaces itself
	}
	return requests(system.Spec.Namespaces)
}

func (r *Reconciler) ofSection(ctx context.Context, object client.Object) []ctrl.Request {
	var current v1alpha1.Regulation
	if err := r.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err == nil &&
		current.Spec.DigitalPromotionSectionRef.Name == object.GetName() {
		return r.all(ctx, object)
	}
	var systems v1alpha1.ElectronicSystemList
	if err := r.Client.List(ctx, &systems, client.MatchingFields{register.FieldManagingSection: object.GetName()}); err != nil {
		return r.all(ctx, object)
	}
	var names []string
	for i := range systems.Items {
		names = append(names, systems.Items[i].Spec.Namespaces...)
	}
	return requests(names)
}

func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(Metadata().GroupVersionKind())
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache is stopping
	}
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return requests(names)
}

func requests(names []string) []ctrl.Request {
	wanted := make([]ctrl.Request, 0, len(names)) // the queue drops repetitions
	for _, name := range names {
		wanted = append(wanted, ctrl.Request{NamespacedName: types.NamespacedName{Name: name}})
	}
	return wanted
}
