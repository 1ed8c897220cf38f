package clearance

import (
	"time"

	"kitei.dev/kitei/api/v1alpha1"
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
	// StateInEffect: approved and in effect.
	StateInEffect ApprovalState = v1alpha1.ReasonInEffect
)

// Approval says where an application stands at a time.
func Approval(application *v1alpha1.ChangeApproval, now time.Time) ApprovalState {
	status, scope := &application.Status, &application.Spec.Scope
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
	case !attested(application):
		return StateUnattested
	case scope.NotBefore != nil && now.Before(scope.NotBefore.Time):
		return StateNotYetInEffect
	case scope.NotAfter != nil && !now.Before(scope.NotAfter.Time):
		return StateExpired
	}
	return StateInEffect
}

// attested says whether an approval bears the whole stamp, of an office that can decide such a change, on the spec as it is
// now, and not by the applicant.
func attested(application *v1alpha1.ChangeApproval) bool {
	status, submission := &application.Status, application.Spec.Submission
	return application.Spec.Stage == v1alpha1.StageSubmitted && submission != nil &&
		status.DecidedBy != "" && status.DecidedBy != submission.By &&
		status.DecidedAt != nil &&
		status.DecidedGeneration == application.Generation &&
		regulation.DecidesAs(application.Spec.Type, status.DecidedAs)
}

// introduces says whether an approval of this type lets a system run at all; the others only widen what may run.
func introduces(change v1alpha1.ChangeType) bool {
	return change == v1alpha1.ChangeIntroduction || change == v1alpha1.ChangeComputerization
}
