package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CommitteeMeetingSpec is the record of a meeting (会議の記録). The secretariat writes it; nothing of it changes once the chair
// has confirmed it.
// +kubebuilder:validation:XValidation:rule="!has(self.agenda) || self.agenda.all(a, self.agenda.exists_one(b, b.applicationRef.name == a.applicationRef.name))",message="同じ申請を一つの会議に二度付議できません（規程第12条第4項） / a meeting takes up an application once (article 12-4)",reason=FieldValueInvalid,fieldPath=".agenda"
type CommitteeMeetingSpec struct {
	// committeeRef names the Committee that meets. It cannot change.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="会議の委員会は変えられません（規程第19条） / a meeting stays its committee's (article 19)",reason=FieldValueForbidden
	CommitteeRef NameReference `json:"committeeRef"`

	// heldOn is the day of the meeting, in the regulation's time zone.
	// +required
	HeldOn Date `json:"heldOn"`

	// attendees are the seats whose holders attended, by the names that the Committee gives them.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=80
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	Attendees []string `json:"attendees,omitempty"`

	// guests who attended at the chair's request without being members (articles 19-2 and 24-2).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Guests []string `json:"guests,omitempty"`

	// agenda: the applications that were referred to the meeting (付議), each with what it decided.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Agenda []AgendaItem `json:"agenda,omitempty"`
}

// Outcome is what a meeting decided of an application.
// +kubebuilder:validation:Enum=Approved;Denied;Returned
type Outcome string

const (
	// OutcomeApproved is 可決; of an application that was approved in urgency before a meeting, 追認.
	OutcomeApproved Outcome = "Approved"
	// OutcomeDenied is 否決; of one that was approved in urgency, 不追認.
	OutcomeDenied Outcome = "Denied"
	// OutcomeReturned is 差戻し.
	OutcomeReturned Outcome = "Returned"
)

// AgendaItem is one application before a meeting.
type AgendaItem struct {
	// applicationRef names the ChangeApproval.
	// +required
	ApplicationRef NameReference `json:"applicationRef"`

	// outcome: Approved (可決・追認), Denied (否決) or Returned (差戻し). Without one the meeting did not decide it.
	// +optional
	Outcome Outcome `json:"outcome,omitempty"`

	// note on the deliberation (審議の要旨).
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Note string `json:"note,omitempty"`
}

// MeetingState says whether the chair confirmed the record.
// +kubebuilder:validation:Enum=Confirmed
type MeetingState string

// MeetingConfirmed: the chair confirmed the record, and it is frozen.
const MeetingConfirmed MeetingState = "Confirmed"

// CommitteeMeetingStatus is the confirmation of the record.
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.state) || (has(self.state) && self.state == oldSelf.state && self.confirmedBy == oldSelf.confirmedBy && self.confirmedAt == oldSelf.confirmedAt)",message="委員長が確認した記録は変えられません（規程第18条） / a record that the chair confirmed stands (article 18)",reason=FieldValueForbidden,fieldPath=".state"
// +kubebuilder:validation:XValidation:rule="has(self.state) == has(self.confirmedBy) && has(self.state) == has(self.confirmedAt) && has(self.state) == has(self.confirmedGeneration)",message="確認には、誰が、いつ、どの世代について確認したかを Kitei が記録します（規程第18条） / a confirmation carries who confirmed, when and which generation; Kitei stamps them (article 18)",reason=FieldValueForbidden,fieldPath=".confirmedBy"
type CommitteeMeetingStatus struct {
	// state: Confirmed, once the chair (情報統括責任者, articles 18 and 23) has confirmed the record. This is what the chair
	// sets.
	// +optional
	State MeetingState `json:"state,omitempty"`

	// confirmedBy is the authenticated name of the chair. Kitei stamps it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	ConfirmedBy string `json:"confirmedBy,omitempty"`

	// confirmedAt is the time of the confirmation. Kitei stamps it.
	// +optional
	ConfirmedAt *metav1.Time `json:"confirmedAt,omitempty"`

	// confirmedGeneration is the generation of the record that was confirmed. Kitei stamps it.
	// +optional
	// +kubebuilder:validation:Minimum=1
	ConfirmedGeneration int64 `json:"confirmedGeneration,omitempty"`

	// attendance at the meeting, as counted when it was confirmed. Kitei stamps it.
	// +optional
	Attendance *Attendance `json:"attendance,omitempty"`

	// seal is Kitei's signature on the confirmation with its stamp: without it it counts for nothing. Kitei writes it.
	// +optional
	Seal Seal `json:"seal,omitempty"`

	// conditions: Quorate, Confirmed.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Attendance counts who was there.
type Attendance struct {
	// attended counts the seats whose holders attended.
	// +required
	// +kubebuilder:validation:Minimum=0
	Attended int32 `json:"attended"`

	// seats counts the members of the committee, ad hoc ones too.
	// +required
	// +kubebuilder:validation:Minimum=0
	Seats int32 `json:"seats"`

	// quorum is how many had to attend.
	// +required
	// +kubebuilder:validation:Minimum=0
	Quorum int32 `json:"quorum"`
}

const (
	// ConditionQuorate says whether as many attended as the committee's rule asks for. Reasons: [ReasonQuorumMet],
	// [ReasonQuorumMissed], [ReasonReferenceNotFound].
	ConditionQuorate = "Quorate"
	// ConditionConfirmed says whether the chair confirmed the record. Reasons: Confirmed, [ReasonPending].
	ConditionConfirmed = "Confirmed"
)

const (
	// ReasonQuorumMet: enough members attended.
	ReasonQuorumMet = "QuorumMet"
	// ReasonQuorumMissed: too few members attended, so the meeting decides nothing (article 19-1).
	ReasonQuorumMissed = "QuorumMissed"
)

// CommitteeMeeting is one meeting of a committee and what it decided (articles 16 to 19, 21 to 24).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=meeting,categories=kitei
// +kubebuilder:printcolumn:name="Committee",type=string,JSONPath=`.spec.committeeRef.name`
// +kubebuilder:printcolumn:name="Held On",type=string,JSONPath=`.spec.heldOn`
// +kubebuilder:printcolumn:name="Quorate",type=string,JSONPath=`.status.conditions[?(@.type=="Quorate")].status`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Confirmed By",type=string,JSONPath=`.status.confirmedBy`
// +kubebuilder:printcolumn:name="Applications",type=string,JSONPath=`.spec.agenda[*].applicationRef.name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.state) || self.spec == oldSelf.spec",message="委員長が確認した記録は変えられません（規程第18条） / a record that the chair confirmed stands (article 18)",reason=FieldValueForbidden,fieldPath=".spec"
type CommitteeMeeting struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the record of the meeting.
	// +required
	Spec CommitteeMeetingSpec `json:"spec"`
	// status is its confirmation.
	// +optional
	Status CommitteeMeetingStatus `json:"status,omitzero"`
}

// CommitteeMeetingList is a list of CommitteeMeetings.
// +kubebuilder:object:root=true
type CommitteeMeetingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CommitteeMeeting `json:"items"`
}
