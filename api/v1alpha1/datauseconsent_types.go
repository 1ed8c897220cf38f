package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DataUse is data of another section that a change uses (データ利用, article 14).
// +kubebuilder:validation:XValidation:rule="!has(self.dataCategories) || size(self.dataCategories) == 0 || (has(self.ordinanceProcedure) && size(self.ordinanceProcedure) > 0)",message="個人情報を利用するときは、保護条例の定めによる手続を ordinanceProcedure に書いてください（規程第14条第2項） / the use of personal information names the ordinance's procedure in ordinanceProcedure (article 14-2)",reason=FieldValueRequired,fieldPath=".ordinanceProcedure"
type DataUse struct {
	// name of the use within the application, a DNS label.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// sectionRef names the section (課) that manages the data; its head consents.
	// +required
	SectionRef NameReference `json:"sectionRef"`

	// data that is used, for people to read.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Data string `json:"data"`

	// residentRegisterItems says that the data is only these items of 住民基本台帳法第7条, 1 to 8: no consent is needed
	// (article 14-1, proviso).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=8
	ResidentRegisterItems []int32 `json:"residentRegisterItems,omitempty"`

	// dataCategories of the data, where it is personal information (article 14-2).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	DataCategories []DataCategory `json:"dataCategories,omitempty"`

	// ordinanceProcedure names the procedure that 保護条例 asks for, for example the number of the council's answer; required
	// where dataCategories are given (article 14-2).
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	OrdinanceProcedure string `json:"ordinanceProcedure,omitempty"`
}

// DataUseConsentSpec is what is asked for. Kitei copies it from the submitted application, and it never changes.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="協議の内容は申請から写したもので、変えられません（規程第14条） / what is asked for is the application's, and does not change (article 14)",reason=FieldValueForbidden
type DataUseConsentSpec struct {
	// applicationRef names the ChangeApproval that needs the consent.
	// +required
	ApplicationRef NameReference `json:"applicationRef"`

	// applicationUID is its UID, so that a consent serves no other application of the same name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ApplicationUID string `json:"applicationUID"`

	// use of the data, as the application states it.
	// +required
	Use DataUse `json:"use"`
}

// DataUseConsentStatus is the consent.
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.decision) || (has(self.decision) && (self.decision == oldSelf.decision || (oldSelf.decision == 'Approved' && self.decision == 'Revoked')))",message="決定は変えられません。できるのは Approved から Revoked への変更だけです（規程第14条） / a decision stands: only Approved can change, to Revoked (article 14)",reason=FieldValueForbidden,fieldPath=".decision"
// +kubebuilder:validation:XValidation:rule="has(self.decision) == has(self.decidedBy) && has(self.decision) == has(self.decidedAs) && has(self.decision) == has(self.decidedAt)",message="決定には、誰が、どの職として、いつ決定したかを Kitei が記録します（規程第14条） / a decision carries who decided it, as what and when; Kitei stamps them (article 14)",reason=FieldValueForbidden,fieldPath=".decidedBy"
type DataUseConsentStatus struct {
	// decision of the head of the section whose data it is: Approved, Denied, or Revoked after Approved. A consent is not
	// Returned.
	// +optional
	Decision Decision `json:"decision,omitempty"`

	// decisionReason is the reason that they give with it.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	DecisionReason string `json:"decisionReason,omitempty"`

	// decidedBy is the authenticated name of who decided. Kitei stamps it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	DecidedBy string `json:"decidedBy,omitempty"`

	// decidedAs is the office in which they decided: DataSectionHead. Kitei stamps it.
	// +optional
	DecidedAs OfficeRole `json:"decidedAs,omitempty"`

	// decidedAt is the time of the decision. Kitei stamps it.
	// +optional
	DecidedAt *metav1.Time `json:"decidedAt,omitempty"`

	// seal is Kitei's signature on the decision with its stamp: without it it counts for nothing. Kitei writes it.
	// +optional
	Seal Seal `json:"seal,omitempty"`

	// pastDecisions are the decisions before this one: the consent that was revoked. Kitei writes them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	PastDecisions []PastDecision `json:"pastDecisions,omitempty"`

	// conditions: Decided. Reasons: Approved, Denied, Revoked, Pending, ApplicationDecided.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ReasonApplicationDecided: nobody decided on the consent, and the application was decided: nobody needs to any more.
const ReasonApplicationDecided = "ApplicationDecided"

// DataUseConsent (データ利用の協議) is the consent of the head of the section whose data an application uses (article 14).
// Kitei makes one for each use that a submitted application names.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=duc,categories=kitei
// +kubebuilder:selectablefield:JSONPath=`.spec.applicationRef.name`
// +kubebuilder:printcolumn:name="Application",type=string,JSONPath=`.spec.applicationRef.name`
// +kubebuilder:printcolumn:name="Section",type=string,JSONPath=`.spec.use.sectionRef.name`
// +kubebuilder:printcolumn:name="Decision",type=string,JSONPath=`.status.decision`
// +kubebuilder:printcolumn:name="Decided By",type=string,JSONPath=`.status.decidedBy`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="データ",type=string,JSONPath=`.spec.use.data`
type DataUseConsent struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is asked for.
	// +required
	Spec DataUseConsentSpec `json:"spec"`
	// status is the consent.
	// +optional
	Status DataUseConsentStatus `json:"status,omitzero"`
}

// DataUseConsentList is a list of DataUseConsents.
// +kubebuilder:object:root=true
type DataUseConsentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DataUseConsent `json:"items"`
}
