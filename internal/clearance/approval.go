package clearance

import (
	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// ApprovalState says where an application stands. Its value is the reason of the condition Effective.
type ApprovalState string

const (
	// StateNotSubmitted: a draft.
	StateNotSubmitted ApprovalState = v1alpha1.ReasonNotSubmitted
	// StatePending: submitted and not decided.
	StatePending ApprovalState = v1alpha1.ReasonPending
	// StateDenied: decided, denied.
	StateDenied ApprovalState = ApprovalState(v1alpha1.DecisionDenied)
	// StateReturned: decided, returned to the applicant.
	StateReturned ApprovalState = ApprovalState(v1alpha1.DecisionReturned)
	// StateRevoked: approved once, revoked since.
	StateRevoked ApprovalState = ApprovalState(v1alpha1.DecisionRevoked)
	// StateUnattested: a decision that Kitei did not stamp, or of another spec than today's.
	StateUnattested ApprovalState = v1alpha1.ReasonUnattested
	// StateNotYetInEffect: approved, from a later time on.
	StateNotYetInEffect ApprovalState = ApprovalState(v1alpha1.ReasonNotYetInEffect)
	// StateExpired: approved, and run out.
	StateExpired ApprovalState = ApprovalState(v1alpha1.ReasonExpired)
	// StateConsentMissing: approved, and a section whose data is used has not consented, or no longer does (article 14).
	StateConsentMissing ApprovalState = ApprovalState(v1alpha1.ReasonConsentMissing)
	// StateUnratified: approved in urgency, and not ratified by the committee in time.
	StateUnratified ApprovalState = ApprovalState(v1alpha1.ReasonUnratified)
	// StateInEffect: approved and in effect.
	StateInEffect ApprovalState = v1alpha1.ReasonInEffect
)

// Approval says where an application stands at the organisation's moment.
func Approval(c procedure.Case, organisation regulation.Organisation) ApprovalState {
	application, now := c.Application, organisation.Now
	status, scope := &application.Status, &application.Spec.Scope
	committee := procedure.Committee(organisation, application.Spec.Type)
	switch {
	case status.Decision == "" && application.Spec.Stage == v1alpha1.StageSubmitted:
		return StatePending
	case status.Decision == "":
		return StateNotSubmitted
	case status.Decision == v1alpha1.DecisionRevoked: // ends an approval, whoever wrote it
		return StateRevoked
	case status.Decision == v1alpha1.DecisionDenied:
		return StateDenied
	case status.Decision == v1alpha1.DecisionReturned:
		return StateReturned
	case !attested(c):
		return StateUnattested
	case !c.Ratification(committee, now).Holds():
		return StateUnratified
	case len(c.MissingConsents()) > 0:
		return StateConsentMissing
	case scope.NotBefore != nil && now.Before(scope.NotBefore.Time):
		return StateNotYetInEffect
	case scope.NotAfter != nil && !now.Before(scope.NotAfter.Time):
		return StateExpired
	}
	return StateInEffect
}

// attested says whether the decision that stands bears its whole stamp, and the meeting that it names, if it names one,
// approved the application.
func attested(c procedure.Case) bool {
	current, decided := c.Application.Status.Standing()
	return decided && stamped(c.Application, current) && (current.MeetingRef == nil || c.Carried(current.MeetingRef.Name))
}

// introduces says whether an approval of this type lets a system run at all; the others only widen what may run.
func introduces(change v1alpha1.ChangeType) bool {
	return change == v1alpha1.ChangeIntroduction || change == v1alpha1.ChangeComputerization
}
