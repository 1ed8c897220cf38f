package organisation

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// debts counts the approvals of the systems that a section manages now which were given in urgency and that no meeting has
// decided since (article 12-4).
func (r *SectionReconciler) debts(ctx context.Context, section *v1alpha1.ManagingSection, systems []*v1alpha1.ElectronicSystem,
	organisation regulation.Organisation,
) (int32, error) {
	count := int32(0)
	for _, system := range systems {
		if manages, _ := organisation.ManagingSection(system); manages == nil || manages.Name != section.Name {
			continue
		}
		applications, err := register.Applications(ctx, r.Client, system.Name)
		if err != nil {
			return 0, err
		}
		for i := range applications {
			if applications[i].Status.RatifyBy == nil {
				continue
			}
			papers, err := r.Source.Case(ctx, r.Client, &applications[i])
			if err != nil {
				return 0, err
			}
			if papers.Debt(procedure.Committee(organisation, applications[i].Spec.Type)) {
				count++
			}
		}
	}
	return count, nil
}

// urgent lets the changes of approvals pass that were given in urgency.
func urgent() predicate.Predicate {
	given := func(object client.Object) bool {
		application, is := object.(*v1alpha1.ChangeApproval)
		return is && application.Status.RatifyBy != nil
	}
	return predicate.Funcs{
		CreateFunc:  func(e event.CreateEvent) bool { return given(e.Object) },
		UpdateFunc:  func(e event.UpdateEvent) bool { return given(e.ObjectOld) || given(e.ObjectNew) },
		DeleteFunc:  func(e event.DeleteEvent) bool { return given(e.Object) },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// ofApproval are the sections that manage an approval's system.
func (r *SectionReconciler) ofApproval(ctx context.Context, object client.Object) []ctrl.Request {
	return r.ofSystems(ctx, object.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name)
}

// ofMeeting are the sections that manage the systems on a meeting's agenda.
func (r *SectionReconciler) ofMeeting(ctx context.Context, object client.Object) []ctrl.Request {
	return r.ofSystems(ctx, watching.Systems(ctx, r.Client, object)...)
}

func (r *SectionReconciler) ofSystems(ctx context.Context, names ...string) []ctrl.Request {
	var requests []ctrl.Request
	for _, name := range names {
		var system v1alpha1.ElectronicSystem
		if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, &system); err == nil {
			requests = append(requests, r.ofSystem(ctx, &system)...)
		}
	}
	return requests
}
