package changeapproval

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// owned are the conditions that this controller keeps; it takes away those of them that do not apply.
var owned = []string{v1alpha1.ConditionSubmitted, v1alpha1.ConditionConsented, v1alpha1.ConditionReferred,
	v1alpha1.ConditionDecided, v1alpha1.ConditionRatified, v1alpha1.ConditionEffective}

// author writes the conditions of one case.
type author struct {
	procedure.Case
	// system that the application is for; nil if the register lacks it.
	system       *v1alpha1.ElectronicSystem
	organisation regulation.Organisation
	state        clearance.ApprovalState
	committee    string
	p            message.Printer
}

func desired(papers procedure.Case, system *v1alpha1.ElectronicSystem, organisation regulation.Organisation) []metav1.Condition {
	a := author{Case: papers, system: system, organisation: organisation, state: clearance.Approval(papers, organisation),
		committee: procedure.Committee(organisation, papers.Application.Spec.Type), p: message.In(organisation.Language())}
	conditions := []metav1.Condition{a.submitted(), a.decided(), a.effective(), notified(a.Application, system, organisation, a.p)}
	if papers.NeedsConsent() {
		conditions = append(conditions, a.consented())
	}
	if a.committee != "" {
		conditions = append(conditions, a.referred())
	}
	if state := papers.Ratification(a.committee, organisation.Now); state != procedure.RatificationNone {
		conditions = append(conditions, a.ratified(state))
	}
	return conditions
}

// drop takes away the conditions of this controller that are no longer wanted.
func drop(conditions *[]metav1.Condition, wanted []metav1.Condition) {
	*conditions = slices.DeleteFunc(*conditions, func(condition metav1.Condition) bool {
		return slices.Contains(owned, condition.Type) && !slices.ContainsFunc(wanted, func(w metav1.Condition) bool {
			return w.Type == condition.Type
		})
	})
}

func (a author) office(role v1alpha1.OfficeRole) string { return a.p.Say(message.ID(role)) }

func (a author) submitted() metav1.Condition {
	if by := a.Application.Spec.Submission; by != nil && by.By == "" {
		return status.Condition(v1alpha1.ConditionSubmitted, false, v1alpha1.ReasonUnattested,
			a.p.Say(message.StampUnattested, a.Application.Name))
	} else if by != nil && a.Application.Spec.Stage == v1alpha1.StageSubmitted {
		return status.Condition(v1alpha1.ConditionSubmitted, true, string(v1alpha1.StageSubmitted),
			a.p.Say(message.ApprovalSubmitted, by.By, a.office(by.As)))
	}
	return status.Condition(v1alpha1.ConditionSubmitted, false, string(v1alpha1.StageDraft), a.p.Say(message.ApprovalDraft))
}

func (a author) decided() metav1.Condition {
	switch {
	case a.Application.Status.Decision != "" && a.Application.Status.DecidedBy == "":
		return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonUnattested,
			a.p.Say(message.StampUnattested, a.Application.Name))
	case a.Application.Status.Decision != "":
		return status.Condition(v1alpha1.ConditionDecided, true, string(a.Application.Status.Decision),
			a.p.Say(message.ApprovalDecided, a.Application.Status.DecidedBy, a.office(a.Application.Status.DecidedAs)))
	case a.state == clearance.StateNotSubmitted:
		return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonNotSubmitted, a.p.Say(message.ApprovalDraft))
	}
	system := a.system
	if system == nil {
		system = &v1alpha1.ElectronicSystem{}
	}
	change := a.Application.Spec.Type
	return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonPending,
		a.p.Say(message.ApprovalUndecided, clearance.Deciders(a.organisation.Deciders(system, change), change, a.p)))
}

func (a author) effective() metav1.Condition {
	effective := status.Condition(v1alpha1.ConditionEffective, a.state == clearance.StateInEffect, string(a.state),
		a.p.Say(message.ApprovalNotInEffect, string(a.state)))
	switch {
	case a.system == nil:
		return status.Condition(v1alpha1.ConditionEffective, false, v1alpha1.ReasonReferenceNotFound,
			a.p.Say(message.ApprovalSystemAbsent, a.Application.Spec.SystemRef.Name))
	case a.state == clearance.StateInEffect:
		effective.Message = a.p.Say(message.ApprovalInEffect)
	case a.state == clearance.StateUnattested:
		effective.Message = a.p.Say(message.ApprovalUnattested)
	}
	return effective
}

func (a author) consented() metav1.Condition {
	if a.Application.Spec.Stage != v1alpha1.StageSubmitted {
		return status.Condition(v1alpha1.ConditionConsented, false, v1alpha1.ReasonNotSubmitted, a.p.Say(message.ApprovalDraft))
	}
	if missing := a.MissingConsents(); len(missing) > 0 {
		return status.Condition(v1alpha1.ConditionConsented, false, v1alpha1.ReasonConsentsMissing,
			a.p.Say(message.ApprovalConsentsMissing, clearance.Consents(missing, a.organisation, a.p)))
	}
	return status.Condition(v1alpha1.ConditionConsented, true, v1alpha1.ReasonConsentsGiven, a.p.Say(message.ApprovalConsentsGiven))
}

func (a author) referred() metav1.Condition {
	switch meeting, outcome := a.Decided(a.committee); {
	case a.Application.Spec.Stage != v1alpha1.StageSubmitted:
		return status.Condition(v1alpha1.ConditionReferred, false, v1alpha1.ReasonNotSubmitted, a.p.Say(message.ApprovalDraft))
	case meeting != nil:
		return status.Condition(v1alpha1.ConditionReferred, true, v1alpha1.ReasonOnAgenda,
			a.p.Say(message.ApprovalMet, meeting.Name, string(meeting.Spec.HeldOn), a.p.Say(message.OutcomeID(outcome))))
	case a.OnAgenda(a.committee):
		return status.Condition(v1alpha1.ConditionReferred, true, v1alpha1.ReasonOnAgenda, a.p.Say(message.ApprovalReferred, a.committee))
	}
	return status.Condition(v1alpha1.ConditionReferred, false, v1alpha1.ReasonNotReferred,
		a.p.Say(message.ApprovalNotReferred, a.committee))
}

func (a author) ratified(state procedure.Ratification) metav1.Condition {
	by := clearance.Moment(a.Application.Status.RatifyBy.Time, a.organisation)
	sentence := map[procedure.Ratification]message.ID{
		procedure.Ratified:            message.ApprovalRatified,
		procedure.RatificationOpen:    message.ApprovalToRatify,
		procedure.RatificationLapsed:  message.ApprovalLapsed,
		procedure.RatificationRefused: message.ApprovalNotRatified,
	}[state]
	arguments := []any{a.committee}
	if state == procedure.RatificationOpen || state == procedure.RatificationLapsed {
		arguments = append(arguments, by)
	}
	return status.Condition(v1alpha1.ConditionRatified, state == procedure.Ratified, string(state), a.p.Say(sentence, arguments...))
}

// turns are the days on which another office may have to decide the application.
func turns(application *v1alpha1.ChangeApproval, system *v1alpha1.ElectronicSystem, organisation regulation.Organisation) []time.Time {
	if application.Status.Decision != "" || system == nil {
		return nil
	}
	return append(organisation.Turns(system), organisation.NextTurn())
}

// next is when the application's state next changes by itself; the zero time when it does not.
func next(application *v1alpha1.ChangeApproval, now time.Time) time.Time {
	var next time.Time
	for _, at := range clearance.Moments(application) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}
