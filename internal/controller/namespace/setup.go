package namespace

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/register"
)

// concurrency of the reconciler: deciding is quick, writing waits for the API server.
const concurrency = 4

// SetupWithManager starts the controller with the manager. An approval or a system wakes its own namespaces only; what every
// namespace depends on wakes all.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	approvalChanged := builder.WithPredicates(watching.ApprovalChanged())
	err := ctrl.NewControllerManagedBy(manager).
		Named("namespace").
		For(watching.Namespace()).
		Watches(&v1alpha1.ElectronicSystem{}, handler.EnqueueRequestsFromMapFunc(ofSystem), specChanged).
		Watches(&v1alpha1.ChangeApproval{}, handler.EnqueueRequestsFromMapFunc(r.ofApproval), approvalChanged).
		Watches(&v1alpha1.DataUseConsent{}, handler.EnqueueRequestsFromMapFunc(r.ofPaper),
			builder.WithPredicates(watching.ConsentChanged())).
		Watches(&v1alpha1.CommitteeMeeting{}, handler.EnqueueRequestsFromMapFunc(r.ofPaper),
			builder.WithPredicates(watching.MeetingChanged())).
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(r.ofSection), specChanged).
		Watches(&v1alpha1.Department{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		Watches(&v1alpha1.Regulation{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		WatchesRawSource(watching.ClockMoved(r.Clock, r.all)).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the namespace controller: %w", err)
	}
	return nil
}

func ofSystem(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Names(object.(*v1alpha1.ElectronicSystem).Spec.Namespaces...)
}

func (r *Reconciler) ofApproval(ctx context.Context, object client.Object) []ctrl.Request {
	return r.ofSystems(ctx, object.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name)
}

func (r *Reconciler) ofPaper(ctx context.Context, object client.Object) []ctrl.Request {
	return r.ofSystems(ctx, watching.Systems(ctx, r.Client, object)...)
}

func (r *Reconciler) ofSystems(ctx context.Context, names ...string) []ctrl.Request {
	var requests []ctrl.Request
	for _, name := range names {
		var system v1alpha1.ElectronicSystem
		if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, &system); err == nil {
			requests = append(requests, watching.Names(system.Spec.Namespaces...)...)
		} // a system that appears later wakes its namespaces itself
	}
	return requests
}

func (r *Reconciler) ofSection(ctx context.Context, object client.Object) []ctrl.Request {
	var current v1alpha1.Regulation
	if err := r.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err == nil {
		digital, err := register.Successors(ctx, r.Client, &current.Spec.DigitalPromotionSectionRef)
		if err != nil || slices.Contains(digital, object.GetName()) {
			return r.all(ctx, object)
		}
	}
	systems, err := register.SystemsOf(ctx, r.Client, object.GetName())
	if err != nil {
		return r.all(ctx, object)
	}
	var names []string
	for _, system := range systems {
		names = append(names, system.Spec.Namespaces...)
	}
	return watching.Names(names...)
}

func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, watching.Namespaces(), watching.Every[*metav1.PartialObjectMetadata])
}
