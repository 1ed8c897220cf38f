package regulation

import (
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// Chair (委員長) of both committees is 情報統括責任者 (articles 17-1 and 22-1). The list is empty when there is none.
func (o Organisation) Chair() []Office { return known([]Office{o.ChiefInformationOfficer()}) }

// Composers are the offices that may say who sits on a committee: its chair, who makes ad hoc members (articles 17-2 and
// 22-2), and 情報管理責任者, who assists them (article 3の2). The rest of the secretariat may not: they write who attended, and
// must not also say how many have to.
func (o Organisation) Composers() []Office {
	return known([]Office{o.ChiefInformationOfficer(), o.DigitalPromotionSectionHead()})
}

// Secretariat is who keeps a committee's business (庶務, articles 19-3 and 24-3): the head and the members of the section that
// the committee names. Its title is the section's name. It has no unit when the section does not stand.
func (o Organisation) Secretariat(committee *v1alpha1.Committee) Office {
	section, state := o.Section(&committee.Spec.SecretariatRef)
	if state != SectionStanding {
		return Office{Title: committee.Spec.SecretariatRef.Name}
	}
	return Office{Unit: section.Name, Title: section.Spec.DisplayName,
		Subjects: slices.Concat(section.Spec.Head.Subjects, section.Spec.Members)}
}

// Day is the day of a moment in the regulation's time zone.
func (o Organisation) Day(at time.Time) v1alpha1.Date {
	return v1alpha1.Date(at.In(o.Location()).Format(time.DateOnly))
}

// IsDay says whether a date is a day of the calendar.
func IsDay(date v1alpha1.Date) bool {
	_, err := time.Parse(time.DateOnly, string(date))
	return err == nil
}
