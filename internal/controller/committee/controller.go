// Package committee keeps the status of every Committee: how many seats it has, how many make a quorum, and whether its
// secretariat exists (articles 17, 19, 22 and 24).
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;committees,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=committees/status,verbs=patch
package committee

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
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// Reconciler keeps one committee's status.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// Reconcile computes the status and writes it if it changed. It comes again on the day on which the secretariat is abolished.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var committee v1alpha1.Committee
	if err := r.Client.Get(ctx, request.NamespacedName, &committee); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	count, _ := procedure.Attendance(&committee, nil)
	wanted := v1alpha1.CommitteeStatus{Seats: count.Seats, Quorum: count.Quorum,
		Conditions: append([]metav1.Condition(nil), committee.Status.Conditions...)}
	status.Set(&wanted.Conditions, committee.Generation, ready(&committee, organisation))
	if err := status.Apply(ctx, r.Client, &committee, committee.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	return watching.Until(organisation.NextTurn(), now), nil
}

func ready(committee *v1alpha1.Committee, organisation regulation.Organisation) metav1.Condition {
	p := message.In(organisation.Language())
	section, state := organisation.Section(&committee.Spec.SecretariatRef)
	switch {
	case state == regulation.SectionAbolished:
		section := organisation.Sections[committee.Spec.SecretariatRef.Name]
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
			p.Say(message.SectionIsAbolished, string(*section.Spec.AbolishedOn)))
	case state != regulation.SectionStanding:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
			p.Say(message.FieldReadyMissing, "spec.secretariatRef", committee.Spec.SecretariatRef.Name))
	case len(section.Spec.Head.Subjects) == 0:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.CommitteeHeadless, section.Spec.DisplayName))
	}
	return status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound))
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	all := handler.EnqueueRequestsFromMapFunc(r.committees)
	err := ctrl.NewControllerManagedBy(manager).
		Named("committee").
		For(&v1alpha1.Committee{}, specChanged).
		Watches(&v1alpha1.ManagingSection{}, all, specChanged).
		Watches(&v1alpha1.Regulation{}, all, specChanged).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the committee controller: %w", err)
	}
	return nil
}

// committees are all of them: there are two.
func (r *Reconciler) committees(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.CommitteeList{}, watching.Every[*v1alpha1.Committee])
}
