package organisation

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
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
	if at, set := organisation.AbolishedAt(&section); set && at.After(now) {
		return ctrl.Result{RequeueAfter: at.Sub(now) + 10*time.Millisecond}, nil
	}
	return ctrl.Result{}, nil
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
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the managing section controller: %w", err)
	}
	return nil
}

func ofSystem(_ context.Context, object client.Object) []ctrl.Request {
	ref := object.(*v1alpha1.ElectronicSystem).Spec.ManagingSectionRef
	if ref == nil {
		return nil
	}
	return []ctrl.Request{{NamespacedName: types.NamespacedName{Name: ref.Name}}}
}

func (r *SectionReconciler) ofDepartment(ctx context.Context, object client.Object) []ctrl.Request {
	var sections v1alpha1.ManagingSectionList
	if err := r.Client.List(ctx, &sections, client.MatchingFields{register.FieldDepartment: object.GetName()},
		client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache is stopping
	}
	requests := make([]ctrl.Request, 0, len(sections.Items))
	for i := range sections.Items {
		requests = append(requests, ctrl.Request{NamespacedName: types.NamespacedName{Name: sections.Items[i].Name}})
	}
	return requests
}
