package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "governance.kitei.dev", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = schemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Regulation{}, &RegulationList{},
		&Department{}, &DepartmentList{},
		&ManagingSection{}, &ManagingSectionList{},
		&ElectronicSystem{}, &ElectronicSystemList{},
		&ChangeApproval{}, &ChangeApprovalList{},
		&SecurityStandard{}, &SecurityStandardList{},
		&Committee{}, &CommitteeList{},
		&CommitteeMeeting{}, &CommitteeMeetingList{},
		&DataUseConsent{}, &DataUseConsentList{},
		&DecisionRecord{}, &DecisionRecordList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
