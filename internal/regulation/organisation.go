// Package regulation holds what the regulation says of people and days: who holds which office, which office applies for a
// change and which decides it (articles 3, 3の2, 4, 12 and 13), and on which day a section is abolished.
//
// It is pure: it reads no cluster and no clock.
package regulation

import (
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// Organisation is the regulation in force with the departments and sections that it speaks of, at one moment.
type Organisation struct {
	// Regulation in force; nil when the cluster has none.
	Regulation *v1alpha1.Regulation
	// Departments by name.
	Departments map[string]*v1alpha1.Department
	// Sections by name.
	Sections map[string]*v1alpha1.ManagingSection
	// Now is the moment for which questions are answered.
	Now time.Time
}

// Office is an office (職) with those who hold it.
type Office struct {
	// Role that the office has for the system in question.
	Role v1alpha1.OfficeRole
	// Unit is the name of the Department or ManagingSection that the office heads; empty when none is known.
	Unit string
	// Title as it is written, for example 税務課長; empty when the unit is unknown.
	Title string
	// Subjects who hold it.
	Subjects []v1alpha1.Subject
	// Emails are the office's own addresses.
	Emails []v1alpha1.MailAddress
}

// Identity is who sent a request, as the API server authenticated them.
type Identity struct {
	Username string
	Groups   []string
}

// Holds says whether the identity holds the office.
func (i Identity) Holds(office Office) bool {
	return slices.ContainsFunc(office.Subjects, i.is)
}

// Among returns the first of the offices that the identity holds.
func (i Identity) Among(offices []Office) (Office, bool) {
	at := slices.IndexFunc(offices, i.Holds)
	if at < 0 {
		return Office{}, false
	}
	return offices[at], true
}

func (i Identity) is(subject v1alpha1.Subject) bool {
	switch subject.Kind {
	case v1alpha1.SubjectUser:
		return i.Username == subject.Name
	case v1alpha1.SubjectGroup:
		return slices.Contains(i.Groups, subject.Name)
	case v1alpha1.SubjectServiceAccount:
		return i.Username == "system:serviceaccount:"+subject.Namespace+":"+subject.Name
	}
	return false
}

// SectionState says whether a section can manage a system (article 4).
type SectionState string

const (
	// SectionStanding: the section exists.
	SectionStanding SectionState = "Standing"
	// SectionUnnamed: the system names no section.
	SectionUnnamed SectionState = "Unnamed"
	// SectionNotFound: no ManagingSection has that name.
	SectionNotFound SectionState = "NotFound"
	// SectionAbolished: its day of abolition has come.
	SectionAbolished SectionState = "Abolished"
)

// Section looks a managing section up. It returns the section only while it stands.
func (o Organisation) Section(ref *v1alpha1.NameReference) (*v1alpha1.ManagingSection, SectionState) {
	if ref == nil {
		return nil, SectionUnnamed
	}
	section, found := o.Sections[ref.Name]
	switch {
	case !found:
		return nil, SectionNotFound
	case o.Abolished(section):
		return nil, SectionAbolished
	}
	return section, SectionStanding
}

// Abolished says whether the section's day of abolition has come.
func (o Organisation) Abolished(section *v1alpha1.ManagingSection) bool {
	at, set := o.AbolishedAt(section)
	return set && !o.Now.Before(at)
}

// AbolishedAt is the first moment of the section's day of abolition in the regulation's time zone. A day that is no day of
// the calendar counts as come: a section in doubt manages nothing.
func (o Organisation) AbolishedAt(section *v1alpha1.ManagingSection) (time.Time, bool) {
	if section.Spec.AbolishedOn == nil {
		return time.Time{}, false
	}
	at, err := time.ParseInLocation(time.DateOnly, string(*section.Spec.AbolishedOn), o.Location())
	if err != nil {
		return time.Time{}, true
	}
	return at, true
}

// Location is the regulation's time zone; Japan's where it names none, or none that exists.
func (o Organisation) Location() *time.Location {
	name := "Asia/Tokyo"
	if o.Regulation != nil && o.Regulation.Spec.TimeZone != "" {
		name = o.Regulation.Spec.TimeZone
	}
	location, err := time.LoadLocation(name)
	if err != nil || location == time.Local { // "Local" would be the machine's
		return time.FixedZone("JST", 9*60*60)
	}
	return location
}

// Language in which Kitei writes to people: the regulation's, or Japanese.
func (o Organisation) Language() v1alpha1.Language {
	if o.Regulation == nil || o.Regulation.Spec.Language == "" {
		return v1alpha1.LanguageJapanese
	}
	return o.Regulation.Spec.Language
}

// ChiefInformationOfficer is 情報統括責任者, the head of the management department (article 3).
func (o Organisation) ChiefInformationOfficer() Office {
	if o.Regulation == nil {
		return Office{Role: v1alpha1.RoleChiefInformationOfficer}
	}
	return o.departmentHead(v1alpha1.RoleChiefInformationOfficer, &o.Regulation.Spec.ManagementDepartmentRef)
}

// DigitalPromotionSectionHead is デジタル推進課長, who is 情報管理責任者 (article 3の2).
func (o Organisation) DigitalPromotionSectionHead() Office {
	if o.Regulation == nil {
		return Office{Role: v1alpha1.RoleDigitalPromotionSectionHead}
	}
	return o.sectionHead(v1alpha1.RoleDigitalPromotionSectionHead, &o.Regulation.Spec.DigitalPromotionSectionRef)
}

// ManagedByDigitalPromotion says whether デジタル推進課 manages the system (article 4-1).
func (o Organisation) ManagedByDigitalPromotion(system *v1alpha1.ElectronicSystem) bool {
	return o.Regulation != nil && system.Spec.ManagingSectionRef != nil &&
		*system.Spec.ManagingSectionRef == o.Regulation.Spec.DigitalPromotionSectionRef
}

func (o Organisation) sectionHead(role v1alpha1.OfficeRole, ref *v1alpha1.NameReference) Office {
	section, state := o.Section(ref)
	if state != SectionStanding {
		return Office{Role: role}
	}
	return Office{Role: role, Unit: section.Name, Title: title(section.Spec.Head, section.Spec.DisplayName),
		Subjects: section.Spec.Head.Subjects, Emails: section.Spec.Head.Emails}
}

func (o Organisation) departmentHead(role v1alpha1.OfficeRole, ref *v1alpha1.NameReference) Office {
	if ref == nil {
		return Office{Role: role}
	}
	department, found := o.Departments[ref.Name]
	if !found {
		return Office{Role: role}
	}
	return Office{Role: role, Unit: department.Name, Title: title(department.Spec.Head, department.Spec.DisplayName),
		Subjects: department.Spec.Head.Subjects, Emails: department.Spec.Head.Emails}
}

func title(head v1alpha1.OfficeHolder, unit string) string {
	if head.Title != "" {
		return head.Title
	}
	return unit + "長"
}
