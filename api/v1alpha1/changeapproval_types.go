package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ChangeType says what kind of 導入等 an application is for (articles 12 and 13).
// +kubebuilder:validation:Enum=Introduction;Computerization;Modification;MinorChange
type ChangeType string

const (
	// ChangeIntroduction is 新たな電子情報システムの導入 (article 12-1). A system runs only with this or with
	// [ChangeComputerization].
	ChangeIntroduction ChangeType = "Introduction"
	// ChangeComputerization is 事務の電子情報システム化 (article 12-1).
	ChangeComputerization ChangeType = "Computerization"
	// ChangeModification is 既存の電子情報システム若しくは電子情報処理の変更 (article 12-1).
	ChangeModification ChangeType = "Modification"
	// ChangeMinor is 軽易な電子情報処理の変更 (article 13).
	ChangeMinor ChangeType = "MinorChange"
)

// ApplicationStage says whether an application is still being written.
// +kubebuilder:validation:Enum=Draft;Submitted
type ApplicationStage string

const (
	// StageDraft may be edited and waits for nobody.
	StageDraft ApplicationStage = "Draft"
	// StageSubmitted is frozen and waits for its decision.
	StageSubmitted ApplicationStage = "Submitted"
)

// Decision is what an approver decides of an application.
// +kubebuilder:validation:Enum=Approved;Denied;Returned;Revoked
type Decision string

const (
	// DecisionApproved is 承認.
	DecisionApproved Decision = "Approved"
	// DecisionDenied is 否決.
	DecisionDenied Decision = "Denied"
	// DecisionReturned is 差戻し: a new application may follow.
	DecisionReturned Decision = "Returned"
	// DecisionRevoked is 取消 of an approval.
	DecisionRevoked Decision = "Revoked"
)

// OfficeRole is an office (職) of the regulation that applies or decides.
// +kubebuilder:validation:Enum=ChiefInformationOfficer;DigitalPromotionSectionHead;DepartmentHead;ManagingSectionHead;UsingDepartmentHead;UsingSectionHead;DataSectionHead
type OfficeRole string

const (
	// RoleChiefInformationOfficer is 情報統括責任者 (article 3), the head of the management department.
	RoleChiefInformationOfficer OfficeRole = "ChiefInformationOfficer"
	// RoleDigitalPromotionSectionHead is デジタル推進課長, who is 情報管理責任者 (article 3の2).
	RoleDigitalPromotionSectionHead OfficeRole = "DigitalPromotionSectionHead"
	// RoleDepartmentHead is システム管理部長 (article 2 (13)), the head of the managing section's department.
	RoleDepartmentHead OfficeRole = "DepartmentHead"
	// RoleManagingSectionHead is システム管理課長 (article 2 (15)).
	RoleManagingSectionHead OfficeRole = "ManagingSectionHead"
	// RoleUsingDepartmentHead is 当該電子情報システムを利用する部の長 (article 12-1).
	RoleUsingDepartmentHead OfficeRole = "UsingDepartmentHead"
	// RoleUsingSectionHead is 当該電子情報システムを利用する課の長 (article 13-1).
	RoleUsingSectionHead OfficeRole = "UsingSectionHead"
	// RoleDataSectionHead is 当該利用するデータを管理する課の長 (article 14-1).
	RoleDataSectionHead OfficeRole = "DataSectionHead"
)

// ChangeApprovalSpec is the application. It cannot change once it is submitted.
// +kubebuilder:validation:XValidation:rule="oldSelf.stage != 'Submitted' || self == oldSelf",message="提出済みの申請は変更できません（規程第12条）。新たな申請を作ってください / a submitted application cannot change (article 12): write a new one",reason=FieldValueForbidden
// +kubebuilder:validation:XValidation:rule="(self.stage == 'Submitted') == has(self.submission)",message="submission は stage が Submitted になるときに Kitei が記録します（規程第12条） / submission is stamped by Kitei when stage becomes Submitted (article 12)",reason=FieldValueForbidden,fieldPath=".submission"
// +kubebuilder:validation:XValidation:rule="self.stage != 'Submitted' || self.type == 'MinorChange' || has(self.criteria)",message="申請には規程第12条第1項の三つの基準に該当する理由が要ります / an application states how it meets the three criteria of article 12-1",reason=FieldValueRequired,fieldPath=".criteria"
type ChangeApprovalSpec struct {
	// systemRef names the ElectronicSystem that is introduced or changed.
	// +required
	SystemRef NameReference `json:"systemRef"`

	// type of the change: Introduction, Computerization, Modification (article 12) or MinorChange (article 13).
	// +required
	Type ChangeType `json:"type"`

	// title of the application (件名).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Title string `json:"title"`

	// criteria of article 12-1, each with its justification. Required on submission, a MinorChange apart.
	// +optional
	Criteria *Criteria `json:"criteria,omitempty"`

	// necessity of the change (必要性, article 12-4).
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Necessity string `json:"necessity,omitempty"`

	// cost of the change (費用, article 12-4).
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Cost string `json:"cost,omitempty"`

	// effect of the change (効果, article 12-4).
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Effect string `json:"effect,omitempty"`

	// alternatives that were considered (代替手段等の有無, article 12-4).
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Alternatives string `json:"alternatives,omitempty"`

	// fiscalYear for which the change is planned, as the western year in which it begins on 1 April: 2027 is 令和9年度. Required
	// on submission, a MinorChange apart. It is due by the regulation's applicationDeadline of the year before (article 12-2).
	// +optional
	// +kubebuilder:validation:Minimum=2019
	// +kubebuilder:validation:Maximum=2200
	FiscalYear int32 `json:"fiscalYear,omitempty"`

	// urgency says why the change cannot wait (法令改正等緊急に行う必要, article 12-2): it may be submitted after the deadline,
	// and 情報統括責任者 may approve it before the committee meets, which must then ratify it.
	// +optional
	Urgency *Urgency `json:"urgency,omitempty"`

	// dataUse lists the data of other sections that the change uses (データ利用, article 14).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	DataUse []DataUse `json:"dataUse,omitempty"`

	// answersRef names the application that was Returned (差戻し) and that this one answers.
	// +optional
	AnswersRef *NameReference `json:"answersRef,omitempty"`

	// scope of the approval that is applied for: images and time. Without one it covers any image (a MinorChange none), from
	// the decision on.
	// +optional
	Scope ApprovalScope `json:"scope,omitzero"`

	// stage of the application: Draft (the default) or Submitted. Only an office entitled to apply may submit it; from then
	// on nothing of the spec changes.
	// +optional
	// +kubebuilder:default=Draft
	Stage ApplicationStage `json:"stage,omitempty"`

	// submission says who submitted the application. Kitei stamps it from the authenticated request.
	// +optional
	Submission *Submission `json:"submission,omitempty"`
}

// Urgency says why a change cannot wait for its time.
type Urgency struct {
	// reason of the urgency (緊急に行う必要がある理由), for example the law that changes.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Reason string `json:"reason"`
}

// Criteria are the three criteria of article 12-1, each with the applicant's justification.
type Criteria struct {
	// residentWelfare: 区民福祉の増進に寄与するものであること (article 12-1 (1)).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	ResidentWelfare string `json:"residentWelfare"`

	// administrativeEfficiency: 行財政運営の効率化に寄与するものであること (article 12-1 (2)).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	AdministrativeEfficiency string `json:"administrativeEfficiency"`

	// personalInformationProtection: 条例に定める個人情報の保護に適合するものであること (article 12-1 (3)).
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	PersonalInformationProtection string `json:"personalInformationProtection"`
}

// ApprovalScope bounds what an approval covers.
// +kubebuilder:validation:XValidation:rule="!has(self.notBefore) || !has(self.notAfter) || self.notBefore < self.notAfter",message="notAfter は notBefore より後でなければなりません（規程第12条） / notAfter must be later than notBefore (article 12)",reason=FieldValueInvalid,fieldPath=".notAfter"
type ApprovalScope struct {
	// images that the approval covers. Without any it covers every image; a MinorChange without any covers none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	Images []ImagePattern `json:"images,omitempty"`

	// namespaces in which the system may run by this approval. Without any it is every namespace of the system; a MinorChange
	// adds none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Namespaces []string `json:"namespaces,omitempty"`

	// classification of the system after the change, where the change sets one (article 26-2 (2)).
	// +optional
	Classification *Classification `json:"classification,omitempty"`

	// dataCategories that the system handles after the change, where the change adds any (article 2 (9) to (11)).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	DataCategories []DataCategory `json:"dataCategories,omitempty"`

	// notBefore is the time from which the approval is in effect.
	// +optional
	NotBefore *metav1.Time `json:"notBefore,omitempty"`

	// notAfter is the time from which the approval is no longer in effect.
	// +optional
	NotAfter *metav1.Time `json:"notAfter,omitempty"`
}

// ImagePattern covers container images. The registry is always written out, because what a short name means is decided on
// each node. A pattern is one of
//
//	registry.example/tax/web             this repository, any tag and any digest
//	registry.example/tax/web:1.4.2       this tag, and no digest beside it
//	registry.example/tax/web:1.4.*       tags; "*" stands for any run of tag characters, also none
//	registry.example/tax/web@sha256:…    this digest, with any tag or none beside it
//	registry.example/tax/web:1.4@sha256:… this tag and digest together
//	registry.example/tax/*               any repository directly below registry.example/tax
//	registry.example/tax/**              any repository below registry.example/tax, however deep
//
// registry.example/tax never covers registry.example/tax-other: a path is compared segment by segment.
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:Pattern=`^(localhost|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+|[a-z0-9]([-a-z0-9]*[a-z0-9])?:[0-9]{1,5}|localhost:[0-9]{1,5}|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+:[0-9]{1,5})(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/(\*|\*\*|[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(:[A-Za-z0-9_*][-A-Za-z0-9_.*]{0,127}|(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?@sha256:[a-f0-9]{64})?)$`
type ImagePattern string

// Submission says who submitted an application.
type Submission struct {
	// by is the authenticated name of the applicant.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	By string `json:"by"`

	// as is the office in which they applied.
	// +required
	As OfficeRole `json:"as"`

	// at is the time of submission.
	// +required
	At metav1.Time `json:"at"`

	// fiscalYear for which it was submitted, in both calendars: 令和9年度 / FY2027.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	FiscalYear string `json:"fiscalYear,omitempty"`

	// seal is Kitei's signature on this stamp: without it it counts for nothing. Kitei writes it.
	// +optional
	Seal Seal `json:"seal,omitempty"`
}

const (
	// ConditionSubmitted says whether the application was submitted. Reasons: the stage, Draft or Submitted.
	ConditionSubmitted = "Submitted"
	// ConditionDecided says whether the application was decided. Reasons: the decision, or [ReasonPending],
	// [ReasonNotSubmitted].
	ConditionDecided = "Decided"
	// ConditionEffective says whether the approval is in effect now. Reasons: [ReasonInEffect], [ReasonPending],
	// [ReasonNotSubmitted], NotYetInEffect, Expired, Revoked, Denied, Returned, [ReasonUnattested], ConsentMissing, Unratified,
	// [ReasonReferenceNotFound] (its system).
	ConditionEffective = "Effective"
	// ConditionConsented says whether every section whose data is used has consented (article 14). Reasons:
	// [ReasonConsentsGiven], [ReasonConsentsMissing], [ReasonNotSubmitted]. Absent where no consent is needed.
	ConditionConsented = "Consented"
	// ConditionReferred says whether the application is before its committee (付議, article 12-4). Reasons: [ReasonOnAgenda],
	// [ReasonNotReferred], [ReasonNotSubmitted]. Absent where no committee decides.
	ConditionReferred = "Referred"
	// ConditionRatified says whether the committee ratified an approval that was given in urgency. Reasons:
	// [ReasonRatified], [ReasonRatificationOpen], [ReasonRatificationLapsed], [ReasonRatificationRefused]. Absent for every
	// other approval.
	ConditionRatified = "Ratified"
)

const (
	// ReasonInEffect: the approval is in effect.
	ReasonInEffect = "InEffect"
	// ReasonPending: the application waits for its decision.
	ReasonPending = "Pending"
	// ReasonNotSubmitted: the application is a draft.
	ReasonNotSubmitted = "NotSubmitted"
	// ReasonConsentsGiven: every consent is given.
	ReasonConsentsGiven = "ConsentsGiven"
	// ReasonConsentsMissing: a consent is not given, refused or revoked; the message names it.
	ReasonConsentsMissing = "ConsentsMissing"
	// ReasonOnAgenda: a meeting has it on its agenda.
	ReasonOnAgenda = "OnAgenda"
	// ReasonNotReferred: no meeting has it on its agenda yet.
	ReasonNotReferred = "NotReferred"
	// ReasonRatified: a meeting ratified the approval in time.
	ReasonRatified = "Ratified"
	// ReasonRatificationOpen: the approval waits for a meeting to ratify it.
	ReasonRatificationOpen = "RatificationOpen"
	// ReasonRatificationLapsed: no meeting ratified it in time, and it lapsed.
	ReasonRatificationLapsed = "RatificationLapsed"
	// ReasonRatificationRefused: a meeting did not ratify it.
	ReasonRatificationRefused = "RatificationRefused"
	// ReasonUnattested: the decision was written while Kitei could not attest who decided, or the spec changed after it. It
	// clears nothing.
	ReasonUnattested = "Unattested"
)

// PastDecision is one decision with its attestation.
type PastDecision struct {
	// decision: Approved, Denied, Returned or Revoked.
	// +required
	Decision Decision `json:"decision"`

	// reason that the approver gave.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Reason string `json:"reason,omitempty"`

	// by is the authenticated name of who decided.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	By string `json:"by"`

	// as is the office in which they decided.
	// +required
	As OfficeRole `json:"as"`

	// at is the time of the decision.
	// +required
	At metav1.Time `json:"at"`

	// generation of the spec that was decided on.
	// +required
	// +kubebuilder:validation:Minimum=1
	Generation int64 `json:"generation"`

	// meetingRef names the CommitteeMeeting that decided.
	// +optional
	MeetingRef *NameReference `json:"meetingRef,omitempty"`

	// ratifyBy is when it was to be ratified by, if it was given in urgency.
	// +optional
	RatifyBy *metav1.Time `json:"ratifyBy,omitempty"`

	// seal is Kitei's signature on this stamp: without it it counts for nothing. Kitei writes it.
	// +optional
	Seal Seal `json:"seal,omitempty"`
}

// Standing is the decision that stands, with its attestation; false where there is none, or nobody knows since when.
func (s *ChangeApprovalStatus) Standing() (PastDecision, bool) {
	if s.Decision == "" || s.DecidedAt == nil {
		return PastDecision{}, false
	}
	return PastDecision{
		Decision: s.Decision, Reason: s.DecisionReason, By: s.DecidedBy, As: s.DecidedAs, At: *s.DecidedAt,
		Generation: s.DecidedGeneration, MeetingRef: s.MeetingRef, RatifyBy: s.RatifyBy, Seal: s.Seal,
	}, true
}

// ChangeApprovalStatus is the decision and what the operator says of it.
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.decision) || (has(self.decision) && (self.decision == oldSelf.decision || (oldSelf.decision == 'Approved' && self.decision == 'Revoked')))",message="決定は変えられません。できるのは Approved から Revoked への変更だけです（規程第12条） / a decision stands: only Approved can change, to Revoked (article 12)",reason=FieldValueForbidden,fieldPath=".decision"
// +kubebuilder:validation:XValidation:rule="has(self.decision) == has(self.decidedBy) && has(self.decision) == has(self.decidedAs) && has(self.decision) == has(self.decidedAt) && has(self.decision) == has(self.decidedGeneration)",message="決定には、誰が、どの職として、いつ、どの世代について決定したかを Kitei が記録します（規程第12条） / a decision carries who decided it, as what, when and on which generation; Kitei stamps them (article 12)",reason=FieldValueForbidden,fieldPath=".decidedBy"
type ChangeApprovalStatus struct {
	// decision of the approver: Approved, Denied, Returned or Revoked. This is what an approver flips. It may go from empty
	// to Approved, Denied or Returned, and from Approved to Revoked.
	// +optional
	Decision Decision `json:"decision,omitempty"`

	// decisionReason is the reason that the approver gives with the decision.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	DecisionReason string `json:"decisionReason,omitempty"`

	// decidedBy is the authenticated name of who decided. Kitei stamps it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	DecidedBy string `json:"decidedBy,omitempty"`

	// decidedAs is the office in which they decided. Kitei stamps it.
	// +optional
	DecidedAs OfficeRole `json:"decidedAs,omitempty"`

	// decidedAt is the time of the decision. Kitei stamps it.
	// +optional
	DecidedAt *metav1.Time `json:"decidedAt,omitempty"`

	// decidedGeneration is the generation of the spec that was decided on. Kitei stamps it.
	// +optional
	// +kubebuilder:validation:Minimum=1
	DecidedGeneration int64 `json:"decidedGeneration,omitempty"`

	// meetingRef names the CommitteeMeeting whose outcome the decision records (article 12-4). Kitei stamps it.
	// +optional
	MeetingRef *NameReference `json:"meetingRef,omitempty"`

	// ratifyBy is when an approval that was given in urgency, before a meeting, lapses unless a meeting has ratified it. Kitei
	// stamps it.
	// +optional
	RatifyBy *metav1.Time `json:"ratifyBy,omitempty"`

	// seal is Kitei's signature on the decision with its stamp: without it it counts for nothing. Kitei writes it.
	// +optional
	Seal Seal `json:"seal,omitempty"`

	// pastDecisions are the decisions before this one, the oldest first. Kitei writes them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	PastDecisions []PastDecision `json:"pastDecisions,omitempty"`

	// notifications say how each decision was told to the applicant, by channel. Kitei writes them.
	// +optional
	// +listType=map
	// +listMapKey=decision
	// +listMapKey=channel
	// +kubebuilder:validation:MaxItems=16
	Notifications []NotificationRecord `json:"notifications,omitempty"`

	// conditions: Submitted, Consented, Referred, Decided, Ratified, Effective and Notified.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ChangeApproval is one application to introduce or change a system (導入等, articles 12 and 13) and its decision.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ca,categories=kitei
// +kubebuilder:selectablefield:JSONPath=`.spec.systemRef.name`
// +kubebuilder:printcolumn:name="System",type=string,JSONPath=`.spec.systemRef.name`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Stage",type=string,JSONPath=`.spec.stage`
// +kubebuilder:printcolumn:name="Decision",type=string,JSONPath=`.status.decision`
// +kubebuilder:printcolumn:name="Effective",type=string,JSONPath=`.status.conditions[?(@.type=="Effective")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Effective")].reason`
// +kubebuilder:printcolumn:name="Decided By",type=string,JSONPath=`.status.decidedBy`
// +kubebuilder:printcolumn:name="Decided As",type=string,JSONPath=`.status.decidedAs`,priority=1
// +kubebuilder:printcolumn:name="Ratify By",type=date,JSONPath=`.status.ratifyBy`,priority=1
// +kubebuilder:printcolumn:name="年度",type=string,JSONPath=`.spec.submission.fiscalYear`,priority=1
// +kubebuilder:printcolumn:name="Images",type=string,JSONPath=`.spec.scope.images`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="件名",type=string,JSONPath=`.spec.title`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
// +kubebuilder:validation:XValidation:rule="!has(self.status) || !has(self.status.decision) || self.spec.stage == 'Submitted'",message="下書きは決定できません。申請者が先に提出します（spec.stage: Submitted、規程第12条） / a draft cannot be decided: the applicant submits it first (spec.stage: Submitted, article 12)",reason=FieldValueForbidden,fieldPath=".status.decision"
type ChangeApproval struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the application.
	// +required
	Spec ChangeApprovalSpec `json:"spec"`
	// status is its decision.
	// +optional
	Status ChangeApprovalStatus `json:"status,omitzero"`
}

// ChangeApprovalList is a list of ChangeApprovals.
// +kubebuilder:object:root=true
type ChangeApprovalList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ChangeApproval `json:"items"`
}
