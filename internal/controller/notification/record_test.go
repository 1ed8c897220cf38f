package notification

import (
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	sender "kitei.dev/kitei/internal/notification"
)

func TestNext(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 3, 0, 0, time.UTC)
	at := func(ago time.Duration) *metav1.Time { return &metav1.Time{Time: now.Add(-ago)} }
	fresh := situation{now: now, decidedAt: now, configured: true, addressed: true}
	off, nobody, old := fresh, fresh, fresh
	off.configured, nobody.addressed, old.decidedAt = false, false, now.Add(-news-time.Second)
	record := func(state v1alpha1.NotificationState, last *metav1.Time) v1alpha1.NotificationRecord {
		return v1alpha1.NotificationRecord{State: state, LastAttemptAt: last}
	}
	for name, test := range map[string]struct {
		record v1alpha1.NotificationRecord
		in     situation
		want   step
	}{
		"a new decision":                         {record("", nil), fresh, step{action: attempt}},
		"no channel":                             {record("", nil), off, step{action: note, state: v1alpha1.NotificationNotConfigured}},
		"a channel taken away":                   {record(v1alpha1.NotificationWaiting, at(time.Hour)), off, step{action: note, state: v1alpha1.NotificationNotConfigured}},
		"nobody to tell":                         {record("", nil), nobody, step{action: note, state: v1alpha1.NotificationNoAddress}},
		"still nobody":                           {record(v1alpha1.NotificationNoAddress, nil), nobody, step{action: nothing}},
		"somebody now":                           {record(v1alpha1.NotificationNoAddress, nil), fresh, step{action: attempt}},
		"no news":                                {record("", nil), old, step{action: note, state: v1alpha1.NotificationExpired}},
		"an address too late":                    {record(v1alpha1.NotificationNoAddress, nil), old, step{action: note, state: v1alpha1.NotificationExpired}},
		"it failed":                              {record(v1alpha1.NotificationWaiting, at(0)), fresh, step{action: attempt}},
		"it was refused":                         {record(v1alpha1.NotificationRefused, at(0)), fresh, step{action: attempt}},
		"on its way":                             {record(v1alpha1.NotificationSending, at(0)), fresh, step{action: wait, pause: undecided}},
		"on its way, then switched off":          {record(v1alpha1.NotificationSending, at(0)), off, step{action: wait, pause: undecided}},
		"on its way for long":                    {record(v1alpha1.NotificationSending, at(undecided)), fresh, step{action: attempt}},
		"on its way, by a clock that is wrong":   {record(v1alpha1.NotificationSending, at(-time.Hour)), fresh, step{action: attempt}},
		"told":                                   {record(v1alpha1.NotificationDelivered, at(0)), fresh, step{action: nothing}},
		"told, and the channel taken away":       {record(v1alpha1.NotificationDelivered, at(0)), off, step{action: nothing}},
		"a channel that came after its time":     {record(v1alpha1.NotificationNotConfigured, nil), fresh, step{action: nothing}},
		"expired":                                {record(v1alpha1.NotificationExpired, nil), fresh, step{action: nothing}},
		"a state that nobody wrote is no reason": {record("Nonsense", nil), fresh, step{action: attempt}},
	} {
		if got := next(test.record, test.in); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

func TestPauseIsBounded(t *testing.T) {
	waiting := v1alpha1.NotificationRecord{State: v1alpha1.NotificationWaiting}
	last := time.Duration(0)
	for attempts := range int32(100) {
		waiting.Attempts = attempts
		got := pause(waiting)
		if got < last || got < firstPause || got > longestPause {
			t.Fatalf("after %d attempts: %s, before it %s", attempts, got, last)
		}
		last = got
	}
	if last != longestPause {
		t.Errorf("the longest pause is %s", last)
	}
	for state, want := range map[v1alpha1.NotificationState]time.Duration{
		v1alpha1.NotificationRefused: refusedPause, v1alpha1.NotificationDelivered: 0,
	} {
		if got := pause(v1alpha1.NotificationRecord{State: state, Attempts: 7}); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
}

func TestOutcome(t *testing.T) {
	of := func(class v1alpha1.NotificationFailure) error {
		return fmt.Errorf("wrapped: %w", &sender.Failure{Class: class, Err: errors.New("why")})
	}
	for name, test := range map[string]struct {
		err   error
		state v1alpha1.NotificationState
		class v1alpha1.NotificationFailure
	}{
		"none":     {nil, v1alpha1.NotificationDelivered, ""},
		"rejected": {of(v1alpha1.FailureRejected), v1alpha1.NotificationRefused, v1alpha1.FailureRejected},
		"deferred": {of(v1alpha1.FailureDeferred), v1alpha1.NotificationWaiting, v1alpha1.FailureDeferred},
		"unknown":  {errors.New("why"), v1alpha1.NotificationWaiting, v1alpha1.FailureUnreachable},
	} {
		if state, class := outcome(test.err); state != test.state || class != test.class {
			t.Errorf("%s: %s, %s", name, state, class)
		}
	}
}
