package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DataCategory is a kind of data that the law treats apart.
// +kubebuilder:validation:Enum=PersonalInformation;IndividualNumber;SpecificPersonalInformation
type DataCategory string

const (
	// DataPersonalInformation is 個人情報 (article 2 (9)).
	DataPersonalInformation DataCategory = "PersonalInformation"
	// DataIndividualNumber is 個人番号 (article 2 (10)).
	DataIndividualNumber DataCategory = "IndividualNumber"
	// DataSpecificPersonalInformation is 特定個人情報 (article 2 (11)).
	DataSpecificPersonalInformation DataCategory = "SpecificPersonalInformation"
)

// ElectronicSystemSpec is one entry of the register (別表第1).
type ElectronicSystemSpec struct {
	// displayName is the system's name, for example 税務システム.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	DisplayName string `json:"displayName"`

	// duty is what the system is for (業務内容).
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Duty string `json:"duty,omitempty"`

	// managingSectionRef names the section that manages the system (管理に係る所管, article 4). Nothing of a system without
	// one runs.
	// +optional
	ManagingSectionRef *NameReference `json:"managingSectionRef,omitempty"`

	// transfer to another section on a day (所管替え, the split of a section), whatever becomes of managingSectionRef. It may
	// stand when the day has passed.
	// +optional
	Transfer *Transfer `json:"transfer,omitempty"`

	// usingSectionRefs name the sections that use the system (article 7).
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=64
	UsingSectionRefs []NameReference `json:"usingSectionRefs,omitempty"`

	// namespaces in which the system runs. A namespace belongs to one system.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="!self.exists(n, n in ['kube-system', 'kube-public', 'kube-node-lease', 'kitei-system'])",message="制御プレーンと Kitei の名前空間はどのシステムのものでもありません（規程第2条の2） / a namespace of the control plane or of Kitei belongs to no system (article 2-2)",reason=FieldValueForbidden
	Namespaces []string `json:"namespaces,omitempty"`

	// classification of the system (article 26-2 (2)). None of its assets may be classed above it; assets of a system
	// without one are refused.
	// +optional
	Classification *Classification `json:"classification,omitempty"`

	// dataCategories of the data that the system handles.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	DataCategories []DataCategory `json:"dataCategories,omitempty"`

	// note on the entry, for example on a doubtful reading of the register.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Note string `json:"note,omitempty"`
}

// Transfer passes a system to another section on a day.
type Transfer struct {
	// sectionRef names the section that manages the system from that day on.
	// +required
	SectionRef NameReference `json:"sectionRef"`

	// effectiveOn is that day.
	// +required
	EffectiveOn Date `json:"effectiveOn"`
}

// ConditionCleared says whether the system may run. It is True with reason Approved; otherwise its reason is one of the
// [ClearanceReason] values.
const ConditionCleared = "Cleared"

// ConditionManaged says whether a section manages the system, today and on every day that is known of (article 4). Reasons:
// [ReasonManaged], [ReasonMoves], [ReasonAbolishedWithoutSuccessor], [ReasonNotEstablished], [ReasonNoManagingSection].
const ConditionManaged = "Managed"

const (
	// ReasonManaged: a section manages the system, and no other is to.
	ReasonManaged = "Managed"
	// ReasonMoves: the system passes to another section on a day to come; the message says when.
	ReasonMoves = "Moves"
)

// ConditionClassified says whether the system is classed with levels of the standard in force. Reasons: [ReasonClassified],
// [ReasonUnclassified], [ReasonUnknownLevel], [ReasonNoStandard].
const ConditionClassified = "Classified"

const (
	// ReasonClassified: each aspect has a level of the standard in force.
	ReasonClassified = "Classified"
	// ReasonUnclassified: the system has no classification.
	ReasonUnclassified = "Unclassified"
	// ReasonUnknownLevel: a level is none of the standard in force.
	ReasonUnknownLevel = "UnknownLevel"
	// ReasonNoStandard: no SecurityStandard is in force.
	ReasonNoStandard = "NoStandard"
)

// ElectronicSystemStatus is what the operator says of a system.
type ElectronicSystemStatus struct {
	// managingSection is the section that manages the system today: the one that the spec names, or was transferred to, or
	// who follows that. Empty where none does.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	ManagingSection string `json:"managingSection,omitempty"`

	// class is the classification as one word: confidentiality/integrity/availability.
	// +optional
	// +kubebuilder:validation:MaxLength=192
	Class string `json:"class,omitempty"`

	// approvalsInEffect names the ChangeApprovals in effect, the newest decision first; at most 16 of them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	ApprovalsInEffect []string `json:"approvalsInEffect,omitempty"`

	// approvalsInEffectCount counts them all.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ApprovalsInEffectCount int32 `json:"approvalsInEffectCount,omitempty"`

	// conditions: Cleared, Classified and Managed.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ElectronicSystem (電子情報システム, article 2 (1)) is one system of the register (別表第1).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=es,categories=kitei
// +kubebuilder:printcolumn:name="Section",type=string,JSONPath=`.status.managingSection`
// +kubebuilder:printcolumn:name="Cleared",type=string,JSONPath=`.status.conditions[?(@.type=="Cleared")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Cleared")].reason`
// +kubebuilder:printcolumn:name="Class",type=string,JSONPath=`.status.class`
// +kubebuilder:printcolumn:name="Approval",type=string,JSONPath=`.status.approvalsInEffect[0]`
// +kubebuilder:printcolumn:name="Managed",type=string,JSONPath=`.status.conditions[?(@.type=="Managed")].reason`,priority=1
// +kubebuilder:printcolumn:name="Namespaces",type=string,JSONPath=`.spec.namespaces`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Note",type=string,JSONPath=`.spec.note`,priority=1
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
type ElectronicSystem struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the register's entry.
	// +required
	Spec ElectronicSystemSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status ElectronicSystemStatus `json:"status,omitzero"`
}

// ElectronicSystemList is a list of ElectronicSystems.
// +kubebuilder:object:root=true
type ElectronicSystemList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ElectronicSystem `json:"items"`
}
