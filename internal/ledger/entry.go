package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"kitei.dev/kitei/api/v1alpha1"
)

// Kind says what an entry attests.
type Kind string

const (
	// KindSubmission: an application was submitted (articles 12-1 and 13-1).
	KindSubmission Kind = "Submission"
	// KindDecision: an application was decided, or its approval revoked (articles 12 and 13).
	KindDecision Kind = "Decision"
	// KindConsent: a section decided on the use of its data (article 14).
	KindConsent Kind = "Consent"
	// KindMeeting: the chair confirmed the record of a meeting (articles 18 and 23).
	KindMeeting Kind = "Meeting"
	// KindNotification: the applicant was told of a decision (articles 12-5 and 13-2).
	KindNotification Kind = "Notification"
)

// Entry is what one stamp says: who did what, in which office, when, on exactly which content.
type Entry struct {
	// Kind of the entry.
	Kind Kind `json:"kind"`
	// Resource, Name and UID of the object that bears the stamp.
	Resource string    `json:"resource"`
	Name     string    `json:"name"`
	UID      types.UID `json:"uid"`
	// Digest is the SHA-256 of the content that was acted on, in hexadecimal: the object's frozen spec.
	Digest string `json:"digest"`
	// Decision: Submitted, Approved, Denied, Returned, Revoked, Confirmed or Notified.
	Decision string `json:"decision"`
	// Reason that was given with it.
	Reason string `json:"reason,omitempty"`
	// By is the authenticated name of who acted, As the office, At the time.
	By string              `json:"by"`
	As v1alpha1.OfficeRole `json:"as,omitempty"`
	At string              `json:"at"`
	// Meeting whose outcome a decision records.
	Meeting string `json:"meeting,omitempty"`
	// RatifyBy is when an approval that was given in urgency lapses.
	RatifyBy string `json:"ratifyBy,omitempty"`
	// Outcomes are what a meeting decided, by application.
	Outcomes map[string]string `json:"outcomes,omitempty"`
	// Attended, Seats and Quorum of a meeting.
	Attended int32 `json:"attended,omitempty"`
	Seats    int32 `json:"seats,omitempty"`
	Quorum   int32 `json:"quorum,omitempty"`
}

// ID tells an entry from every other: an object is submitted once, decided so once, and so on.
func (e Entry) ID() string {
	return fmt.Sprintf("%s/%s/%s/%s", e.Kind, e.Resource, e.UID, e.Decision)
}

// Moment writes a time as entries hold it, as precisely as the API server stores it.
func Moment(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// Digest of a content: the SHA-256 of its JSON, whose fields encoding/json writes in the order of the type.
func Digest(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", content, err)) // cannot happen: the kinds hold nothing that JSON cannot
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// content is the spec as it was submitted, without the stamp that says so.
func content(application *v1alpha1.ChangeApproval) v1alpha1.ChangeApprovalSpec {
	spec := *application.Spec.DeepCopy()
	spec.Submission = nil
	return spec
}

// Submission is the entry of an application's submission; false while it is a draft.
func Submission(application *v1alpha1.ChangeApproval) (Entry, bool) {
	by := application.Spec.Submission
	if by == nil {
		return Entry{}, false
	}
	return Entry{Kind: KindSubmission, Resource: "changeapprovals", Name: application.Name, UID: application.UID,
		Digest: Digest(content(application)), Decision: string(v1alpha1.StageSubmitted), By: by.By, As: by.As, At: Moment(by.At.Time)}, true
}

// Decision is the entry of an application's decision as it stands; false while there is none.
func Decision(application *v1alpha1.ChangeApproval) (Entry, bool) {
	status := &application.Status
	if status.Decision == "" || status.DecidedAt == nil {
		return Entry{}, false
	}
	entry := decisionEntry(application, v1alpha1.PastDecision{Decision: status.Decision, Reason: status.DecisionReason, By: status.DecidedBy,
		As: status.DecidedAs, At: *status.DecidedAt, MeetingRef: status.MeetingRef})
	if status.RatifyBy != nil {
		entry.RatifyBy = Moment(status.RatifyBy.Time)
	}
	return entry, true
}

func decisionEntry(application *v1alpha1.ChangeApproval, past v1alpha1.PastDecision) Entry {
	entry := Entry{Kind: KindDecision, Resource: "changeapprovals", Name: application.Name, UID: application.UID,
		Digest: Digest(application.Spec), Decision: string(past.Decision), Reason: past.Reason, By: past.By, As: past.As, At: Moment(past.At.Time)}
	if past.MeetingRef != nil {
		entry.Meeting = past.MeetingRef.Name
	}
	return entry
}

// Consent is the entry of a consent's decision; false while there is none.
func Consent(consent *v1alpha1.DataUseConsent) (Entry, bool) {
	status := &consent.Status
	if status.Decision == "" || status.DecidedAt == nil {
		return Entry{}, false
	}
	return Entry{Kind: KindConsent, Resource: "datauseconsents", Name: consent.Name, UID: consent.UID, Digest: Digest(consent.Spec),
		Decision: string(status.Decision), Reason: status.DecisionReason, By: status.DecidedBy, As: status.DecidedAs,
		At: Moment(status.DecidedAt.Time)}, true
}

// Meeting is the entry of a meeting's confirmation; false while it is not confirmed.
func Meeting(meeting *v1alpha1.CommitteeMeeting) (Entry, bool) {
	status := &meeting.Status
	if status.State == "" || status.ConfirmedAt == nil {
		return Entry{}, false
	}
	entry := Entry{Kind: KindMeeting, Resource: "committeemeetings", Name: meeting.Name, UID: meeting.UID, Digest: Digest(meeting.Spec),
		Decision: string(status.State), By: status.ConfirmedBy, As: v1alpha1.RoleChiefInformationOfficer, At: Moment(status.ConfirmedAt.Time),
		Outcomes: map[string]string{}}
	for _, item := range meeting.Spec.Agenda {
		entry.Outcomes[item.ApplicationRef.Name] = string(item.Outcome)
	}
	if count := status.Attendance; count != nil {
		entry.Attended, entry.Seats, entry.Quorum = count.Attended, count.Seats, count.Quorum
	}
	return entry, true
}
