package clearance

import (
	"slices"
	"strings"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// LapseBound bounds a lapse: long enough for another replica to take over, or for a restart. A label that comes later than this
// comes after an outage, and what the old label let in meanwhile stays, as all that goes on while the operator is down.
const LapseBound = 2 * time.Minute

// Lapse is the time between the end of an approval and the clearance that follows from it. What was created in it, or was still
// on its way then, got in by a label that was no longer true.
type Lapse struct {
	// Ended is when the approval was revoked, ran out, or lost a consent or its ratification.
	Ended time.Time
	// Settled is when the clearance was written.
	Settled time.Time
}

// IsZero says that there is no lapse.
func (l Lapse) IsZero() bool { return l.Ended.IsZero() }

// String is the lapse as an annotation holds it: an interval of ISO 8601, in whole seconds.
func (l Lapse) String() string {
	if l.IsZero() {
		return ""
	}
	return l.Ended.UTC().Format(time.RFC3339) + "/" + l.Settled.UTC().Format(time.RFC3339)
}

// parseLapse reads an annotation; what is none gives no lapse.
func parseLapse(text string) Lapse {
	ended, settled, _ := strings.Cut(text, "/")
	from, err := time.Parse(time.RFC3339, ended)
	to, errTo := time.Parse(time.RFC3339, settled)
	if err != nil || errTo != nil {
		return Lapse{}
	}
	return Lapse{Ended: from, Settled: to}
}

// Holds says whether something that was created then was created in the lapse. Times of creation are in whole seconds: what was
// created in the very second in which the approval ended may have been there before, and is taken to have been.
func (l Lapse) Holds(created time.Time) bool {
	return !l.IsZero() && created.Truncate(time.Second).After(l.Ended.Truncate(time.Second)) && !created.After(l.Over())
}

// Over is when nothing that the old label let in can still be on its way.
func (l Lapse) Over() time.Time { return l.Settled.Add(LapseBound) }

// Settle says which lapse a namespace's new clearance closes, at the time at which it is written; a clearance that says what the
// old one said keeps its lapse. There is one only where an approval that the old clearance rested on ended, and the old
// clearance let Pods in for that approval: a change of the mode, of the system or of its section closes none.
func Settle(before, after Recorded, cases []procedure.Case, organisation regulation.Organisation) Lapse {
	now := organisation.Now
	switch {
	case before.System != after.System:
		return Lapse{}
	case before.Clearance == after.Clearance && before.match == after.match:
		return before.Lapse
	case before.Clearance != v1alpha1.ClearanceCleared && before.Clearance != v1alpha1.ClearanceImages,
		after.Clearance == v1alpha1.ClearanceCleared || after.Clearance == v1alpha1.ClearanceObserved:
		return Lapse{}
	}
	var ended time.Time
	for _, c := range cases {
		name := c.Application.Name
		if !slices.Contains(before.Approvals, name) || slices.Contains(after.Approvals, name) {
			continue
		}
		if end := endOf(c, organisation); end.After(ended) {
			ended = end
		}
	}
	if ended.IsZero() || now.Sub(ended) > LapseBound {
		return Lapse{}
	}
	return Lapse{Ended: ended, Settled: now}
}

// endOf is when an approval that was in effect ended; zero where nobody attests it. The stamp on a revocation that was written
// while the webhooks were away is still that of the approval.
func endOf(c procedure.Case, organisation regulation.Organisation) time.Time {
	application := c.Application
	status := &application.Status
	var end time.Time
	switch Approval(c, organisation) { //nolint:exhaustive // the other states are no ends
	case StateExpired:
		end = application.Spec.Scope.NotAfter.Time
	case StateUnratified:
		end = c.UnratifiedAt(procedure.Committee(organisation, application.Spec.Type))
	case StateConsentMissing:
		end = c.WithdrawnAt()
	case StateRevoked:
		if past := status.PastDecisions; len(past) > 0 && past[len(past)-1].Decision == v1alpha1.DecisionApproved &&
			status.DecidedAt != nil && !status.DecidedAt.Before(&past[len(past)-1].At) {
			end = status.DecidedAt.Time
		}
	}
	if end.After(organisation.Now) { // by the clock of another replica
		return organisation.Now
	}
	return end
}
