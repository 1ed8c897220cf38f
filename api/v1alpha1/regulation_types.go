package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// RegulationName is the name of the one Regulation of a cluster.
const RegulationName = "regulation"

// Language is the language of the sentences that Kitei writes for people.
// +kubebuilder:validation:Enum=ja;en
type Language string

const (
	// LanguageJapanese is Japanese.
	LanguageJapanese Language = "ja"
	// LanguageEnglish is English.
	LanguageEnglish Language = "en"
)

// EnforcementMode says what becomes of a Pod whose system is not approved (article 12).
// +kubebuilder:validation:Enum=Hold;Deny;Warn;Audit
type EnforcementMode string

const (
	// ModeHold admits the Pod with Kitei's scheduling gate; it starts when the system is approved.
	ModeHold EnforcementMode = "Hold"
	// ModeDeny refuses the Pod and its workload.
	ModeDeny EnforcementMode = "Deny"
	// ModeWarn lets it run and warns whoever creates the workload.
	ModeWarn EnforcementMode = "Warn"
	// ModeAudit lets it run and says so only on the Namespace and in the status.
	ModeAudit EnforcementMode = "Audit"
)

// RevocationPolicy says what becomes of running Pods when the approval that let them run ends.
// +kubebuilder:validation:Enum=Keep;Evict
type RevocationPolicy string

const (
	// RevocationKeep leaves running Pods alone; new ones are held.
	RevocationKeep RevocationPolicy = "Keep"
	// RevocationEvict evicts running Pods (PodDisruptionBudgets are respected); they come back held.
	RevocationEvict RevocationPolicy = "Evict"
)

// RegulationSpec is the regulation (規程) as the cluster enforces it.
type RegulationSpec struct {
	// displayName is the regulation's name, for example 荒川区電子情報システム管理運営規程.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	DisplayName string `json:"displayName"`

	// language of the sentences that Kitei writes: ja (the default) or en.
	// +optional
	// +kubebuilder:default=ja
	Language Language `json:"language,omitempty"`

	// timeZone in which days begin, an IANA name. The default is Asia/Tokyo.
	// +optional
	// +kubebuilder:default="Asia/Tokyo"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`

	// managementDepartmentRef names the department (管理部) whose head is 情報統括責任者, the chief information officer
	// (article 3).
	// +required
	ManagementDepartmentRef NameReference `json:"managementDepartmentRef"`

	// digitalPromotionSectionRef names the section (デジタル推進課) whose head is 情報管理責任者 and manages the systems that
	// no other section does (articles 3の2 and 4).
	// +required
	DigitalPromotionSectionRef NameReference `json:"digitalPromotionSectionRef"`

	// securityStandardRef names the SecurityStandard in force (対策基準, article 27). Without one no classification is
	// asked for.
	// +optional
	SecurityStandardRef *NameReference `json:"securityStandardRef,omitempty"`

	// auditors read every record (article 29). The operator binds them, and nobody else, to the ClusterRole kitei-auditor.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Auditors []Subject `json:"auditors,omitempty"`

	// registrars keep the register (別表第1) and the organisation, and so say who holds an office. The operator binds them to
	// the ClusterRole kitei-registrar.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Registrars []Subject `json:"registrars,omitempty"`
	// steeringCommitteeRef names 電子情報システム運営委員会, which decides on every application of article 12 (articles 12-4 and
	// 15). Without one 情報統括責任者 decides alone.
	// +optional
	SteeringCommitteeRef *NameReference `json:"steeringCommitteeRef,omitempty"`

	// securityCommitteeRef names 情報セキュリティ委員会 (article 20). It decides no application: security measures, audits, their
	// review and incidents are its business (article 21). That it exists is part of Ready.
	// +optional
	SecurityCommitteeRef *NameReference `json:"securityCommitteeRef,omitempty"`

	// applicationDeadline is the last day of a year, MM-DD, on which to apply for the next fiscal year (article 12-2). The
	// default is 08-31.
	// +optional
	// +kubebuilder:default="08-31"
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:Pattern=`^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
	ApplicationDeadline string `json:"applicationDeadline,omitempty"`

	// ratificationDays is how many days the committee has to ratify what was approved in urgency, 1 to 365. The default is 30.
	// +optional
	// +kubebuilder:default=30
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=365
	RatificationDays int32 `json:"ratificationDays,omitempty"`

	// enforcement says what becomes of what is not approved. The default holds new Pods and leaves running ones alone.
	// +optional
	// +kubebuilder:default={}
	Enforcement Enforcement `json:"enforcement,omitzero"`

	// notification says how an applicant is told of a decision (articles 12-5 and 13-2). The default makes Events.
	// +optional
	Notification Notification `json:"notification,omitzero"`
}

// Enforcement says how the cluster answers to what is not approved.
type Enforcement struct {
	// mode for every namespace that no override selects: Hold (the default), Deny, Warn or Audit.
	// +optional
	// +kubebuilder:default=Hold
	Mode EnforcementMode `json:"mode,omitempty"`

	// overrides of the mode; the first whose selector matches the namespace applies.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Overrides []EnforcementOverride `json:"overrides,omitempty"`

	// onRevocation says what becomes of running Pods when their approval ends: Keep (the default) or Evict.
	// +optional
	// +kubebuilder:default=Keep
	OnRevocation RevocationPolicy `json:"onRevocation,omitempty"`
}

// EnforcementOverride sets the mode of the namespaces that it selects.
type EnforcementOverride struct {
	// namespaceSelector selects namespaces by their labels.
	// +required
	NamespaceSelector metav1.LabelSelector `json:"namespaceSelector"`

	// mode for these namespaces: Hold, Deny, Warn or Audit.
	// +required
	Mode EnforcementMode `json:"mode"`
}

// ConditionEnforced says whether the API server enforces the regulation as written. Reasons: [ReasonEnforced],
// [ReasonHoldUnavailable], [ReasonPolicyMissing], [ReasonPolicyChanged].
const ConditionEnforced = "Enforced"

const (
	// ReasonEnforced: every policy and webhook is in place, as installed.
	ReasonEnforced = "Enforced"
	// ReasonHoldUnavailable: the API server has no MutatingAdmissionPolicy, so Pods are refused where they would be held.
	ReasonHoldUnavailable = "HoldUnavailable"
	// ReasonPolicyMissing: a policy, a binding or a webhook of Kitei's is missing; the message names it.
	ReasonPolicyMissing = "PolicyMissing"
	// ReasonPolicyChanged: a policy, a binding or a webhook of Kitei's says something else than it was installed with; the
	// message names it.
	ReasonPolicyChanged = "PolicyChanged"
)

// RegulationStatus is what the operator says of the regulation.
type RegulationStatus struct {
	// namespaces counts the governed namespaces by clearance.
	// +optional
	// +listType=map
	// +listMapKey=clearance
	// +kubebuilder:validation:MaxItems=8
	Namespaces []NamespaceCount `json:"namespaces,omitempty"`

	// ledger says how the ledger stands: its public key and its last record.
	// +optional
	Ledger *LedgerStatus `json:"ledger,omitempty"`

	// conditions: Ready (what the regulation names exists), Enforced (the API server enforces it) and Ledger (it is whole).
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// NamespaceCount counts the namespaces of one clearance.
type NamespaceCount struct {
	// clearance counted: cleared, images, held, denied or observed.
	// +required
	// +kubebuilder:validation:MaxLength=16
	Clearance Clearance `json:"clearance"`

	// count of namespaces, 0 or more.
	// +required
	// +kubebuilder:validation:Minimum=0
	Count int32 `json:"count"`
}

// Regulation (規程) is the regulation in force: its officers and how it is enforced. A cluster has one, named "regulation";
// without it nothing is enforced.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=reg,categories=kitei
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.enforcement.mode`
// +kubebuilder:printcolumn:name="On Revocation",type=string,JSONPath=`.spec.enforcement.onRevocation`
// +kubebuilder:printcolumn:name="Enforced",type=string,JSONPath=`.status.conditions[?(@.type=="Enforced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Enforced")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:validation:XValidation:rule="self.metadata.name == 'regulation'",message="規程はクラスターに一つで、名前は regulation です（規程第1条） / a cluster has one Regulation, and it is named regulation (article 1)",reason=FieldValueInvalid
type Regulation struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the regulation.
	// +required
	Spec RegulationSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status RegulationStatus `json:"status,omitzero"`
}

// RegulationList is a list of Regulations.
// +kubebuilder:object:root=true
type RegulationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Regulation `json:"items"`
}
