package main

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

// Labels and annotations of the register. The operator reads none of them.
const (
	partOfLabel = "app.kubernetes.io/part-of"
	partOf      = "arakawa-register"

	// sourceAnnotation says where the text names the object.
	sourceAnnotation = v1alpha1.Prefix + "source"
	// ownerCellAnnotation says that the owner's cell is blank in 別表第1, and how it was read.
	ownerCellAnnotation = v1alpha1.Prefix + "owner-cell"
	ownerCarriedDown    = "carried-down"
	// departmentSourceAnnotation quotes the words that put a section into its department.
	departmentSourceAnnotation = v1alpha1.Prefix + "department-source"
	// noteAnnotation holds a note on a section, whose spec has no field for one.
	noteAnnotation = v1alpha1.Prefix + "note"
)

// auditorsGroup may read everything (article 29).
const auditorsGroup = "arakawa:auditors"

// The text names offices and no persons, so each office is a group, whose members the municipality keeps in its directory.
func departmentHeadGroup(slug string) string { return "arakawa:department:" + slug + ":head" }

func sectionHeadGroup(slug string) string { return "arakawa:section:" + slug + ":head" }

func sectionMembersGroup(slug string) string { return "arakawa:section:" + slug + ":members" }

// heldBy says that a group holds an office.
func heldBy(group, title string) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Title: title, Subjects: []v1alpha1.Subject{groupSubject(group)}}
}

func groupSubject(group string) v1alpha1.Subject {
	return v1alpha1.Subject{Kind: v1alpha1.SubjectGroup, Name: group}
}

// titleOf returns the title of who heads a department or section. The text speaks of 部長 (article 12-5) and 課長; what it
// calls the head of another body it does not say.
func titleOf(displayName string) string {
	if strings.HasSuffix(displayName, "部") || strings.HasSuffix(displayName, "課") {
		return displayName + "長"
	}
	return ""
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: kind}
}

// objectMeta returns the metadata of an object; annotations without a value are left out.
func objectMeta(name string, annotations map[string]string) metav1.ObjectMeta {
	meta := metav1.ObjectMeta{Name: name, Labels: map[string]string{partOfLabel: partOf}}
	for key, value := range annotations {
		if value != "" {
			metav1.SetMetaDataAnnotation(&meta, key, value)
		}
	}
	return meta
}
