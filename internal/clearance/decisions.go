package clearance

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// Decisions are an application's decisions that bear their whole stamp, the oldest first: an approval stands before its
// revocation. What nobody attested was decided by nobody.
func Decisions(application *v1alpha1.ChangeApproval) []v1alpha1.DecisionRecord {
	status := &application.Status
	decisions := slices.Clone(status.PastDecisions)
	if status.Decision != "" && status.DecidedAt != nil {
		decisions = append(decisions, v1alpha1.DecisionRecord{
			Decision: status.Decision, Reason: status.DecisionReason, By: status.DecidedBy, As: status.DecidedAs,
			At: *status.DecidedAt, Generation: status.DecidedGeneration,
		})
	}
	return slices.DeleteFunc(decisions, func(decision v1alpha1.DecisionRecord) bool {
		then := *application
		then.Status = v1alpha1.ChangeApprovalStatus{
			Decision: decision.Decision, DecidedBy: decision.By, DecidedAs: decision.As, DecidedAt: &decision.At,
			DecidedGeneration: decision.Generation,
		}
		return !attested(&then)
	})
}
