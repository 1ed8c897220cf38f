package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"kitei.dev/kitei/api/v1alpha1"
)

func date(day string) *v1alpha1.Date { return new(v1alpha1.Date(day)) }

// tokyo is a moment on the clocks of the ward.
func tokyo(t *testing.T, moment string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", moment, Organisation{}.Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// abolish ends a section on a day; an empty successor is none.
func (o Organisation) abolish(name, day, successor string) {
	o.Sections[name].Spec.AbolishedOn = date(day)
	if successor != "" {
		o.Sections[name].Spec.SuccessorRef = reference(successor)
	}
}

func TestSuccession(t *testing.T) {
	const eve, day = "2027-03-31 23:59:59", "2027-04-01 00:00:00"
	transferred := managedBy("tax")
	transferred.Spec.Transfer = &v1alpha1.Transfer{SectionRef: *reference("care"), EffectiveOn: "2027-04-01"}
	merge := func(o Organisation) { o.abolish("tax", "2027-04-01", "care") }
	for name, test := range map[string]struct {
		system  *v1alpha1.ElectronicSystem
		change  func(Organisation)
		now     string
		section string // empty where there is none
		state   SectionState
	}{
		"merged, the evening before":                {managedBy("tax"), merge, eve, "tax", SectionStanding},
		"merged, at midnight":                       {managedBy("tax"), merge, day, "care", SectionStanding},
		"merged, years later":                       {managedBy("tax"), merge, "2039-01-01 00:00:00", "care", SectionStanding},
		"abolished without a successor":             {managedBy("tax"), func(o Organisation) { o.abolish("tax", "2027-04-01", "") }, day, "tax", SectionAbolished},
		"the successor does not exist":              {managedBy("tax"), func(o Organisation) { o.abolish("tax", "2027-04-01", "ghost") }, day, "tax", SectionAbolished},
		"a successor named without a day":           {managedBy("tax"), func(o Organisation) { o.Sections["tax"].Spec.SuccessorRef = reference("care") }, day, "tax", SectionStanding},
		"split, the evening before":                 {transferred, merge, eve, "tax", SectionStanding},
		"split, at midnight":                        {transferred, func(o Organisation) { o.abolish("tax", "2027-04-01", "orphan") }, day, "care", SectionStanding},
		"transferred from a section that stands":    {transferred, func(Organisation) {}, day, "care", SectionStanding},
		"transferred to one abolished since":        {transferred, func(o Organisation) { o.abolish("care", "2028-04-01", "digital") }, "2028-04-01 00:00:00", "digital", SectionStanding},
		"abolished before the transfer":             {transferred, func(o Organisation) { o.abolish("tax", "2026-10-01", "orphan") }, eve, "orphan", SectionStanding},
		"transferred to one that does not exist":    {transferred, func(o Organisation) { delete(o.Sections, "care") }, day, "", SectionNotFound},
		"the successor begins on the day":           {managedBy("tax"), func(o Organisation) { merge(o); o.Sections["care"].Spec.EstablishedOn = date("2027-04-01") }, day, "care", SectionStanding},
		"the successor begins a day late":           {managedBy("tax"), func(o Organisation) { merge(o); o.Sections["care"].Spec.EstablishedOn = date("2027-04-02") }, day, "care", SectionNotEstablished},
		"through one that lived between":            {managedBy("tax"), func(o Organisation) { merge(o); o.abolish("care", "2028-04-01", "orphan") }, "2028-04-01 00:00:00", "orphan", SectionStanding},
		"through one abolished already":             {managedBy("tax"), func(o Organisation) { merge(o); o.abolish("care", "2026-04-01", "orphan") }, day, "orphan", SectionStanding},
		"followed by itself":                        {managedBy("tax"), func(o Organisation) { o.abolish("tax", "2027-04-01", "tax") }, day, "tax", SectionAbolished},
		"a day of establishment that is no day":     {managedBy("tax"), func(o Organisation) { o.Sections["tax"].Spec.EstablishedOn = date("2026-02-30") }, day, "tax", SectionNotEstablished},
		"a day of transfer that is no day":          {&v1alpha1.ElectronicSystem{Spec: v1alpha1.ElectronicSystemSpec{ManagingSectionRef: reference("tax"), Transfer: &v1alpha1.Transfer{SectionRef: *reference("care"), EffectiveOn: "2026-02-30"}}}, func(Organisation) {}, day, "tax", SectionStanding},
		"no section, and none to be transferred to": {managedBy(""), func(Organisation) {}, day, "", SectionUnnamed},
	} {
		t.Run(name, func(t *testing.T) {
			o := ward()
			test.change(o)
			o.Now = tokyo(t, test.now)
			section, state := o.ManagingSection(test.system)
			got := ""
			if section != nil {
				got = section.Name
			}
			if got != test.section || state != test.state {
				t.Errorf("managed by %q (%s), want %q (%s)", got, state, test.section, test.state)
			}
		})
	}
}

// Successors in a circle, or without end, lead nowhere, and nothing hangs.
func TestCirclesLeadNowhere(t *testing.T) {
	o := ward()
	for i := range 100 {
		name := fmt.Sprint("s", i)
		o.Sections[name] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name}}
		o.abolish(name, "2020-04-01", fmt.Sprint("s", i+1))
	}
	o.abolish("tax", "2020-04-01", "care")
	o.abolish("care", "2020-04-01", "tax")
	for _, name := range []string{"tax", "care", "s0"} {
		if _, state := o.ManagingSection(managedBy(name)); state != SectionAbolished {
			t.Errorf("%s: %s", name, state)
		}
		if lapse := o.Outlook(managedBy(name)).Lapse; lapse != SectionAbolished {
			t.Errorf("outlook of %s: %s", name, lapse)
		}
	}
	if line := o.Line("tax"); !slices.Equal(line, []string{"tax", "care"}) {
		t.Errorf("line is %v", line)
	}
}

// Who follows a section follows it in every office.
func TestSuccessorHoldsTheOffices(t *testing.T) {
	o := ward()
	o.abolish("tax", "2026-04-01", "care")
	levy := managedBy("tax", "tax")
	for what, test := range map[string]struct {
		got  []Office
		want []string
	}{
		"applies, article 12": {o.Applicants(levy, v1alpha1.ChangeIntroduction), []string{"DepartmentHead welfare welfare-head"}},
		"applies, article 13": {o.Applicants(levy, v1alpha1.ChangeMinor),
			[]string{"UsingSectionHead care care-head", "ManagingSectionHead care care-head"}},
		"consents, article 14": {o.DataSectionHead(reference("tax")), []string{"DataSectionHead care care-head"}},
		"decides, article 13":  {o.Deciders(levy, v1alpha1.ChangeMinor), []string{"ManagingSectionHead care care-head"}},
	} {
		if diff := cmp.Diff(test.want, holders(test.got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	if (Identity{Username: "tax-head"}).Holds(o.Registrars(levy)[0]) {
		t.Error("the head of the abolished section still keeps the entry")
	}

	o.abolish("care", "2026-04-01", "digital") // what digital promotion takes over is digital promotion's (article 4-1)
	digital := []string{"DigitalPromotionSectionHead digital digital-head"}
	if got := holders(o.Deciders(levy, v1alpha1.ChangeMinor)); !slices.Equal(got, digital) {
		t.Errorf("decides after the merger into digital promotion: %v", got)
	}
	o.abolish("digital", "2026-04-01", "orphan") // and who follows digital promotion is it
	if got := o.DigitalPromotionSectionHead(); got.Unit != "orphan" || !o.ManagedByDigitalPromotion(levy) {
		t.Errorf("information manager is %v", got)
	}

	o.Departments["management"].Spec.Lifetime = v1alpha1.Lifetime{AbolishedOn: date("2026-04-01"), SuccessorRef: reference("finance")}
	if got := o.ChiefInformationOfficer(); got.Unit != "finance" {
		t.Errorf("the chief information officer is head of %q", got.Unit)
	}
	o.Departments["finance"].Spec.AbolishedOn = date("2026-04-01")
	if got := o.ChiefInformationOfficer(); got.Unit != "" || len(o.Deciders(levy, v1alpha1.ChangeModification)) != 0 {
		t.Errorf("nobody follows, and %v decides", got)
	}
}

func TestNamesOfTheDay(t *testing.T) {
	o := ward()
	section := o.Sections["tax"]
	section.Spec.DisplayName, section.Spec.Head.Title = "税務総合課", "税務総合課長"
	section.Spec.FormerNames = []v1alpha1.FormerName{
		{DisplayName: "収税課", Until: "2024-04-01"}, {DisplayName: "税務課", Title: "課長（税務）", Until: "2027-04-01"},
	}
	for moment, want := range map[string][2]string{
		"2024-03-31 23:59:59": {"収税課", "収税課長"}, "2024-04-01 00:00:00": {"税務課", "課長（税務）"},
		"2027-03-31 23:59:59": {"税務課", "課長（税務）"}, "2027-04-01 00:00:00": {"税務総合課", "税務総合課長"},
	} {
		o.Now = tokyo(t, moment)
		name := o.SectionName(section)
		title := o.Deciders(managedBy("tax"), v1alpha1.ChangeMinor)[0].Title
		if name != want[0] || title != want[1] {
			t.Errorf("%s: %s under %s, want %v", moment, name, title, want)
		}
	}
	o.Now = tokyo(t, "2026-12-01 12:00:00")
	if next := o.NextTurn(); !next.Equal(tokyo(t, "2027-04-01 00:00:00")) {
		t.Errorf("the next turn is %s", next)
	}
}

func TestOutlook(t *testing.T) {
	type outlook struct{ Section, Successor, MovesOn, Lapse, LapsesOn, Last string }
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(Organisation{}.Location()).Format("2006-01-02 15:04")
	}
	name := func(s *v1alpha1.ManagingSection) string {
		if s == nil {
			return ""
		}
		return s.Name
	}
	for title, test := range map[string]struct {
		change func(Organisation, *v1alpha1.ElectronicSystem)
		want   outlook
	}{
		"nothing is to come": {func(Organisation, *v1alpha1.ElectronicSystem) {}, outlook{"tax", "", "", "Standing", "", "tax"}},
		"it moves": {func(o Organisation, _ *v1alpha1.ElectronicSystem) { o.abolish("tax", "2027-04-01", "care") },
			outlook{"tax", "care", "2027-04-01 00:00", "Standing", "", "care"}},
		"it moves, some time after its successor begins": {func(o Organisation, _ *v1alpha1.ElectronicSystem) {
			o.abolish("tax", "2027-04-01", "care")
			o.Sections["care"].Spec.EstablishedOn = date("2026-10-01")
		}, outlook{"tax", "care", "2027-04-01 00:00", "Standing", "", "care"}},
		"it is an orphan from a day on": {func(o Organisation, _ *v1alpha1.ElectronicSystem) { o.abolish("tax", "2027-04-01", "") },
			outlook{"tax", "", "", "Abolished", "2027-04-01 00:00", "tax"}},
		"it moves, and then is an orphan": {func(o Organisation, _ *v1alpha1.ElectronicSystem) {
			o.abolish("tax", "2027-04-01", "care")
			o.abolish("care", "2028-04-01", "")
		}, outlook{"tax", "care", "2027-04-01 00:00", "Abolished", "2028-04-01 00:00", "care"}},
		"it is an orphan already": {func(o Organisation, _ *v1alpha1.ElectronicSystem) { o.abolish("tax", "2020-04-01", "") },
			outlook{"tax", "", "", "Abolished", "", "tax"}},
		"its transfer saves it": {func(o Organisation, s *v1alpha1.ElectronicSystem) {
			o.abolish("tax", "2027-04-01", "")
			s.Spec.Transfer = &v1alpha1.Transfer{SectionRef: *reference("care"), EffectiveOn: "2027-04-01"}
		}, outlook{"tax", "care", "2027-04-01 00:00", "Standing", "", "care"}},
		"its transfer comes too late": {func(o Organisation, s *v1alpha1.ElectronicSystem) {
			o.abolish("tax", "2027-04-01", "")
			s.Spec.Transfer = &v1alpha1.Transfer{SectionRef: *reference("care"), EffectiveOn: "2027-05-01"}
		}, outlook{"tax", "", "", "Abolished", "2027-04-01 00:00", "tax"}},
		"its transfer leads to nobody": {func(_ Organisation, s *v1alpha1.ElectronicSystem) {
			s.Spec.Transfer = &v1alpha1.Transfer{SectionRef: *reference("ghost"), EffectiveOn: "2027-04-01"}
		}, outlook{"tax", "", "", "NotFound", "2027-04-01 00:00", "tax"}},
		"its transfer leads to one that was abolished": {func(o Organisation, s *v1alpha1.ElectronicSystem) {
			o.abolish("care", "2020-04-01", "")
			s.Spec.Transfer = &v1alpha1.Transfer{SectionRef: *reference("care"), EffectiveOn: "2027-04-01"}
		}, outlook{"tax", "", "", "Abolished", "2027-04-01 00:00", "care"}},
		"none manages it": {func(_ Organisation, s *v1alpha1.ElectronicSystem) { s.Spec.ManagingSectionRef = nil },
			outlook{"", "", "", "Unnamed", "", ""}},
	} {
		t.Run(title, func(t *testing.T) {
			o, system := ward(), managedBy("tax")
			test.change(o, system)
			got := o.Outlook(system)
			written := outlook{name(got.Section), name(got.Successor), day(got.MovesOn),
				string(got.Lapse), day(got.LapsesOn), name(got.Last)}
			if diff := cmp.Diff(test.want, written); diff != "" {
				t.Errorf("outlook (-want +got):\n%s", diff)
			}
		})
	}
}

// anyReorganisation draws sections that begin, end and follow each other as they like, circles included, and a system.
func anyReorganisation(t *rapid.T) (Organisation, *v1alpha1.ElectronicSystem) {
	names := []string{"a", "b", "c", "d", "e", "nowhere"}
	name := rapid.SampledFrom(names)
	day := rapid.SampledFrom([]v1alpha1.Date{"2026-03-31", "2026-04-01", "2026-04-02", "2026-10-01", "2027-04-01", "2026-02-30"})
	o := Organisation{Regulation: &v1alpha1.Regulation{}, Sections: map[string]*v1alpha1.ManagingSection{}}
	o.Regulation.Spec.TimeZone = rapid.SampledFrom([]string{"Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati"}).Draw(t, "zone")
	o.Regulation.Spec.DigitalPromotionSectionRef.Name = name.Draw(t, "digital promotion")
	for _, n := range names[:len(names)-1] {
		section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: n}}
		section.Spec.Head = headed(n + "-head")
		section.Spec.EstablishedOn = rapid.Ptr(day, true).Draw(t, n+" is established on")
		if section.Spec.AbolishedOn = rapid.Ptr(day, true).Draw(t, n+" is abolished on"); section.Spec.AbolishedOn != nil &&
			rapid.Bool().Draw(t, n+" is followed") {
			section.Spec.SuccessorRef = reference(name.Draw(t, n+" is followed by"))
		}
		o.Sections[n] = section
	}
	system := managedBy(name.Draw(t, "managed by"))
	if rapid.Bool().Draw(t, "transferred") {
		system.Spec.Transfer = &v1alpha1.Transfer{
			SectionRef: *reference(name.Draw(t, "transferred to")), EffectiveOn: day.Draw(t, "transferred on"),
		}
	}
	o.Now = time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(t, "now")))
	return o, system
}

// At most one section manages a system, and its head, nobody else, decides a minor change.
func TestOneSectionManagesASystem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, system := anyReorganisation(t)
		section, state := o.ManagingSection(system)
		deciders := o.Deciders(system, v1alpha1.ChangeMinor)
		if state != SectionStanding {
			if len(deciders) > 0 {
				t.Fatalf("no section manages the system (%s), and %v decide", state, holders(deciders))
			}
			return
		}
		if o.State(&section.Spec.Lifetime) != SectionStanding {
			t.Fatalf("managed by %s, which does not stand", section.Name)
		}
		if !slices.Contains(o.Line(o.AssignedSection(system).Name), section.Name) {
			t.Fatalf("managed by %s, which does not follow %s", section.Name, o.AssignedSection(system).Name)
		}
		if len(deciders) != 1 || deciders[0].Unit != section.Name {
			t.Fatalf("managed by %s, decided by %v", section.Name, holders(deciders))
		}
		for name := range o.Sections {
			head := Identity{Username: name + "-head"}
			if _, decides := head.Among(deciders); decides != (name == section.Name) {
				t.Fatalf("managed by %s; the head of %s decides: %t", section.Name, name, decides)
			}
		}
	})
}

// Management changes at the turns, at midnight in the regulation's time zone, and at no other moment.
func TestManagementChangesAtItsTurnsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, system := anyReorganisation(t)
		outlook, turns := o.Outlook(system), o.Turns(system)
		manager := func(at time.Time) (string, SectionState) {
			o := o
			o.Now = at
			section, state := o.ManagingSection(system)
			if section == nil {
				return "", state
			}
			return section.Name, state
		}
		lapses := outlook.State != SectionStanding
		began := o.Now
		for _, ends := range append(slices.Clone(turns), began.AddDate(3, 0, 0)) {
			if !ends.After(began) {
				t.Fatalf("turns are not in order: %v", turns)
			}
			name, state := manager(began)
			lapses = lapses || state != SectionStanding
			within := began.Add(time.Duration(rapid.Int64Range(0, int64(ends.Sub(began)-1)).Draw(t, "within")))
			for _, at := range []time.Time{within, ends.Add(-1)} {
				if n, s := manager(at); n != name || s != state {
					t.Fatalf("%s (%s) at %s, %s (%s) at %s, and no turn between: %v", name, state, began, n, s, at, turns)
				}
			}
			began = ends
		}
		for _, at := range turns {
			if local := at.In(o.Location()); local.Hour()+local.Minute()+local.Second()+local.Nanosecond() != 0 {
				t.Fatalf("a turn at %s", local)
			}
		}
		if (outlook.Lapse != SectionStanding) != lapses {
			t.Fatalf("outlook says %s; a section is missing at some time: %t", outlook.Lapse, lapses)
		}
	})
}
