package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Lifetime says from when to when a department or section exists, who follows it, and what it was called (組織改正).
// +kubebuilder:validation:XValidation:rule="!has(self.successorRef) || has(self.abolishedOn)",message="承継するものは廃止される部・課に定めます。abolishedOn も定めてください（規程第4条） / a successor is named for a unit that is abolished: set abolishedOn too (article 4)",reason=FieldValueInvalid,fieldPath=".successorRef"
// +kubebuilder:validation:XValidation:rule="!has(self.establishedOn) || !has(self.abolishedOn) || self.establishedOn < self.abolishedOn",message="廃止の日は設置の日より後です（規程第4条） / the day of abolition comes after that of establishment (article 4)",reason=FieldValueInvalid,fieldPath=".abolishedOn"
type Lifetime struct {
	// establishedOn is the day from which the unit exists; before it nobody holds the office of its head. Without it the unit
	// always existed.
	// +optional
	EstablishedOn *Date `json:"establishedOn,omitempty"`

	// abolishedOn is the day from which the unit no longer exists. Its tasks pass to the successor, if there is one.
	// +optional
	AbolishedOn *Date `json:"abolishedOn,omitempty"`

	// successorRef names the unit of the same kind that follows an abolished one in everything. Systems that go elsewhere say
	// so themselves (spec.transfer).
	// +optional
	SuccessorRef *NameReference `json:"successorRef,omitempty"`

	// formerNames of the unit, the oldest first, each until the day on which it was renamed; the last may lie ahead.
	// +optional
	// +listType=map
	// +listMapKey=until
	// +kubebuilder:validation:MaxItems=32
	FormerNames []FormerName `json:"formerNames,omitempty"`
}

// FormerName is what a department or section was called until a day.
type FormerName struct {
	// displayName that the unit had.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName"`

	// title of its head; the default is displayName and 長.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Title string `json:"title,omitempty"`

	// until is the first day on which the unit no longer had that name.
	// +required
	Until Date `json:"until"`
}

// DepartmentSpec is a department (部, article 2 (12)).
type DepartmentSpec struct {
	// displayName is the department's name, for example 管理部.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName"`

	// head (部長) of the department.
	// +optional
	Head OfficeHolder `json:"head,omitzero"`

	Lifetime `json:",inline"`
}

// DepartmentStatus is what the operator says of a department.
type DepartmentStatus struct {
	// displayName is what the department is called today.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName,omitempty"`

	// managingSections counts the sections of the department that exist today.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ManagingSections int32 `json:"managingSections"`

	// conditions: Ready. Reasons: Complete, NoHead, ReferenceNotFound (its successor), NotEstablished, Abolished,
	// AbolishedWithoutSuccessor.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Department (部) groups sections under a head (部長), who applies for the introduction of their systems (article 12).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=dept,categories=kitei
// +kubebuilder:printcolumn:name="Sections",type=integer,JSONPath=`.status.managingSections`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Abolished On",type=string,JSONPath=`.spec.abolishedOn`,priority=1
// +kubebuilder:printcolumn:name="Successor",type=string,JSONPath=`.spec.successorRef.name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.status.displayName`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
type Department struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the department.
	// +required
	Spec DepartmentSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status DepartmentStatus `json:"status,omitzero"`
}

// DepartmentList is a list of Departments.
// +kubebuilder:object:root=true
type DepartmentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Department `json:"items"`
}

// ManagingSectionSpec is a section (課, article 2 (14)) that manages or uses electronic information systems.
type ManagingSectionSpec struct {
	// displayName is the section's name, for example 税務課.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName"`

	// departmentRef names the department (部) of the section. Where it is not known, nobody can apply as its head.
	// +optional
	DepartmentRef *NameReference `json:"departmentRef,omitempty"`

	// head (課長) of the section: システム管理課長 of the systems that it manages (article 2 (15)).
	// +optional
	Head OfficeHolder `json:"head,omitzero"`

	// members (職員) of the section, who draft for it.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=256
	Members []Subject `json:"members,omitempty"`

	Lifetime `json:",inline"`
}

// ManagingSectionStatus is what the operator says of a section.
type ManagingSectionStatus struct {
	// displayName is what the section is called today.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName,omitempty"`

	// electronicSystems counts the systems that the section manages today.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ElectronicSystems int32 `json:"electronicSystems"`

	// openRatifications counts the approvals of its systems that were given in urgency and that no meeting has ratified yet:
	// while there is one, no other is given in urgency.
	// +optional
	// +kubebuilder:validation:Minimum=0
	OpenRatifications int32 `json:"openRatifications,omitempty"`

	// conditions: Ready. Reasons: Complete, NoHead, ReferenceNotFound (its department or successor), NotEstablished, Abolished,
	// AbolishedWithoutSuccessor.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

const (
	// ReasonAbolished: the unit's day of abolition has come.
	ReasonAbolished = "Abolished"
	// ReasonNotEstablished: the unit's first day has not come.
	ReasonNotEstablished = "NotEstablished"
	// ReasonAbolishedWithoutSuccessor: on a day that is set, or has come, systems are left without a section (or sections
	// without a department), because no successor stands.
	ReasonAbolishedWithoutSuccessor = "AbolishedWithoutSuccessor"
)

// ManagingSection (課) manages electronic information systems under its head (article 4).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=ms,categories=kitei
// +kubebuilder:printcolumn:name="Department",type=string,JSONPath=`.spec.departmentRef.name`
// +kubebuilder:printcolumn:name="Systems",type=integer,JSONPath=`.status.electronicSystems`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Unratified",type=integer,JSONPath=`.status.openRatifications`,priority=1
// +kubebuilder:printcolumn:name="Abolished On",type=string,JSONPath=`.spec.abolishedOn`,priority=1
// +kubebuilder:printcolumn:name="Successor",type=string,JSONPath=`.spec.successorRef.name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.status.displayName`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
type ManagingSection struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the section.
	// +required
	Spec ManagingSectionSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status ManagingSectionStatus `json:"status,omitzero"`
}

// ManagingSectionList is a list of ManagingSections.
// +kubebuilder:object:root=true
type ManagingSectionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ManagingSection `json:"items"`
}
