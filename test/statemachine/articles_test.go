package statemachine

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// This file says a second time what the articles say, from the records of what really happened and without a function of the
// operator's.

// past is what really happened: what was accepted, from whom, when.
type past struct {
	submitted map[string]submitted
	consents  map[[2]string]v1alpha1.Decision // by application and use: what its section's head said last
	decided   map[string][]decided
	meetings  []meeting
}

type submitted struct {
	by   string
	at   time.Time
	spec v1alpha1.ChangeApprovalSpec
}

type decided struct {
	what v1alpha1.Decision
	at   time.Time
	// by is when an approval in urgency is to be ratified by; zero for any other decision.
	by time.Time
	// stamped is the whole status, as it was written then.
	stamped v1alpha1.ChangeApprovalStatus
}

// meeting whose record its chair confirmed. All of them were quorate.
type meeting struct {
	name, committee string
	held            v1alpha1.Date
	at              time.Time
	spec            v1alpha1.CommitteeMeetingSpec
	status          v1alpha1.CommitteeMeetingStatus
}

func newPast() past {
	return past{submitted: map[string]submitted{}, consents: map[[2]string]v1alpha1.Decision{}, decided: map[string][]decided{}}
}

// decision that stands; empty for none.
func (p past) decision(application string) decided {
	if all := p.decided[application]; len(all) > 0 {
		return all[len(all)-1]
	}
	return decided{}
}

func (m meeting) outcome(application string) v1alpha1.Outcome {
	for _, item := range m.spec.Agenda {
		if item.ApplicationRef.Name == application {
			return item.Outcome
		}
	}
	return ""
}

func holds(person regulation.Identity, subjects []v1alpha1.Subject) bool {
	for _, subject := range subjects {
		if subject.Kind == v1alpha1.SubjectUser && subject.Name == person.Username ||
			subject.Kind == v1alpha1.SubjectGroup && slices.Contains(person.Groups, subject.Name) {
			return true
		}
	}
	return false
}

// standing is the section that stands for a name today: itself, or who follows it; empty for none.
func (w *world) standing(name string) string {
	for range 10 {
		section := w.section(name)
		switch {
		case section == nil:
			return ""
		case section.AbolishedOn == nil || *section.AbolishedOn > w.today():
			return name
		case section.SuccessorRef == nil:
			return ""
		}
		name = section.SuccessorRef.Name
	}
	return ""
}

// head of the section that stands for a name.
func (w *world) head(name string) []v1alpha1.Subject {
	if section := w.section(w.standing(name)); section != nil {
		return section.Head.Subjects
	}
	return nil
}

func (w *world) departmentHead(section string) []v1alpha1.Subject {
	standing := w.section(w.standing(section))
	if standing == nil {
		return nil
	}
	return w.objects["Department/"+standing.DepartmentRef.Name].(*v1alpha1.Department).Spec.Head.Subjects
}

func (w *world) cio() []v1alpha1.Subject {
	return w.objects["Department/management"].(*v1alpha1.Department).Spec.Head.Subjects
}

// applicants of articles 12-1 and 13.
func (w *world) applicants(name string, change v1alpha1.ChangeType) []v1alpha1.Subject {
	system := w.system(name)
	if system == nil {
		return nil
	}
	manages, minor := system.ManagingSectionRef.Name, change == v1alpha1.ChangeMinor
	digital := manages == "digital" || w.standing(manages) != "" && w.standing(manages) == w.standing("digital")
	var may []v1alpha1.Subject
	if minor || digital {
		for _, section := range system.UsingSectionRefs {
			if minor {
				may = append(may, w.head(section.Name)...)
			} else {
				may = append(may, w.departmentHead(section.Name)...)
			}
		}
	}
	switch {
	case minor && !digital:
		may = append(may, w.head(manages)...)
	case !minor && digital:
		may = append(may, w.head("digital")...)
	case !minor:
		may = append(may, w.departmentHead(manages)...)
	}
	return may
}

// deciders of articles 12 and 13.
func (w *world) deciders(name string, change v1alpha1.ChangeType) []v1alpha1.Subject {
	if change != v1alpha1.ChangeMinor {
		return w.cio()
	}
	if system := w.system(name); system != nil {
		return w.head(system.ManagingSectionRef.Name)
	}
	return nil
}

// committee that decides a change now; empty for none.
func (w *world) committee(change v1alpha1.ChangeType) string {
	if ref := w.regulation().SteeringCommitteeRef; ref != nil && change != v1alpha1.ChangeMinor {
		return ref.Name
	}
	return ""
}

// lastMeeting of the committee that decided the application.
func (w *world) lastMeeting(committee, application string) *meeting {
	return w.outermost(committee, application, time.Time{}, func(a, b *meeting) int {
		return -cmp.Or(cmp.Compare(a.held, b.held), a.at.Compare(b.at), strings.Compare(a.name, b.name))
	})
}

// ratifying is the first meeting of the committee to be confirmed that decided the application since it was approved.
func (w *world) ratifying(committee, application string) *meeting {
	return w.outermost(committee, application, w.past.decision(application).at, func(a, b *meeting) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.held, b.held), strings.Compare(a.name, b.name))
	})
}

func (w *world) outermost(committee, application string, since time.Time, order func(a, b *meeting) int) *meeting {
	var found *meeting
	for i := range w.past.meetings {
		m := &w.past.meetings[i]
		if m.committee == committee && m.outcome(application) != "" && !m.at.Before(since) && (found == nil || order(m, found) < 0) {
			found = m
		}
	}
	return found
}

// consented says whether every section whose data is used consents still (article 14-1).
func (w *world) consented(application string) bool {
	for _, use := range w.past.submitted[application].spec.DataUse {
		if len(use.ResidentRegisterItems) == 0 && w.past.consents[[2]string{application, use.Name}] != v1alpha1.DecisionApproved {
			return false
		}
	}
	return true
}

// owes says whether an approval in urgency waits for its meeting.
func (w *world) owes(application string) bool {
	d := w.past.decision(application)
	return d.what == v1alpha1.DecisionApproved && !d.by.IsZero() &&
		w.ratifying(w.committee(w.past.submitted[application].spec.Type), application) == nil
}

// ratified says whether an approval stands as far as urgency goes.
func (w *world) ratified(application string) bool {
	d := w.past.decision(application)
	if d.by.IsZero() {
		return true
	}
	m := w.ratifying(w.committee(w.past.submitted[application].spec.Type), application)
	if m == nil {
		return w.now().Before(d.by)
	}
	return m.outcome(application) == v1alpha1.OutcomeApproved && m.at.Before(d.by)
}

// effective says whether an application is approved and in effect now.
func (w *world) effective(application string) bool {
	scope := w.past.submitted[application].spec.Scope
	return w.past.decision(application).what == v1alpha1.DecisionApproved && w.consented(application) && w.ratified(application) &&
		(scope.NotBefore == nil || !w.now().Before(scope.NotBefore.Time)) && (scope.NotAfter == nil || w.now().Before(scope.NotAfter.Time))
}

// widens says whether an application lets its system do more than it may now (article 13).
func (w *world) widens(name string, spec v1alpha1.ChangeApprovalSpec) bool {
	system := w.system(spec.SystemRef.Name)
	repositories, namespaces, anyImage := map[string]bool{}, map[string]bool{}, false
	for other, papers := range w.past.submitted {
		if other == name || papers.spec.SystemRef != spec.SystemRef || !w.effective(other) {
			continue
		}
		minor, scope := papers.spec.Type == v1alpha1.ChangeMinor, papers.spec.Scope
		anyImage = anyImage || len(scope.Images) == 0 && !minor
		for _, image := range scope.Images {
			repositories[repository(image)] = true
		}
		allowed := scope.Namespaces
		if introduces := !minor && papers.spec.Type != v1alpha1.ChangeModification; introduces && len(allowed) == 0 {
			allowed = system.Namespaces
		}
		for _, namespace := range allowed {
			namespaces[namespace] = namespaces[namespace] || !minor
		}
	}
	for _, image := range spec.Scope.Images {
		if !anyImage && !repositories[repository(image)] {
			return true
		}
	}
	for _, namespace := range spec.Scope.Namespaces {
		if !namespaces[namespace] {
			return true
		}
	}
	return spec.Scope.Classification != nil // the systems have none
}

func repository(image v1alpha1.ImagePattern) string {
	name, _, _ := strings.Cut(string(image), ":")
	return name
}

// quorate counts a meeting anew (articles 17 and 19-1).
func (w *world) quorate(record v1alpha1.CommitteeMeetingSpec) bool {
	committee := w.objects["Committee/"+record.CommitteeRef.Name].(*v1alpha1.Committee).Spec
	members, there := slices.Concat(committee.Members, committee.AdHocMembers), 0
	for _, name := range record.Attendees {
		if !slices.ContainsFunc(members, func(m v1alpha1.CommitteeMember) bool { return m.Name == name }) {
			return false // nobody knows who that was
		}
		there++
	}
	return committee.Quorum == v1alpha1.QuorumNone || 2*there > len(members)
}

// late says whether a fiscal year is past, or was to be applied for by the end of the August before (article 12-2).
func (w *world) late(year int32) (over, late bool) {
	now := w.now().In(jst)
	over = !now.Before(time.Date(int(year)+1, time.April, 1, 0, 0, 0, 0, jst))
	return over, !now.Before(time.Date(int(year)-1, time.September, 1, 0, 0, 0, 0, jst))
}
