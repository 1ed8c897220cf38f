package main

import (
	"strings"

	"kitei.dev/kitei/api/v1alpha1"
)

// departmentObjects returns the departments.
func departmentObjects(reg *register) []any {
	var objects []any
	for _, d := range reg.departments {
		objects = append(objects, &v1alpha1.Department{
			TypeMeta:   typeMeta("Department"),
			ObjectMeta: objectMeta(d.slug, map[string]string{sourceAnnotation: d.source}),
			Spec: v1alpha1.DepartmentSpec{
				DisplayName: d.displayName,
				Head:        heldBy(departmentHeadGroup(d.slug), titleOf(d.displayName)),
			},
		})
	}
	return objects
}

// sectionObjects returns the sections that own a system of 別表第1.
func sectionObjects(reg *register) []any {
	var objects []any
	for _, s := range reg.sections {
		department, words := departmentOf(reg, s.slug)
		objects = append(objects, sectionObject(s.slug, s.displayName, titleOf(s.displayName), department, map[string]string{
			sourceAnnotation:           "別表第1",
			departmentSourceAnnotation: words,
		}))
	}
	return objects
}

// officeObjects returns the sections of the committee offices that own no system.
func officeObjects(reg *register) []any {
	var objects []any
	for _, o := range reg.offices {
		if _, owns := reg.section(o.section); owns {
			continue
		}
		department, words := departmentOf(reg, o.section)
		d, _ := reg.department(o.department)
		title := strings.TrimPrefix(o.title, d.displayName)
		objects = append(objects, sectionObject(o.section, o.sectionDisplayName, title, department, map[string]string{
			sourceAnnotation:           o.tables(),
			departmentSourceAnnotation: words,
			noteAnnotation:             o.note,
		}))
	}
	return objects
}

func sectionObject(slug, displayName, title, department string, annotations map[string]string) any {
	object := &v1alpha1.ManagingSection{
		TypeMeta:   typeMeta("ManagingSection"),
		ObjectMeta: objectMeta(slug, annotations),
		Spec: v1alpha1.ManagingSectionSpec{
			DisplayName: displayName,
			Head:        heldBy(sectionHeadGroup(slug), title),
			Members:     []v1alpha1.Subject{groupSubject(sectionMembersGroup(slug))},
		},
	}
	if department != "" {
		object.Spec.DepartmentRef = &v1alpha1.NameReference{Name: department}
	}
	return object
}

// departmentOf returns the department of a section and the words of the text that say so, or nothing where no words do.
func departmentOf(reg *register, section string) (department, words string) {
	if body, is := reg.bodyOf(section); is {
		return body.slug, body.sectionSource
	}
	if o, named := reg.officeOf(section); named {
		return o.department, o.tables() + "「" + o.title + "」"
	}
	return "", ""
}

// tables names the tables in which the office stands.
func (o office) tables() string {
	var tables []string
	if o.steeringPlace > 0 {
		tables = append(tables, "別表第2")
	}
	if o.securityPlace > 0 {
		tables = append(tables, "別表第3")
	}
	return strings.Join(tables, "、")
}
