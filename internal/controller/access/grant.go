package access

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// Prefix of the names of derived bindings.
const Prefix = "kitei:"

// The ClusterRoles of config/rbac that offices are bound to.
const (
	roleApplicant   = "kitei-applicant"
	roleApprover    = "kitei-approver"
	roleAuditor     = "kitei-auditor"
	roleRegistrar   = "kitei-registrar"
	roleSecretariat = "kitei-secretariat"
)

// The bindings of no single unit.
const (
	chiefInformationOfficer = Prefix + "chief-information-officer"
	secretariat             = Prefix + "secretariat"
	auditors                = Prefix + "auditors"
	registrars              = Prefix + "registrars"
)

// general are the bindings of no single unit.
var general = []string{chiefInformationOfficer, secretariat, auditors, registrars}

const (
	ofSections    = Prefix + "section:"
	ofDepartments = Prefix + "department:"
	toApprove     = ":approvers"
	toApply       = ":applicants"
)

// namesOfSection are the bindings that a section's offices can have.
func namesOfSection(name string) []string {
	return []string{ofSections + name + toApprove, ofSections + name + toApply}
}

// namesOfDepartment are the bindings that a department's offices can have.
func namesOfDepartment(name string) []string {
	return []string{ofDepartments + name + toApply}
}

// unitOf takes the name of a unit's binding apart: the section or the department that it is of, and what for.
func unitOf(binding string) (section, department, purpose string) {
	for _, form := range []struct {
		prefix string
		unit   *string
	}{{ofSections, &section}, {ofDepartments, &department}} {
		rest, is := strings.CutPrefix(binding, form.prefix)
		if !is {
			continue
		}
		*form.unit, purpose, _ = strings.Cut(rest, ":")
		return section, department, ":" + purpose
	}
	return "", "", ""
}

// grant is a role and those who get it.
type grant struct {
	role     string
	subjects []v1alpha1.Subject
}

// derive says what the organisation grants under a binding's name; a grant to nobody is none. Without a Regulation there are
// no offices.
func derive(o regulation.Organisation, binding string) grant {
	if o.Regulation == nil {
		return grant{}
	}
	switch section, department, purpose := unitOf(binding); {
	case section != "":
		return ofSection(o, section, purpose)
	case department != "":
		return ofDepartment(o, department, purpose)
	}
	switch binding {
	case chiefInformationOfficer:
		return grant{roleApprover, o.ChiefInformationOfficer().Subjects}
	case secretariat:
		return grant{roleSecretariat, staff(o, &o.Regulation.Spec.DigitalPromotionSectionRef)}
	case auditors:
		return grant{roleAuditor, o.Regulation.Spec.Auditors}
	case registrars:
		return grant{roleRegistrar, o.Regulation.Spec.Registrars}
	}
	return grant{}
}

func ofSection(o regulation.Organisation, name, purpose string) grant {
	section, found := o.Sections[name]
	switch {
	case !found || o.State(&section.Spec.Lifetime) != regulation.SectionStanding:
		return grant{}
	case purpose == toApprove:
		return grant{roleApprover, section.Spec.Head.Subjects}
	case purpose == toApply:
		return grant{roleApplicant, slices.Concat(section.Spec.Head.Subjects, section.Spec.Members)}
	}
	return grant{}
}

func ofDepartment(o regulation.Organisation, name, purpose string) grant {
	department, found := o.Departments[name]
	if !found || purpose != toApply || o.State(&department.Spec.Lifetime) != regulation.SectionStanding {
		return grant{}
	}
	return grant{roleApplicant, department.Spec.Head.Subjects}
}

// staff are the head and the members of a section.
func staff(o regulation.Organisation, ref *v1alpha1.NameReference) []v1alpha1.Subject {
	section, state := o.Section(ref)
	if state != regulation.SectionStanding {
		return nil
	}
	return slices.Concat(section.Spec.Head.Subjects, section.Spec.Members)
}

// subjects writes them as RBAC does, each once.
func subjects(of []v1alpha1.Subject) []rbacv1.Subject {
	var written []rbacv1.Subject
	for _, subject := range of {
		s := rbacv1.Subject{Kind: string(subject.Kind), APIGroup: rbacv1.GroupName, Name: subject.Name}
		if subject.Kind == v1alpha1.SubjectServiceAccount {
			s.APIGroup, s.Namespace = "", subject.Namespace
		}
		if !slices.Contains(written, s) {
			written = append(written, s)
		}
	}
	return written
}
