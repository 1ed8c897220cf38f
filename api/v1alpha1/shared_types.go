package v1alpha1

// NameReference names another object of this group.
type NameReference struct {
	// name of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`
}

// SubjectKind is the kind of identity that a [Subject] names.
// +kubebuilder:validation:Enum=User;Group;ServiceAccount
type SubjectKind string

const (
	// SubjectUser is a user by name, as the API server authenticates it.
	SubjectUser SubjectKind = "User"
	// SubjectGroup is a group by name, as the API server authenticates it.
	SubjectGroup SubjectKind = "Group"
	// SubjectServiceAccount is a service account by namespace and name.
	SubjectServiceAccount SubjectKind = "ServiceAccount"
)

// Subject is a person, or a group of persons, as the API server knows them.
// +kubebuilder:validation:XValidation:rule="(self.kind == 'ServiceAccount') == has(self.__namespace__)",message="namespace は ServiceAccount に、それだけに定めます（規程第2条） / namespace is for a ServiceAccount, and only for it (article 2)",reason=FieldValueInvalid,fieldPath=".namespace"
// +kubebuilder:validation:XValidation:rule="self.kind != 'Group' || !(self.name in ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts', 'system:masters'])",message="職にあるのは特定の者です。全員やすべての管理者を含むグループは職に就けません（規程第2条） / an office is held by named persons: a group that holds everybody, or every administrator, cannot hold it (article 2)",reason=FieldValueForbidden,fieldPath=".name"
type Subject struct {
	// kind of the identity: User, Group or ServiceAccount.
	// +required
	Kind SubjectKind `json:"kind"`

	// name of the user, group or service account.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// namespace of the service account.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
}

// OfficeHolder says who holds an office (部長, 課長) and so acts for it.
type OfficeHolder struct {
	// title of the office as it is written, for example 税務課長.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Title string `json:"title,omitempty"`

	// subjects who hold the office now. Nobody may act for an office that nobody holds.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Subjects []Subject `json:"subjects,omitempty"`

	// emails are the office's own addresses, to which decisions on what it applied for are told (articles 12-5 and 13-2).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	Emails []MailAddress `json:"emails,omitempty"`
}

// Classification is the class of a system or an asset in the three aspects of article 26-2 (2). The levels are names of the
// SecurityStandard in force, which article 27 asks for.
type Classification struct {
	// confidentiality (機密性, article 2 (20)): a level of the standard, for example 3A.
	// +required
	Confidentiality Level `json:"confidentiality"`

	// integrity (完全性, article 2 (21)): a level of the standard, for example 2.
	// +required
	Integrity Level `json:"integrity"`

	// availability (可用性, article 2 (22)): a level of the standard, for example 2.
	// +required
	Availability Level `json:"availability"`
}

// Level is the name of a level of classification; it is a label value.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`
type Level string

// Date is a day of the Gregorian calendar, YYYY-MM-DD, in the regulation's time zone.
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
// +kubebuilder:validation:MaxLength=10
type Date string

// Seal is Kitei's Ed25519 signature on a stamp, in base64: the proof that its webhook made it, with that content, at that time.
// +kubebuilder:validation:MaxLength=128
type Seal string

// ConditionReady says that an object is complete and what it names exists.
const ConditionReady = "Ready"

const (
	// ReasonComplete: nothing is missing.
	ReasonComplete = "Complete"
	// ReasonReferenceNotFound: an object that this one names does not exist.
	ReasonReferenceNotFound = "ReferenceNotFound"
	// ReasonNoHead: nobody holds the office of its head, so nobody can act for it.
	ReasonNoHead = "NoHead"
	// ReasonInvalid: a value does not fit; the message names it.
	ReasonInvalid = "Invalid"
)
