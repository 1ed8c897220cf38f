package main

import (
	"fmt"
	"time"

	"k8s.io/utils/clock"
)

// clockAhead is by how much the operator's clock is ahead of the machine's, such as "744h"; empty in a release. Only
// go build -ldflags "-X main.clockAhead=744h" sets it, for a demonstration that cannot wait for a month, and no flag or environment
// variable does: whoever may start or configure an operator cannot move the clock by which approvals begin and lapse.
var clockAhead string

// clockOf is the operator's clock: the machine's, unless it is to be ahead.
func clockOf(ahead string) (clock.PassiveClock, error) {
	if ahead == "" {
		return clock.RealClock{}, nil
	}
	by, err := time.ParseDuration(ahead)
	if err != nil {
		return nil, fmt.Errorf("this operator was built with a clock that no duration says: %w", err)
	}
	return shiftedClock{by}, nil
}

// shiftedClock is the machine's clock, always so much ahead. It keeps the monotonic reading, so that what goes by it counts as in
// a release.
type shiftedClock struct{ by time.Duration }

// Now is the machine's time, shifted.
func (c shiftedClock) Now() time.Time { return time.Now().Add(c.by) }

// Since is the time since a moment of this clock.
func (c shiftedClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
