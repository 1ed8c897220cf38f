package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// QuorumRule says how many members must attend before a committee may meet.
// +kubebuilder:validation:Enum=Majority;None
type QuorumRule string

const (
	// QuorumMajority: more than half of the members, as article 19-1 asks of 運営委員会.
	QuorumMajority QuorumRule = "Majority"
	// QuorumNone: the regulation states none, as for セキュリティ委員会 (article 24).
	QuorumNone QuorumRule = "None"
)

// CommitteeSpec is a committee (委員会) and who sits on it.
// +kubebuilder:validation:XValidation:rule="!has(self.adHocMembers) || self.adHocMembers.all(a, !self.members.exists(m, m.name == a.name))",message="臨時の委員の名前は、ほかの委員と重なってはなりません（規程第17条） / an ad hoc member has a name that no other member has (article 17)",reason=FieldValueInvalid,fieldPath=".adHocMembers"
type CommitteeSpec struct {
	// displayName is the committee's name, for example 電子情報システム運営委員会.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	DisplayName string `json:"displayName"`

	// members (委員) that appended table 2 or 3 lists; the chair (委員長) is 情報統括責任者 and is not among them (articles 17
	// and 22).
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Members []CommitteeMember `json:"members"`

	// adHocMembers (臨時の委員) whom the chair made members for a time (articles 17-2 and 22-2). They count as members.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	AdHocMembers []CommitteeMember `json:"adHocMembers,omitempty"`

	// quorum rule: Majority (the default, article 19-1) or None (article 24).
	// +optional
	// +kubebuilder:default=Majority
	Quorum QuorumRule `json:"quorum,omitempty"`

	// secretariatRef names the section that keeps the committee's business (庶務, articles 19-3 and 24-3): its head and members
	// write the minutes.
	// +required
	SecretariatRef NameReference `json:"secretariatRef"`
}

// CommitteeMember is a seat on a committee.
type CommitteeMember struct {
	// name of the seat, a DNS label; attendance is recorded by it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// title of the office that has the seat, for example 総務企画部財政課長.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Title string `json:"title"`
}

// CommitteeStatus is what the operator says of a committee.
type CommitteeStatus struct {
	// seats counts the members, ad hoc ones too.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Seats int32 `json:"seats"`

	// quorum is how many of them must attend.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Quorum int32 `json:"quorum"`

	// conditions: Ready. Reasons: Complete, ReferenceNotFound (its secretariat), NoHead (of the secretariat).
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Committee is 電子情報システム運営委員会 (articles 15 to 19) or 情報セキュリティ委員会 (articles 20 to 24).
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=com,categories=kitei
// +kubebuilder:printcolumn:name="Seats",type=integer,JSONPath=`.status.seats`
// +kubebuilder:printcolumn:name="Quorum",type=integer,JSONPath=`.status.quorum`
// +kubebuilder:printcolumn:name="Secretariat",type=string,JSONPath=`.spec.secretariatRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="名称",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条） / a name is a DNS label: at most 63 characters, no dots (article 2)",reason=FieldValueInvalid
type Committee struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the committee.
	// +required
	Spec CommitteeSpec `json:"spec"`
	// status is what the operator says of it.
	// +optional
	Status CommitteeStatus `json:"status,omitzero"`
}

// CommitteeList is a list of Committees.
// +kubebuilder:object:root=true
type CommitteeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Committee `json:"items"`
}
