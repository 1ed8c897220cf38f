package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
}

// DepartmentStatus is what the operator says of a department.
type DepartmentStatus struct {
	// managingSections counts the sections of the department that are not abolished.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ManagingSections int32 `json:"managingSections"`

	// conditions: Ready. Reasons: Complete, NoHead.
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
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
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
// +kubebuilder:validation:XValidation:rule="!has(self.successorRef) || has(self.abolishedOn)",message="承継する課は廃止される課に定めます。abolishedOn も定めてください（規程第4条） / a successor is named for a section that is abolished: set abolishedOn too (article 4)",reason=FieldValueInvalid,fieldPath=".successorRef"
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

	// abolishedOn is the day from which the section no longer exists (組織改正). Its systems have no managing section from
	// then on (article 4).
	// +optional
	AbolishedOn *Date `json:"abolishedOn,omitempty"`

	// successorRef names the section that follows an abolished one.
	// +optional
	SuccessorRef *NameReference `json:"successorRef,omitempty"`
}

// ManagingSectionStatus is what the operator says of a section.
type ManagingSectionStatus struct {
	// electronicSystems counts the systems that the section manages.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ElectronicSystems int32 `json:"electronicSystems"`

	// openRatifications counts the approvals of its systems that were given in urgency and that no meeting has ratified yet:
	// while there is one, no other is given in urgency.
	// +optional
	// +kubebuilder:validation:Minimum=0
	OpenRatifications int32 `json:"openRatifications,omitempty"`

	// conditions: Ready. Reasons: Complete, NoHead, ReferenceNotFound (its department), Abolished.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ReasonAbolished: the section's day of abolition has come.
const ReasonAbolished = "Abolished"

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
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
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
