package procedure

import (
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// Ratification says where an approval stands that was given in urgency, before a meeting. Its value is the reason of the
// condition Ratified.
type Ratification string

const (
	// RatificationNone: the approval needs none.
	RatificationNone Ratification = ""
	// RatificationOpen: the committee has yet to ratify it, and has time.
	RatificationOpen Ratification = v1alpha1.ReasonRatificationOpen
	// RatificationLapsed: the time is over.
	RatificationLapsed Ratification = v1alpha1.ReasonRatificationLapsed
	// RatificationRefused: the committee decided against it.
	RatificationRefused Ratification = v1alpha1.ReasonRatificationRefused
	// Ratified: the committee ratified it in time.
	Ratified Ratification = v1alpha1.ReasonRatified
)

// Holds says whether an approval stands in that state.
func (r Ratification) Holds() bool {
	return r == RatificationNone || r == RatificationOpen || r == Ratified
}

// Ratification of the case's approval by the committee at a moment. A meeting counts from when its chair confirmed it: one
// that is confirmed too late mends nothing.
func (c Case) Ratification(committee string, now time.Time) Ratification {
	status := &c.Application.Status
	if status.Decision != v1alpha1.DecisionApproved || status.RatifyBy == nil || status.DecidedAt == nil {
		return RatificationNone
	}
	meeting, outcome := c.ratifying(committee)
	switch {
	case meeting == nil && now.Before(status.RatifyBy.Time):
		return RatificationOpen
	case meeting == nil:
		return RatificationLapsed
	case outcome != v1alpha1.OutcomeApproved:
		return RatificationRefused
	case !meeting.Status.ConfirmedAt.Time.Before(status.RatifyBy.Time):
		return RatificationLapsed
	}
	return Ratified
}

// UnratifiedAt is when an approval that does not hold for want of its ratification ceased to: when its time was over, or when the
// chair confirmed before that that the committee decided against it.
func (c Case) UnratifiedAt(committee string) time.Time {
	by := c.Application.Status.RatifyBy.Time
	if meeting, outcome := c.ratifying(committee); meeting != nil && outcome != v1alpha1.OutcomeApproved &&
		meeting.Status.ConfirmedAt.Time.Before(by) {
		return meeting.Status.ConfirmedAt.Time
	}
	return by
}

// Debt says whether the managing section owes the committee the ratification of the case's approval: until a meeting has
// decided it, or the approval is revoked, no other approval of its systems is given in urgency.
func (c Case) Debt(committee string) bool {
	status := &c.Application.Status
	if status.Decision != v1alpha1.DecisionApproved || status.RatifyBy == nil || status.DecidedAt == nil {
		return false
	}
	meeting, _ := c.ratifying(committee)
	return meeting == nil
}
