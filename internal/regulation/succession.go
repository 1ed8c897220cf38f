package regulation

import (
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// longestSuccession bounds how many successors are followed. Successors that go in a circle lead nowhere.
const longestSuccession = 32

// SectionState says whether a section, or a department, can act (article 4).
type SectionState string

const (
	// SectionStanding: it exists.
	SectionStanding SectionState = "Standing"
	// SectionUnnamed: none is named.
	SectionUnnamed SectionState = "Unnamed"
	// SectionNotFound: none has that name.
	SectionNotFound SectionState = "NotFound"
	// SectionNotEstablished: its first day has not come.
	SectionNotEstablished SectionState = "NotEstablished"
	// SectionAbolished: its day of abolition has come, and no successor stands.
	SectionAbolished SectionState = "Abolished"
)

// Section is the section that stands for the one that is named: itself, or once it is abolished its successor, or the
// successor's. Where none stands it is the last one on that way, if any, with what is wrong with it.
func (o Organisation) Section(ref *v1alpha1.NameReference) (*v1alpha1.ManagingSection, SectionState) {
	return follow(o, o.Sections, sectionLifetime, ref)
}

// Department is the department that stands for the one that is named, likewise.
func (o Organisation) Department(ref *v1alpha1.NameReference) (*v1alpha1.Department, SectionState) {
	return follow(o, o.Departments, departmentLifetime, ref)
}

func sectionLifetime(s *v1alpha1.ManagingSection) *v1alpha1.Lifetime { return &s.Spec.Lifetime }

func departmentLifetime(d *v1alpha1.Department) *v1alpha1.Lifetime { return &d.Spec.Lifetime }

func follow[U any](o Organisation, units map[string]*U, lifetime func(*U) *v1alpha1.Lifetime, ref *v1alpha1.NameReference,
) (*U, SectionState) {
	if ref == nil {
		return nil, SectionUnnamed
	}
	unit, found := units[ref.Name]
	if !found {
		return nil, SectionNotFound
	}
	for range longestSuccession {
		state, successor := o.State(lifetime(unit)), lifetime(unit).SuccessorRef
		if state != SectionAbolished || successor == nil || units[successor.Name] == nil {
			return unit, state
		}
		unit = units[successor.Name]
	}
	return unit, SectionAbolished
}

// State of one unit by itself: Standing, NotEstablished or Abolished. A day that is no day of the calendar makes a unit act
// for nobody.
func (o Organisation) State(lifetime *v1alpha1.Lifetime) SectionState {
	if at, set := o.begins(lifetime.AbolishedOn); set && !o.Now.Before(at) {
		return SectionAbolished
	}
	if at, set := o.begins(lifetime.EstablishedOn); set && (at.IsZero() || o.Now.Before(at)) {
		return SectionNotEstablished
	}
	return SectionStanding
}

// AbolishedAt is the first moment of a unit's day of abolition; zero if there is none.
func (o Organisation) AbolishedAt(lifetime *v1alpha1.Lifetime) time.Time {
	at, _ := o.begins(lifetime.AbolishedOn)
	return at
}

// begins is the first moment of a day in the regulation's time zone; the zero moment for what is no day of the calendar.
func (o Organisation) begins(day *v1alpha1.Date) (at time.Time, set bool) {
	if day == nil {
		return time.Time{}, false
	}
	date, err := time.Parse(time.DateOnly, string(*day))
	if err != nil {
		return time.Time{}, true
	}
	return dayBegins(date, o.Location()), true
}

// ManagingSection is the section that manages a system now (article 4): the one that it names, or was transferred to, or the
// successor of that. See [Organisation.Section] for where none stands.
func (o Organisation) ManagingSection(system *v1alpha1.ElectronicSystem) (*v1alpha1.ManagingSection, SectionState) {
	return o.Section(o.AssignedSection(system))
}

// AssignedSection is the section that a system is assigned to now, before any succession.
func (o Organisation) AssignedSection(system *v1alpha1.ElectronicSystem) *v1alpha1.NameReference {
	if transfer := system.Spec.Transfer; transfer != nil {
		if at, _ := o.begins(&transfer.EffectiveOn); !at.IsZero() && !o.Now.Before(at) {
			return &transfer.SectionRef
		}
	}
	return system.Spec.ManagingSectionRef
}

// Line is a section with all who follow it, whether their day has come or not, each once.
func (o Organisation) Line(name string) []string {
	line := []string{name}
	for range longestSuccession {
		section, found := o.Sections[line[len(line)-1]]
		if !found || section.Spec.SuccessorRef == nil || slices.Contains(line, section.Spec.SuccessorRef.Name) {
			break
		}
		line = append(line, section.Spec.SuccessorRef.Name)
	}
	return line
}

// Turns are the days to come, the soonest first, on which another section may manage the system, or none.
func (o Organisation) Turns(system *v1alpha1.ElectronicSystem) []time.Time {
	var days []*v1alpha1.Date
	refs := []*v1alpha1.NameReference{system.Spec.ManagingSectionRef}
	if transfer := system.Spec.Transfer; transfer != nil {
		days, refs = append(days, &transfer.EffectiveOn), append(refs, &transfer.SectionRef)
	}
	for _, ref := range refs {
		if ref == nil {
			continue
		}
		for _, name := range o.Line(ref.Name) {
			if section, found := o.Sections[name]; found {
				days = append(days, section.Spec.EstablishedOn, section.Spec.AbolishedOn)
			}
		}
	}
	var turns []time.Time
	for _, day := range days {
		if at, _ := o.begins(day); at.After(o.Now) {
			turns = append(turns, at)
		}
	}
	slices.SortFunc(turns, time.Time.Compare)
	return slices.CompactFunc(turns, time.Time.Equal)
}

// NextTurn is the next day on which any unit begins, ends or gets another name; zero if there is none. What is written about
// offices is looked at anew then.
func (o Organisation) NextTurn() time.Time {
	var next time.Time
	consider := func(day *v1alpha1.Date) {
		if at, set := o.begins(day); set && at.After(o.Now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	unit := func(lifetime *v1alpha1.Lifetime) {
		consider(lifetime.EstablishedOn)
		consider(lifetime.AbolishedOn)
		for i := range lifetime.FormerNames {
			consider(&lifetime.FormerNames[i].Until)
		}
	}
	for _, department := range o.Departments {
		unit(&department.Spec.Lifetime)
	}
	for _, section := range o.Sections {
		unit(&section.Spec.Lifetime)
	}
	return next
}

// Outlook is what becomes of the management of a system, as far as the organisation says today.
type Outlook struct {
	// Section that manages the system now, or the last one that did; nil where there is none.
	Section *v1alpha1.ManagingSection
	// State of the management now.
	State SectionState
	// Successor is the section that manages it next, and MovesOn the day; nil and zero where the section stays the same.
	Successor *v1alpha1.ManagingSection
	MovesOn   time.Time
	// Lapse says why no section manages the system now, or from the day LapsesOn on; it is Standing where that is not to be.
	// Last is the section at which the way ends: the abolished one that nobody follows, or the one that is not there yet; else
	// the last one that managed it, if any did.
	Lapse    SectionState
	LapsesOn time.Time
	Last     *v1alpha1.ManagingSection
}

// Outlook looks ahead at the management of a system.
func (o Organisation) Outlook(system *v1alpha1.ElectronicSystem) Outlook {
	var outlook Outlook
	outlook.Section, outlook.State = o.ManagingSection(system)
	outlook.Lapse, outlook.Last = outlook.State, outlook.Section
	if outlook.State != SectionStanding {
		return outlook
	}
	for _, at := range o.Turns(system) {
		o.Now = at
		section, state := o.ManagingSection(system)
		if state != SectionStanding {
			if outlook.Lapse, outlook.LapsesOn = state, at; section != nil {
				outlook.Last = section
			}
			break
		}
		if section.Name != outlook.Section.Name && outlook.Successor == nil {
			outlook.Successor, outlook.MovesOn = section, at
		}
		outlook.Last = section
	}
	return outlook
}

// SectionName is what a section is called now.
func (o Organisation) SectionName(section *v1alpha1.ManagingSection) string {
	name, _ := o.called(section.Spec.DisplayName, section.Spec.Head.Title, &section.Spec.Lifetime)
	return name
}

// DepartmentName is what a department is called now.
func (o Organisation) DepartmentName(department *v1alpha1.Department) string {
	name, _ := o.called(department.Spec.DisplayName, department.Spec.Head.Title, &department.Spec.Lifetime)
	return name
}

// called is what a unit and its head are called now: as today's entry says, or as a former name says whose day has not come.
func (o Organisation) called(name, title string, lifetime *v1alpha1.Lifetime) (unit, head string) {
	unit, head = name, title
	var until time.Time
	for _, former := range lifetime.FormerNames {
		if at, _ := o.begins(&former.Until); at.After(o.Now) && (until.IsZero() || at.Before(until)) {
			until, unit, head = at, former.DisplayName, former.Title
		}
	}
	if head == "" {
		head = unit + "長"
	}
	return unit, head
}
