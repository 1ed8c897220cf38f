package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SecurityStandardSpec is a standard of measures (対策基準, article 27).
type SecurityStandardSpec struct {
	// displayName is the standard's name, for example 荒川区情報セキュリティ対策基準.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	DisplayName string `json:"displayName"`

	// version of the standard (article 30), for example 令和6年10月.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Version string `json:"version,omitempty"`

	// confidentiality (機密性) levels, the highest first.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Confidentiality []LevelDefinition `json:"confidentiality"`

	// integrity (完全性) levels, the highest first.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Integrity []LevelDefinition `json:"integrity"`

	// availability (可用性) levels, the highest first.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Availability []LevelDefinition `json:"availability"`
}

// LevelDefinition defines one level of an aspect.
type LevelDefinition struct {
	// name of the level; it is the value of the label on an asset.
	// +required
	Name Level `json:"name"`

	// description of what belongs to the level.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Description string `json:"description,omitempty"`
}

// ConditionInForce says whether the Regulation names this standard. Reasons: [ReasonNamed], [ReasonNotNamed].
const ConditionInForce = "InForce"

const (
	// ReasonNamed: the Regulation names this standard.
	ReasonNamed = "NamedByRegulation"
	// ReasonNotNamed: the Regulation names another standard, or none.
	ReasonNotNamed = "NotNamedByRegulation"
)

// SecurityStandardStatus is what the operator says of a standard.
type SecurityStandardStatus struct {
	// confidentiality lists the names of the levels on one line, the highest first.
	// +optional
	// +kubebuilder:validation:MaxLength=1056
	Confidentiality string `json:"confidentiality,omitempty"`

	// integrity lists the names of the levels on one line, the highest first.
	// +optional
	// +kubebuilder:validation:MaxLength=1056
	Integrity string `json:"integrity,omitempty"`

	// availability lists the names of the levels on one line, the highest first.
	// +optional
	// +kubebuilder:validation:MaxLength=1056
	Availability string `json:"availability,omitempty"`

	// conditions: InForce.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// SecurityStandard (情報セキュリティ対策基準, article 27) names the levels by which assets are classed (article 26-2 (2)).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=std,categories=kitei
// +kubebuilder:printcolumn:name="In Force",type=string,JSONPath=`.status.conditions[?(@.type=="InForce")].status`
// +kubebuilder:printcolumn:name="Confidentiality",type=string,JSONPath=`.status.confidentiality`
// +kubebuilder:printcolumn:name="Integrity",type=string,JSONPath=`.status.integrity`
// +kubebuilder:printcolumn:name="Availability",type=string,JSONPath=`.status.availability`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
type SecurityStandard struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the standard.
	// +required
	Spec SecurityStandardSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status SecurityStandardStatus `json:"status,omitzero"`
}

// SecurityStandardList is a list of SecurityStandards.
// +kubebuilder:object:root=true
type SecurityStandardList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SecurityStandard `json:"items"`
}
