package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"kitei.dev/kitei/api/v1alpha1"
)

// Stamp is an entry as an object bears it, with the seal that it bears.
type Stamp struct {
	Entry v1alpha1.LedgerEntry
	Seal  v1alpha1.Seal
}

// ID tells an entry from every other: an object is submitted once, decided so once, told so once by a channel.
func ID(e v1alpha1.LedgerEntry) string {
	meeting := ""
	if e.Kind == v1alpha1.EntryRatification {
		meeting = e.MeetingRef.Name
	}
	return fmt.Sprintf("%s/%s/%s/%s/%s%s", e.Kind, e.Resource, e.UID, e.Decision, e.Channel, meeting)
}

// Digest of a content: the SHA-256 of its JSON, whose fields encoding/json writes in the order of the type. So a field that is
// added to a spec must be omitted when empty, and have no default: what was sealed before it would count for nothing.
func Digest(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", content, err)) // cannot happen: the kinds hold nothing that JSON cannot
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Submission is the stamp of an application's submission; false while it is a draft. What was submitted is the spec without the
// stamp.
func Submission(application *v1alpha1.ChangeApproval) (Stamp, bool) {
	by := application.Spec.Submission
	if by == nil {
		return Stamp{}, false
	}
	content := application.Spec
	content.Submission = nil
	return Stamp{Seal: by.Seal, Entry: v1alpha1.LedgerEntry{
		Kind: v1alpha1.EntrySubmission, Resource: "changeapprovals", Name: application.Name, UID: string(application.UID),
		Digest: Digest(content), Decision: string(v1alpha1.StageSubmitted), By: by.By, As: by.As, At: by.At,
	}}, true
}

// Decision is the stamp of the decision that stands; false while there is none, or nobody knows since when.
func Decision(application *v1alpha1.ChangeApproval) (Stamp, bool) {
	standing, decided := application.Status.Standing()
	if !decided {
		return Stamp{}, false
	}
	return decision(application, standing), true
}

func decision(application *v1alpha1.ChangeApproval, past v1alpha1.PastDecision) Stamp {
	return Stamp{Seal: past.Seal, Entry: v1alpha1.LedgerEntry{
		Kind: v1alpha1.EntryDecision, Resource: "changeapprovals", Name: application.Name, UID: string(application.UID),
		Digest: Digest(application.Spec), Decision: string(past.Decision), Reason: past.Reason, By: past.By, As: past.As, At: past.At,
		MeetingRef: past.MeetingRef, RatifyBy: past.RatifyBy,
	}}
}

// Consent is the stamp of what was decided on a consent; false while nothing is.
func Consent(consent *v1alpha1.DataUseConsent) (Stamp, bool) {
	status := &consent.Status
	if status.Decision == "" || status.DecidedAt == nil {
		return Stamp{}, false
	}
	return consented(consent, v1alpha1.PastDecision{Decision: status.Decision, Reason: status.DecisionReason, By: status.DecidedBy,
		As: status.DecidedAs, At: *status.DecidedAt, Seal: status.Seal}), true
}

func consented(consent *v1alpha1.DataUseConsent, past v1alpha1.PastDecision) Stamp {
	return Stamp{Seal: past.Seal, Entry: v1alpha1.LedgerEntry{
		Kind: v1alpha1.EntryConsent, Resource: "datauseconsents", Name: consent.Name, UID: string(consent.UID),
		Digest:   Digest(consent.Spec),
		Decision: string(past.Decision), Reason: past.Reason, By: past.By, As: past.As, At: past.At,
	}}
}

// Meeting is the stamp of a meeting's confirmation; false while it is not confirmed.
func Meeting(meeting *v1alpha1.CommitteeMeeting) (Stamp, bool) {
	status := &meeting.Status
	if status.State == "" || status.ConfirmedAt == nil {
		return Stamp{}, false
	}
	entry := v1alpha1.LedgerEntry{
		Kind: v1alpha1.EntryMeeting, Resource: "committeemeetings", Name: meeting.Name, UID: string(meeting.UID),
		Digest:   Digest(meeting.Spec),
		Decision: string(status.State), By: status.ConfirmedBy, As: v1alpha1.RoleChiefInformationOfficer, At: *status.ConfirmedAt,
		Attendance: status.Attendance,
	}
	for _, item := range meeting.Spec.Agenda {
		entry.Outcomes = append(entry.Outcomes, v1alpha1.EntryOutcome{Application: item.ApplicationRef.Name, Outcome: item.Outcome})
	}
	return Stamp{Seal: status.Seal, Entry: entry}, true
}

// Stamps of an object, the oldest first.
func Stamps(object any) []Stamp {
	var stamps []Stamp
	add := func(stamp Stamp, is bool) {
		if is {
			stamps = append(stamps, stamp)
		}
	}
	switch object := object.(type) {
	case *v1alpha1.ChangeApproval:
		add(Submission(object))
		for _, past := range object.Status.PastDecisions {
			add(decision(object, past), true)
		}
		add(Decision(object))
	case *v1alpha1.DataUseConsent:
		for _, past := range object.Status.PastDecisions {
			add(consented(object, past), true)
		}
		add(Consent(object))
	case *v1alpha1.CommitteeMeeting:
		add(Meeting(object))
	}
	return stamps
}

// PutBack says whether the decision that an object bears is one that the ledger knows to have ended: recorded says whether it has
// the entry with an ID. A decision that was revoked never stands again.
func PutBack(object any, recorded func(id string) bool) bool {
	stamps := Stamps(object)
	if len(stamps) == 0 {
		return false
	}
	end := stamps[len(stamps)-1].Entry
	if end.Decision != string(v1alpha1.DecisionApproved) && end.Kind != v1alpha1.EntrySubmission {
		return false
	}
	if end.Kind == v1alpha1.EntrySubmission {
		end.Kind = v1alpha1.EntryDecision
	}
	for _, later := range []v1alpha1.Decision{v1alpha1.DecisionRevoked, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned} {
		end.Decision = string(later)
		if recorded(ID(end)) {
			return true
		}
	}
	return false
}

// Notifications are the entries of how an application's decisions were told. They follow the records that the operator itself
// writes, and bear no seal.
func Notifications(application *v1alpha1.ChangeApproval) []v1alpha1.LedgerEntry {
	var entries []v1alpha1.LedgerEntry
	for _, told := range application.Status.Notifications {
		if told.State != v1alpha1.NotificationDelivered || told.DeliveredAt == nil {
			continue
		}
		entries = append(entries, v1alpha1.LedgerEntry{
			Kind: v1alpha1.EntryNotification, Resource: "changeapprovals", Name: application.Name, UID: string(application.UID),
			Digest: Digest(application.Spec), Decision: string(told.Decision), By: v1alpha1.OperatorUsername, At: *told.DeliveredAt,
			Channel: told.Channel,
		})
	}
	return entries
}

// Ratification is the entry of what a meeting decided of an approval that was given in urgency.
func Ratification(meeting *v1alpha1.CommitteeMeeting, application *v1alpha1.ChangeApproval, outcome v1alpha1.Outcome,
) v1alpha1.LedgerEntry {
	return v1alpha1.LedgerEntry{
		Kind: v1alpha1.EntryRatification, Resource: "changeapprovals", Name: application.Name, UID: string(application.UID),
		Digest: Digest(application.Spec), Decision: string(outcome), By: meeting.Status.ConfirmedBy,
		As: v1alpha1.RoleChiefInformationOfficer, At: *meeting.Status.ConfirmedAt,
		MeetingRef: &v1alpha1.NameReference{Name: meeting.Name},
	}
}
