package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// EntryKind says what an entry of the ledger attests.
// +kubebuilder:validation:Enum=Submission;Decision;Consent;Meeting;Ratification;Notification
type EntryKind string

const (
	// EntrySubmission: an application was submitted (articles 12-1 and 13-1).
	EntrySubmission EntryKind = "Submission"
	// EntryDecision: an application was decided, or its approval revoked (articles 12 and 13).
	EntryDecision EntryKind = "Decision"
	// EntryConsent: a section decided on the use of its data (article 14).
	EntryConsent EntryKind = "Consent"
	// EntryMeeting: the chair confirmed the record of a meeting, with its outcomes (articles 18 and 23).
	EntryMeeting EntryKind = "Meeting"
	// EntryRatification: a meeting ratified an approval that was given in urgency, or did not (articles 12-2 and 12-4).
	EntryRatification EntryKind = "Ratification"
	// EntryNotification: the applicant was told of a decision (articles 12-5 and 13-2).
	EntryNotification EntryKind = "Notification"
)

// LedgerEntry is what one stamp says: who did what, in which office, when, on exactly which content.
type LedgerEntry struct {
	// kind: Submission, Decision, Consent, Meeting, Ratification or Notification.
	// +required
	Kind EntryKind `json:"kind"`

	// resource of the object that bears the stamp: changeapprovals, datauseconsents or committeemeetings.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Resource string `json:"resource"`

	// name of the object that bears the stamp.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// uid of the object that bears the stamp.
	// +required
	// +kubebuilder:validation:MaxLength=64
	UID string `json:"uid"`

	// digest of the content that was acted on, the object's frozen spec: the SHA-256 of its JSON, in hexadecimal.
	// +required
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{64}$`
	Digest string `json:"digest"`

	// decision: Submitted; Approved, Denied, Returned, Revoked; Confirmed (a meeting); of a notification, what was told.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Decision string `json:"decision"`

	// reason that was given with it.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Reason string `json:"reason,omitempty"`

	// by is the authenticated name of who acted; of a notification, the operator's account.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	By string `json:"by"`

	// as is the office in which they acted.
	// +optional
	As OfficeRole `json:"as,omitempty"`

	// at is the time, to the second.
	// +required
	At metav1.Time `json:"at"`

	// meetingRef names the meeting whose outcome it records (article 12-4).
	// +optional
	MeetingRef *NameReference `json:"meetingRef,omitempty"`

	// ratifyBy is when an approval that was given in urgency lapses.
	// +optional
	RatifyBy *metav1.Time `json:"ratifyBy,omitempty"`

	// outcomes of a meeting, by application.
	// +optional
	// +listType=map
	// +listMapKey=application
	// +kubebuilder:validation:MaxItems=64
	Outcomes []EntryOutcome `json:"outcomes,omitempty"`

	// attendance of a meeting.
	// +optional
	Attendance *Attendance `json:"attendance,omitempty"`

	// channel of a notification.
	// +optional
	Channel NotificationChannel `json:"channel,omitempty"`

	// found says that Kitei did not see this being done: the decision stood already when the ledger began.
	// +optional
	Found bool `json:"found,omitempty"`
}

// EntryOutcome is what a meeting decided of an application.
type EntryOutcome struct {
	// application by name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Application string `json:"application"`

	// outcome: Approved, Denied or Returned; empty where the meeting did not decide it.
	// +optional
	Outcome Outcome `json:"outcome,omitempty"`
}

// DecisionRecordSpec is one signed entry in its place in the ledger.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="台帳の記録は変えられません（規程第13条第3項） / a record of the ledger stands (article 13-3)",reason=FieldValueForbidden
type DecisionRecordSpec struct {
	// sequence counts from 1 without a gap.
	// +required
	// +kubebuilder:validation:Minimum=1
	Sequence int64 `json:"sequence"`

	// previous is the hash of the record before: the SHA-256 of what its signature signs, in hexadecimal. Empty for the first.
	// +optional
	// +kubebuilder:validation:Pattern=`^([0-9a-f]{64})?$`
	Previous string `json:"previous,omitempty"`

	// entry is what is recorded, for people: the envelope says the same.
	// +required
	Entry LedgerEntry `json:"entry"`

	// envelope proves it: a DSSE envelope around an in-toto statement.
	// +required
	Envelope SignedEnvelope `json:"envelope"`
}

// SignedEnvelope is an envelope of DSSE v1 (Dead Simple Signing Envelope).
type SignedEnvelope struct {
	// payloadType: application/vnd.in-toto+json.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	PayloadType string `json:"payloadType"`

	// payload is the statement, in base64.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	Payload string `json:"payload"`

	// signatures of Kitei's key: one.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Signatures []EnvelopeSignature `json:"signatures"`
}

// EnvelopeSignature is a signature of DSSE v1.
type EnvelopeSignature struct {
	// keyid is the fingerprint of the public key, as ssh-keygen -l prints it: SHA256:…
	// +required
	// +kubebuilder:validation:MaxLength=128
	KeyID string `json:"keyid"`

	// sig is the Ed25519 signature, in base64.
	// +required
	// +kubebuilder:validation:MaxLength=512
	Signature string `json:"sig"`
}

// DecisionRecord (台帳の記録) is one record of the ledger: a submission, a decision, a consent, a meeting, a ratification or a
// notification (articles 12 to 14, 18, 23), signed by Kitei and chained to the record before it. Kitei writes it, and nobody
// changes or deletes it (article 13-3). Its name is its sequence.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,shortName=record,categories=kitei
// +kubebuilder:printcolumn:name="Kind",type=string,JSONPath=`.spec.entry.kind`
// +kubebuilder:printcolumn:name="Object",type=string,JSONPath=`.spec.entry.name`
// +kubebuilder:printcolumn:name="Decision",type=string,JSONPath=`.spec.entry.decision`
// +kubebuilder:printcolumn:name="By",type=string,JSONPath=`.spec.entry.by`
// +kubebuilder:printcolumn:name="As",type=string,JSONPath=`.spec.entry.as`
// +kubebuilder:printcolumn:name="At",type=string,JSONPath=`.spec.entry.at`
type DecisionRecord struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the record.
	// +required
	Spec DecisionRecordSpec `json:"spec"`
}

// DecisionRecordList is a list of DecisionRecords.
// +kubebuilder:object:root=true
type DecisionRecordList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DecisionRecord `json:"items"`
}

// LedgerStatus says how the ledger stands.
type LedgerStatus struct {
	// publicKey checks every record and seal: PEM, PKIX, Ed25519. Keep a copy of it outside the cluster.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	PublicKey string `json:"publicKey"`

	// sequence of the last record; 0 where there is none yet.
	// +required
	// +kubebuilder:validation:Minimum=0
	Sequence int64 `json:"sequence"`

	// hash of the last record, in hexadecimal; empty where there is none yet.
	// +optional
	// +kubebuilder:validation:Pattern=`^([0-9a-f]{64})?$`
	Hash string `json:"hash,omitempty"`
}

const (
	// ConditionLedger says whether the ledger is whole. Reasons: [ReasonWhole], [ReasonRecordMissing], [ReasonRecordAltered],
	// [ReasonRecordOutOfOrder].
	ConditionLedger = "Ledger"
	// ReasonWhole: every record is there, signed, and follows the one before it.
	ReasonWhole = "Whole"
	// ReasonRecordMissing: a record is not there.
	ReasonRecordMissing = "RecordMissing"
	// ReasonRecordAltered: a record is not what Kitei signed, or does not follow the one before it.
	ReasonRecordAltered = "RecordAltered"
	// ReasonRecordOutOfOrder: a record is in another's place, or there twice.
	ReasonRecordOutOfOrder = "RecordOutOfOrder"
)
