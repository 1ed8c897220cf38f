package notification

import (
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	sender "kitei.dev/kitei/internal/notification"
)

const (
	// news is how long a decision is worth telling. It keeps a mail server that was set up late, or an address that was
	// registered late, from being flooded with what everybody knows.
	news = 30 * 24 * time.Hour
	// undecided is how long a record that says Sending is left to who wrote it: longer than an attempt with its record takes.
	undecided = patience + patience/2
	// firstPause and longestPause bound how long a failed delivery waits for the next attempt: twice as long each time.
	firstPause, longestPause = time.Second, 5 * time.Minute
	// refusedPause is how long one waits that the other side refused for good.
	refusedPause = time.Hour
)

// action is what to do about one decision on one channel.
type action int

const (
	nothing action = iota // it is settled
	wait                  // somebody else may be sending it
	note                  // write a state without sending anything
	attempt               // send it
)

// step is an action with its details.
type step struct {
	action action
	pause  time.Duration
	state  v1alpha1.NotificationState
}

// situation is what a step depends on beside the record.
type situation struct {
	now, decidedAt time.Time
	// configured: the regulation has the channel. addressed: there is somebody to send to.
	configured, addressed bool
}

// next says what to do about a record.
func next(record v1alpha1.NotificationRecord, s situation) step {
	if settled(record) {
		return step{action: nothing}
	}
	if record.State == v1alpha1.NotificationSending && record.LastAttemptAt != nil {
		if left := record.LastAttemptAt.Add(undecided).Sub(s.now); left > 0 && left <= undecided {
			return step{action: wait, pause: left}
		}
	}
	to := step{action: attempt}
	switch {
	case !s.configured:
		to = step{action: note, state: v1alpha1.NotificationNotConfigured}
	case s.now.Sub(s.decidedAt) > news:
		to = step{action: note, state: v1alpha1.NotificationExpired}
	case !s.addressed:
		to = step{action: note, state: v1alpha1.NotificationNoAddress}
	}
	if to.action == note && to.state == record.State {
		return step{action: nothing}
	}
	return to
}

// settled says whether nothing more becomes of a record.
func settled(record v1alpha1.NotificationRecord) bool {
	switch record.State {
	case v1alpha1.NotificationDelivered, v1alpha1.NotificationNotConfigured, v1alpha1.NotificationExpired:
		return true
	case v1alpha1.NotificationSending, v1alpha1.NotificationWaiting, v1alpha1.NotificationRefused, v1alpha1.NotificationNoAddress:
	}
	return false
}

// outcome is the state after an attempt.
func outcome(err error) (v1alpha1.NotificationState, v1alpha1.NotificationFailure) {
	if err == nil {
		return v1alpha1.NotificationDelivered, ""
	}
	class := sender.Class(err)
	if class == v1alpha1.FailureRejected {
		return v1alpha1.NotificationRefused, class
	}
	return v1alpha1.NotificationWaiting, class
}

// pause until the next attempt; none where there will be none.
func pause(record v1alpha1.NotificationRecord) time.Duration {
	switch {
	case settled(record):
		return 0
	case record.State == v1alpha1.NotificationRefused:
		return refusedPause
	}
	doublings := min(max(record.Attempts, 1)-1, 16)
	return min(firstPause<<doublings, longestPause)
}

// find returns the record of a decision on a channel; a new one where there is none.
func find(records []v1alpha1.NotificationRecord, decision v1alpha1.Decision, channel v1alpha1.NotificationChannel,
) v1alpha1.NotificationRecord {
	for i := range records {
		if records[i].Decision == decision && records[i].Channel == channel {
			return *records[i].DeepCopy()
		}
	}
	return v1alpha1.NotificationRecord{Decision: decision, Channel: channel}
}

// ofChannel are the records of one channel.
func ofChannel(records []v1alpha1.NotificationRecord, channel v1alpha1.NotificationChannel) []v1alpha1.NotificationRecord {
	return slices.DeleteFunc(slices.Clone(records), func(r v1alpha1.NotificationRecord) bool { return r.Channel != channel })
}

// put returns records with one of them put in its place, or at the end.
func put(records []v1alpha1.NotificationRecord, record v1alpha1.NotificationRecord) []v1alpha1.NotificationRecord {
	records = slices.Clone(records)
	for i := range records {
		if records[i].Decision == record.Decision && records[i].Channel == record.Channel {
			records[i] = record
			return records
		}
	}
	return append(records, record)
}

// without are the addresses that are not told yet.
func without(addresses, told []v1alpha1.MailAddress) []v1alpha1.MailAddress {
	return slices.DeleteFunc(slices.Clone(addresses), func(a v1alpha1.MailAddress) bool { return slices.Contains(told, a) })
}
