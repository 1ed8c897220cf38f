package organisation

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// SectionReconciler keeps one section's status.
type SectionReconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// Reconcile computes the status and writes it if it changed. It comes again on the day of abolition.
func (r *SectionReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var section v1alpha1.ManagingSection
	if err := r.Client.Get(ctx, request.NamespacedName, &section); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	var systems v1alpha1.ElectronicSystemList
	if err := r.Client.List(ctx, &systems, client.MatchingFields{register.FieldManagingSection: section.Name},
		client.UnsafeDisableDeepCopy); err != nil {
		return ctrl.Result{}, fmt.Errorf("list the systems of section %s: %w", section.Name, err)
	}
	wanted := v1alpha1.ManagingSectionStatus{
		ElectronicSystems: int32(len(systems.Items)), //nolint:gosec // no register has 2^31 systems
		Conditions:        append([]metav1.Condition(nil), section.Status.Conditions...),
	}
	status.Set(&wanted.Conditions, section.Generation, sectionReady(&section, organisation))
	if err := status.Apply(ctx, r.Client, &section, section.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	abolished, _ := organisation.AbolishedAt(&section)
	return watching.Until(abolished, now), nil
}

func sectionReady(section *v1alpha1.ManagingSection, organisation regulation.Organisation) metav1.Condition {
	p := message.In(organisation.Language())
	ref := section.Spec.DepartmentRef
	switch {
	case organisation.Abolished(section):
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonAbolished,
			p.Say(message.SectionIsAbolished, string(*section.Spec.AbolishedOn)))
	case ref != nil && organisation.Departments[ref.Name] == nil:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
			p.Say(message.FieldReadyMissing, "spec.departmentRef", ref.Name))
	case len(section.Spec.Head.Subjects) == 0:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.NobodyHolds, section.Spec.DisplayName))
	}
	return status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound))
}

// SetupWithManager starts the controller with the manager.
func (r *SectionReconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(manager).
		Named("managingsection").
		For(&v1alpha1.ManagingSection{}, specChanged).
		Watches(&v1alpha1.ElectronicSystem{}, handler.EnqueueRequestsFromMapFunc(ofSystem), specChanged).
		Watches(&v1alpha1.Department{}, handler.EnqueueRequestsFromMapFunc(r.ofDepartment), specChanged).
		WatchesRawSource(watching.ClockMoved(r.Clock, r.every)).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the managing section controller: %w", err)
	}
	return nil
}

func ofSystem(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Referenced(object.(*v1alpha1.ElectronicSystem).Spec.ManagingSectionRef)
}

func (r *SectionReconciler) ofDepartment(ctx context.Context, object client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ManagingSectionList{}, watching.Every[*v1alpha1.ManagingSection],
		client.MatchingFields{register.FieldDepartment: object.GetName()})
}

func (r *SectionReconciler) every(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ManagingSectionList{}, watching.Every[*v1alpha1.ManagingSection])
}
