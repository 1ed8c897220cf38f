// Package regulation holds what the regulation says of people and days: who holds which office, which office applies for a
// change and which decides it (articles 3, 3の2, 4, 12 and 13), and on which day a section is abolished.
//
// It is pure: it reads no cluster and no clock.
package regulation

import (
	"slices"
	"strings"
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

// is says whether the identity is the subject. A subject without a name is nobody, and a service account has both parts of its
// own name: what only reads alike when they are put together is another's.
func (i Identity) is(subject v1alpha1.Subject) bool {
	if subject.Name == "" {
		return false
	}
	switch subject.Kind {
	case v1alpha1.SubjectUser:
		return i.Username == subject.Name
	case v1alpha1.SubjectGroup:
		return slices.Contains(i.Groups, subject.Name)
	case v1alpha1.SubjectServiceAccount:
		account := []string{"system", "serviceaccount", subject.Namespace, subject.Name}
		return subject.Namespace != "" && slices.Equal(strings.Split(i.Username, ":"), account)
	}
	return false
}

// dayBegins is the first moment of a day somewhere. That is midnight, unless the clocks are put forward over midnight, or over
// the whole day, or put back to it so that there are two.
func dayBegins(day time.Time, location *time.Location) time.Time {
	year, month, date := day.Date()
	at := time.Date(year, month, date, 0, 0, 0, 0, location)
	before := func(at time.Time) bool { return at.In(location).Format(time.DateOnly) < day.Format(time.DateOnly) }
	since, until := at.ZoneBounds()
	switch {
	case before(at):
		return until
	case !since.IsZero() && !before(since.Add(-1)):
		_, offset := since.Add(-1).Zone()
		return time.Date(year, month, date, 0, 0, 0, 0, time.FixedZone("", offset)).In(location)
	}
	return at
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

// ManagedByDigitalPromotion says whether デジタル推進課, or who follows it, manages the system (article 4-1).
func (o Organisation) ManagedByDigitalPromotion(system *v1alpha1.ElectronicSystem) bool {
	ref := o.AssignedSection(system)
	if o.Regulation == nil || ref == nil {
		return false
	}
	managing, state := o.Section(ref)
	digital, _ := o.Section(&o.Regulation.Spec.DigitalPromotionSectionRef)
	return *ref == o.Regulation.Spec.DigitalPromotionSectionRef ||
		state == SectionStanding && digital != nil && managing.Name == digital.Name
}

func (o Organisation) sectionHead(role v1alpha1.OfficeRole, ref *v1alpha1.NameReference) Office {
	section, state := o.Section(ref)
	if state != SectionStanding {
		return Office{Role: role}
	}
	_, title := o.called(section.Spec.DisplayName, section.Spec.Head.Title, &section.Spec.Lifetime)
	return Office{Role: role, Unit: section.Name, Title: title, Subjects: section.Spec.Head.Subjects,
		Emails: section.Spec.Head.Emails}
}

func (o Organisation) departmentHead(role v1alpha1.OfficeRole, ref *v1alpha1.NameReference) Office {
	department, state := o.Department(ref)
	if state != SectionStanding {
		return Office{Role: role}
	}
	_, title := o.called(department.Spec.DisplayName, department.Spec.Head.Title, &department.Spec.Lifetime)
	return Office{Role: role, Unit: department.Name, Title: title, Subjects: department.Spec.Head.Subjects,
		Emails: department.Spec.Head.Emails}
}
