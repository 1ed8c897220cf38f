// Package committeemeeting keeps the conditions of every CommitteeMeeting: whether it was quorate, and whether the chair
// confirmed its record (articles 18, 19 and 23). The confirmation itself is the chair's to write and the webhook's to stamp.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;committees;committeemeetings,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=committeemeetings/status,verbs=patch
package committeemeeting

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

// Reconciler keeps one meeting's conditions.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Clock  clock.PassiveClock
}

// conditions are the only part of the status that this controller owns.
type conditions struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Reconcile computes the conditions and writes them if they changed.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var meeting v1alpha1.CommitteeMeeting
	if err := r.Client.Get(ctx, request.NamespacedName, &meeting); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	organisation, err := register.Organisation(ctx, r.Client, r.Clock.Now())
	if err != nil {
		return ctrl.Result{}, err
	}
	p := message.In(organisation.Language())
	quorate, err := r.quorate(ctx, &meeting, p)
	if err != nil {
		return ctrl.Result{}, err
	}
	confirmed := status.Condition(v1alpha1.ConditionConfirmed, false, v1alpha1.ReasonPending, p.Say(message.MeetingUnconfirmed,
		clearance.Offices(organisation.Chair(), v1alpha1.RoleChiefInformationOfficer, p), meeting.Name))
	switch {
	case meeting.Status.State != v1alpha1.MeetingConfirmed:
	case r.Source.Seals.Meeting(&meeting).Status.State != v1alpha1.MeetingConfirmed:
		confirmed = status.Condition(v1alpha1.ConditionConfirmed, false, v1alpha1.ReasonUnattested,
			p.Say(message.StampUnattested, meeting.Name))
	default:
		confirmed = status.Condition(v1alpha1.ConditionConfirmed, true, string(v1alpha1.MeetingConfirmed),
			p.Say(message.MeetingConfirmed, meeting.Status.ConfirmedBy))
	}
	observed := conditions{meeting.Status.Conditions}
	wanted := conditions{append([]metav1.Condition(nil), meeting.Status.Conditions...)}
	status.Set(&wanted.Conditions, meeting.Generation, quorate, confirmed)
	return ctrl.Result{}, status.Apply(ctx, r.Client, &meeting, observed, wanted)
}

// quorate says whether enough attended: as counted when the chair confirmed, or as it stands before.
func (r *Reconciler) quorate(ctx context.Context, meeting *v1alpha1.CommitteeMeeting, p message.Printer) (metav1.Condition, error) {
	count := meeting.Status.Attendance
	if count == nil {
		var committee v1alpha1.Committee
		switch err := r.Client.Get(ctx, client.ObjectKey{Name: meeting.Spec.CommitteeRef.Name}, &committee); {
		case apierrors.IsNotFound(err):
			return status.Condition(v1alpha1.ConditionQuorate, false, v1alpha1.ReasonReferenceNotFound,
				p.Say(message.CommitteeNotFound, meeting.Name, meeting.Spec.CommitteeRef.Name)), nil
		case err != nil:
			return metav1.Condition{}, fmt.Errorf("get committee %s: %w", meeting.Spec.CommitteeRef.Name, err)
		}
		current, _ := procedure.Attendance(&committee, meeting.Spec.Attendees)
		count = &current
	}
	if count.Attended < count.Quorum {
		return status.Condition(v1alpha1.ConditionQuorate, false, v1alpha1.ReasonQuorumMissed,
			p.Say(message.QuorumMissed, meeting.Name, count.Attended, count.Seats, count.Quorum)), nil
	}
	return status.Condition(v1alpha1.ConditionQuorate, true, v1alpha1.ReasonQuorumMet,
		p.Say(message.MeetingQuorate, count.Attended, count.Seats, count.Quorum)), nil
}

// SetupWithManager starts the controller with the manager. What the organisation is says something only of a meeting that the
// chair has yet to confirm.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	waiting := handler.EnqueueRequestsFromMapFunc(r.waiting)
	err := ctrl.NewControllerManagedBy(manager).
		Named("committeemeeting").
		For(&v1alpha1.CommitteeMeeting{}, builder.WithPredicates(watching.MeetingChanged())).
		Watches(&v1alpha1.Committee{}, waiting, specChanged).
		Watches(&v1alpha1.Department{}, waiting, specChanged).
		Watches(&v1alpha1.Regulation{}, waiting, specChanged).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the committee meeting controller: %w", err)
	}
	return nil
}

func (r *Reconciler) waiting(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.CommitteeMeetingList{}, func(meeting *v1alpha1.CommitteeMeeting) bool {
		return meeting.Status.State == ""
	})
}
