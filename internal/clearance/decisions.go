package clearance

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// Decisions are an application's decisions that bear their whole stamp, the oldest first: an approval stands before its
// revocation. What nobody attested was decided by nobody.
func Decisions(application *v1alpha1.ChangeApproval) []v1alpha1.PastDecision {
	decisions := slices.Clone(application.Status.PastDecisions)
	if current, decided := application.Status.Standing(); decided {
		decisions = append(decisions, current)
	}
	return slices.DeleteFunc(decisions, func(decision v1alpha1.PastDecision) bool { return !stamped(application, decision) })
}

// stamped says whether a decision bears the whole stamp, of an office that can decide such a change, on the spec as it is now;
// and, where it records no meeting's outcome, not by the applicant.
func stamped(application *v1alpha1.ChangeApproval, decision v1alpha1.PastDecision) bool {
	submission := application.Spec.Submission
	return application.Spec.Stage == v1alpha1.StageSubmitted && submission != nil &&
		decision.By != "" && (decision.By != submission.By || decision.MeetingRef != nil) &&
		decision.Generation == application.Generation &&
		regulation.DecidesAs(application.Spec.Type, decision.As)
}
