package regulation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

// ward is an organisation with a system of each sort: digital promotion manages "payroll", which tax and care use; tax
// manages "levy", which care uses. Section "orphan" has no department, section "adrift" one that does not exist.
func ward() Organisation {
	o := Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			TimeZone:                   "Asia/Tokyo",
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"},
		}},
		Departments: map[string]*v1alpha1.Department{},
		Sections:    map[string]*v1alpha1.ManagingSection{},
		Now:         time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	}
	for _, name := range []string{"management", "finance", "welfare"} {
		o.Departments[name] = &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.DepartmentSpec{DisplayName: name, Head: headed(name + "-head")}}
	}
	for name, department := range map[string]string{
		"digital": "management", "tax": "finance", "care": "welfare", "orphan": "", "adrift": "nowhere",
	} {
		section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.ManagingSectionSpec{DisplayName: name, Head: headed(name + "-head")}}
		if department != "" {
			section.Spec.DepartmentRef = reference(department)
		}
		o.Sections[name] = section
	}
	return o
}

func headed(user string) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: user}}}
}

func reference(name string) *v1alpha1.NameReference { return &v1alpha1.NameReference{Name: name} }

func managedBy(section string, users ...string) *v1alpha1.ElectronicSystem {
	system := &v1alpha1.ElectronicSystem{}
	if section != "" {
		system.Spec.ManagingSectionRef = reference(section)
	}
	for _, user := range users {
		system.Spec.UsingSectionRefs = append(system.Spec.UsingSectionRefs, *reference(user))
	}
	return system
}

// holders writes offices as role and holder, for a table.
func holders(offices []Office) []string {
	var texts []string
	for _, office := range offices {
		text := string(office.Role) + " " + office.Unit
		for _, subject := range office.Subjects {
			text += " " + subject.Name
		}
		texts = append(texts, text)
	}
	return texts
}

func TestAuthority(t *testing.T) {
	const (
		cio         = "ChiefInformationOfficer management management-head"
		digital     = "DigitalPromotionSectionHead digital digital-head"
		taxSection  = "ManagingSectionHead tax tax-head"
		taxDept     = "DepartmentHead finance finance-head"
		careUses    = "UsingSectionHead care care-head"
		taxUses     = "UsingSectionHead tax tax-head"
		careDeptUse = "UsingDepartmentHead welfare welfare-head"
		taxDeptUse  = "UsingDepartmentHead finance finance-head"
	)
	major := []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization, v1alpha1.ChangeModification}
	minor := []v1alpha1.ChangeType{v1alpha1.ChangeMinor}
	type row struct {
		system   *v1alpha1.ElectronicSystem
		changes  []v1alpha1.ChangeType
		apply    []string
		decide   []string
		register []string // on any change: who says which namespaces it has
	}
	for name, test := range map[string]row{
		"digital promotion's, article 12": {managedBy("digital", "tax", "care"), major, []string{digital, taxDeptUse, careDeptUse},
			[]string{cio}, []string{"ManagingSectionHead digital digital-head", digital, cio}},
		"digital promotion's, article 13": {managedBy("digital", "tax", "care"), minor, []string{taxUses, careUses},
			[]string{digital}, []string{"ManagingSectionHead digital digital-head", digital, cio}},
		"digital promotion's that nobody uses, article 13": {managedBy("digital"), minor, nil, []string{digital},
			[]string{"ManagingSectionHead digital digital-head", digital, cio}},
		"another section's, article 12": {managedBy("tax", "care"), major, []string{taxDept}, []string{cio},
			[]string{taxSection, digital, cio}},
		"another section's, article 13": {managedBy("tax", "care"), minor, []string{careUses, taxSection}, []string{taxSection},
			[]string{taxSection, digital, cio}},
		"its section has no department, article 12": {managedBy("orphan"), major, nil, []string{cio},
			[]string{"ManagingSectionHead orphan orphan-head", digital, cio}},
		"its section's department does not exist, article 12": {managedBy("adrift"), major, nil, []string{cio},
			[]string{"ManagingSectionHead adrift adrift-head", digital, cio}},
		"a using section has no department, article 12": {managedBy("digital", "orphan", "care"), major,
			[]string{digital, careDeptUse}, []string{cio}, []string{"ManagingSectionHead digital digital-head", digital, cio}},
		"a using section does not exist, article 13": {managedBy("tax", "gone", "care"), minor, []string{careUses, taxSection},
			[]string{taxSection}, []string{taxSection, digital, cio}},
		"its section does not exist, article 12":   {managedBy("gone", "care"), major, nil, []string{cio}, []string{digital, cio}},
		"its section does not exist, article 13":   {managedBy("gone", "care"), minor, []string{careUses}, nil, []string{digital, cio}},
		"it names no managing section, article 12": {managedBy("", "care"), major, nil, []string{cio}, []string{digital, cio}},
		"it names no managing section, article 13": {managedBy("", "care"), minor, []string{careUses}, nil, []string{digital, cio}},
		"both its sections are its own, article 13": {managedBy("tax", "tax"), minor, []string{taxUses, taxSection}, []string{taxSection},
			[]string{taxSection, digital, cio}},
	} {
		t.Run(name, func(t *testing.T) {
			o := ward()
			for _, change := range test.changes {
				if diff := cmp.Diff(test.apply, holders(o.Applicants(test.system, change))); diff != "" {
					t.Errorf("%s is applied for by (-want +got):\n%s", change, diff)
				}
				if diff := cmp.Diff(test.decide, holders(o.Deciders(test.system, change))); diff != "" {
					t.Errorf("%s is decided by (-want +got):\n%s", change, diff)
				}
				for _, office := range o.Deciders(test.system, change) {
					if !DecidesAs(change, office.Role) {
						t.Errorf("a decision of %s on %s would not count as attested", office.Role, change)
					}
				}
			}
			if diff := cmp.Diff(test.register, holders(o.Registrars(test.system))); diff != "" {
				t.Errorf("its namespaces are said by (-want +got):\n%s", diff)
			}
		})
	}
}

// Nothing but the deciding offices of articles 12 and 13 attests a decision.
func TestDecidesAs(t *testing.T) {
	for _, change := range []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization,
		v1alpha1.ChangeModification, v1alpha1.ChangeMinor} {
		for role, want := range map[v1alpha1.OfficeRole]bool{
			v1alpha1.RoleChiefInformationOfficer:     change != v1alpha1.ChangeMinor,
			v1alpha1.RoleDigitalPromotionSectionHead: change == v1alpha1.ChangeMinor,
			v1alpha1.RoleManagingSectionHead:         change == v1alpha1.ChangeMinor,
			v1alpha1.RoleDepartmentHead:              false,
			v1alpha1.RoleUsingDepartmentHead:         false,
			v1alpha1.RoleUsingSectionHead:            false,
			"":                                       false,
		} {
			if got := DecidesAs(change, role); got != want {
				t.Errorf("DecidesAs(%s, %q) = %t", change, role, got)
			}
		}
	}
}

func TestWithoutARegulationNobodyHasAnOffice(t *testing.T) {
	o := ward()
	o.Regulation = nil
	if got := holders(o.Deciders(managedBy("tax"), v1alpha1.ChangeIntroduction)); got != nil {
		t.Errorf("decided by %v", got)
	}
	if o.ManagedByDigitalPromotion(managedBy("digital")) {
		t.Error("digital promotion is known without a Regulation")
	}
	if got := o.Language(); got != v1alpha1.LanguageJapanese {
		t.Errorf("language %q", got)
	}
}

// The head of an abolished section holds no office any more, and gets none back through a system that still names it.
func TestHeadsOfAbolishedSectionsHoldNoOffice(t *testing.T) {
	o := ward()
	day := v1alpha1.Date("2026-04-01")
	o.Sections["tax"].Spec.AbolishedOn = &day
	head := Identity{Username: "tax-head"}
	for _, system := range []*v1alpha1.ElectronicSystem{managedBy("tax", "tax", "care"), managedBy("digital", "tax", "care")} {
		for _, change := range []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeMinor} {
			offices := slices.Concat(o.Applicants(system, change), o.Deciders(system, change), o.Registrars(system))
			for _, former := range []Identity{head, {Username: "finance-head"}} {
				if office, holds := former.Among(offices); holds {
					t.Errorf("%s acts as %s for %s", former.Username, office.Role, change)
				}
			}
		}
	}
}

func TestAbolition(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for name, test := range map[string]struct {
		zone string
		on   v1alpha1.Date
		now  string
		want SectionState
	}{
		"the last moment in Tokyo":              {"Asia/Tokyo", "2026-04-01", "2026-03-31T14:59:59.999999999Z", SectionStanding},
		"midnight in Tokyo":                     {"Asia/Tokyo", "2026-04-01", "2026-03-31T15:00:00Z", SectionAbolished},
		"long after":                            {"Asia/Tokyo", "2026-04-01", "2031-04-01T00:00:00Z", SectionAbolished},
		"the last moment east of the date line": {"Pacific/Kiritimati", "2026-04-01", "2026-03-31T09:59:59Z", SectionStanding},
		"midnight east of the date line":        {"Pacific/Kiritimati", "2026-04-01", "2026-03-31T10:00:00Z", SectionAbolished},
		"the last moment in New York, summer":   {"America/New_York", "2026-07-01", "2026-07-01T03:59:59Z", SectionStanding},
		"midnight in New York, summer":          {"America/New_York", "2026-07-01", "2026-07-01T04:00:00Z", SectionAbolished},
		"midnight in New York, winter":          {"America/New_York", "2026-12-01", "2026-12-01T05:00:00Z", SectionAbolished},
		"an hour before, in winter":             {"America/New_York", "2026-12-01", "2026-12-01T04:00:00Z", SectionStanding},
		"no zone is Japan's":                    {"", "2026-04-01", "2026-03-31T15:00:00Z", SectionAbolished},
		"no zone, a moment before":              {"", "2026-04-01", "2026-03-31T14:59:59Z", SectionStanding},
		"no such zone is Japan's":               {"Asia/Arakawa", "2026-04-01", "2026-03-31T15:00:00Z", SectionAbolished},
		"no such zone, a moment before":         {"Asia/Arakawa", "2026-04-01", "2026-03-31T14:59:59Z", SectionStanding},
		"a leap day":                            {"UTC", "2028-02-29", "2028-02-29T00:00:00Z", SectionAbolished},
		"a day before a leap day":               {"UTC", "2028-02-29", "2028-02-28T23:59:59Z", SectionStanding},
		"no day of the calendar counts as come": {"UTC", "2027-02-29", "2026-01-01T00:00:00Z", SectionAbolished},
	} {
		t.Run(name, func(t *testing.T) {
			o := ward()
			o.Regulation.Spec.TimeZone, o.Now = test.zone, at(test.now)
			o.Sections["tax"].Spec.AbolishedOn = &test.on
			section, state := o.Section(reference("tax"))
			if state != test.want || section.Name != "tax" {
				t.Errorf("got %s, want %s", state, test.want)
			}
			if other, state := o.Section(reference("care")); state != SectionStanding || other.Name != "care" {
				t.Errorf("another section is %s", state)
			}
		})
	}
}

func TestSection(t *testing.T) {
	o := ward()
	for want, ref := range map[SectionState]*v1alpha1.NameReference{
		SectionStanding: reference("tax"), SectionNotFound: reference("gone"), SectionUnnamed: nil,
	} {
		if _, got := o.Section(ref); got != want {
			t.Errorf("Section(%v): got %s, want %s", ref, got, want)
		}
	}
}

// "Local" is a name that Go knows and no time zone: what it means would depend on the machine.
func TestLocationDoesNotDependOnTheMachine(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("elsewhere", -7*60*60)
	for zone, want := range map[string]int{"Local": 9, "": 9, "Asia/Tokyo": 9, "../etc/passwd": 9, "UTC": 0, "Asia/Seoul": 9,
		"Asia/Dubai": 4} {
		o := ward()
		o.Regulation.Spec.TimeZone = zone
		if _, offset := o.Now.In(o.Location()).Zone(); offset != want*60*60 {
			t.Errorf("zone %q: %d hours from UTC, want %d", zone, offset/3600, want)
		}
	}
}

func TestTitle(t *testing.T) {
	o := ward()
	o.Departments["management"].Spec = v1alpha1.DepartmentSpec{DisplayName: "管理部"}
	o.Sections["digital"].Spec.DisplayName = "デジタル推進課"
	if got, want := o.ChiefInformationOfficer().Title, "管理部長"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := o.DigitalPromotionSectionHead().Title, "デジタル推進課長"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	o.Sections["digital"].Spec.Head.Title = "推進担当課長"
	if got, want := o.DigitalPromotionSectionHead().Title, "推進担当課長"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Organisation{Regulation: o.Regulation}).ChiefInformationOfficer(); got.Title != "" || got.Unit != "" {
		t.Errorf("a department that does not exist has the head %+v", got)
	}
}

func TestHolds(t *testing.T) {
	user := v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: "荒川花子"}
	group := v1alpha1.Subject{Kind: v1alpha1.SubjectGroup, Name: "heads"}
	account := v1alpha1.Subject{Kind: v1alpha1.SubjectServiceAccount, Namespace: "tax", Name: "robot"}
	for name, test := range map[string]struct {
		identity Identity
		subject  v1alpha1.Subject
		want     bool
	}{
		"the user":                      {Identity{Username: "荒川花子"}, user, true},
		"another user":                  {Identity{Username: "荒川花"}, user, false},
		"a group named like the user":   {Identity{Username: "x", Groups: []string{"荒川花子"}}, user, false},
		"one of the group":              {Identity{Username: "x", Groups: []string{"staff", "heads"}}, group, true},
		"none of the group":             {Identity{Username: "x", Groups: []string{"staff", "head"}}, group, false},
		"a user named like the group":   {Identity{Username: "heads"}, group, false},
		"the service account":           {Identity{Username: "system:serviceaccount:tax:robot"}, account, true},
		"one of another namespace":      {Identity{Username: "system:serviceaccount:care:robot"}, account, false},
		"another of the namespace":      {Identity{Username: "system:serviceaccount:tax:robots"}, account, false},
		"a user named like the account": {Identity{Username: "robot"}, account, false},
		"case matters":                  {Identity{Username: "Heads", Groups: []string{"Heads"}}, group, false},
		"nobody":                        {Identity{}, v1alpha1.Subject{}, false},
		"a kind that there is none of": {Identity{Username: "x", Groups: []string{"x"}}, v1alpha1.Subject{Kind: "Robot", Name: "x"},
			false},
		"an account as a user, by its name": {Identity{Username: "system:serviceaccount:tax:robot"},
			v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: "system:serviceaccount:tax:robot"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			office := Office{Subjects: []v1alpha1.Subject{test.subject}}
			if got := test.identity.Holds(office); got != test.want {
				t.Errorf("got %t", got)
			}
			other := Office{Role: "Other", Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: strings.Repeat("z", 9)}}}
			office.Role = "Asked"
			if got, found := test.identity.Among([]Office{other, office}); found != test.want || (found && got.Role != "Asked") {
				t.Errorf("among two offices: %t, %s", found, got.Role)
			}
		})
	}
}
