package main

import (
	"fmt"

	"kitei.dev/kitei/api/v1alpha1"
)

// systemObjects returns the systems of 別表第1. They have no namespaces, classification or data categories, because the text
// gives none.
func systemObjects(reg *register) []any {
	var objects []any
	for _, s := range reg.systems {
		annotations := map[string]string{sourceAnnotation: fmt.Sprintf("別表第1 (row %d)", s.number)}
		if s.carriedDown {
			annotations[ownerCellAnnotation] = ownerCarriedDown
		}
		objects = append(objects, &v1alpha1.ElectronicSystem{
			TypeMeta:   typeMeta("ElectronicSystem"),
			ObjectMeta: objectMeta(s.name, annotations),
			Spec: v1alpha1.ElectronicSystemSpec{
				DisplayName:        s.displayName,
				Duty:               s.duty,
				ManagingSectionRef: &v1alpha1.NameReference{Name: s.section},
				Note:               s.note,
			},
		})
	}
	return objects
}
