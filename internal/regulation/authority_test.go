package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"kitei.dev/kitei/api/v1alpha1"
)

// anyWard draws an organisation: who heads what, which section belongs to which department, which of them are abolished and who
// follows those. A unit may be named that does not exist.
func anyWard(t *rapid.T) Organisation {
	departments, sections := []string{"management", "finance", "welfare"}, []string{"digital", "tax", "care", "records"}
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	o := Organisation{Departments: map[string]*v1alpha1.Department{}, Sections: map[string]*v1alpha1.ManagingSection{},
		Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
	lifetime := func(units ...string) v1alpha1.Lifetime {
		var l v1alpha1.Lifetime
		if on := v1alpha1.Date(pick("abolished", "", "", "", "2026-04-01", "2026-04-02")); on != "" {
			l.AbolishedOn = &on
			if successor := pick("successor", append(units, "", "nowhere")...); successor != "" {
				l.SuccessorRef = reference(successor)
			}
		}
		return l
	}
	head := func() v1alpha1.OfficeHolder { return headed(pick("head", "ann", "ben", "cho", "dan")) }
	for _, name := range departments {
		o.Departments[name] = &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.DepartmentSpec{DisplayName: name, Head: head(), Lifetime: lifetime(departments...)}}
	}
	for _, name := range sections {
		o.Sections[name] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.ManagingSectionSpec{DisplayName: name, Head: head(), Lifetime: lifetime(sections...)}}
		if department := pick("department", append(departments, "", "nowhere")...); department != "" {
			o.Sections[name].Spec.DepartmentRef = reference(department)
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "regulation") < 9 {
		o.Regulation = &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			ManagementDepartmentRef:    *reference(pick("management", departments...)),
			DigitalPromotionSectionRef: *reference(pick("digital", "digital", "tax", "nowhere"))}}
	}
	return o
}

// stands is the unit that acts for a name on the wards' day, by the successors that the units name themselves.
func stands(name string, lifetime func(string) *v1alpha1.Lifetime) string {
	for range 50 {
		l := lifetime(name)
		switch {
		case l == nil:
			return ""
		case l.AbolishedOn == nil || *l.AbolishedOn > "2026-04-01":
			return name
		case l.SuccessorRef == nil:
			return ""
		}
		name = l.SuccessorRef.Name
	}
	return ""
}

// table is the authority table of the model, written out: the heads, as role and name, who apply for a change and who decide it.
func table(o Organisation, system *v1alpha1.ElectronicSystem, minor bool) (apply, decide []string) {
	section := func(ref *v1alpha1.NameReference) *v1alpha1.ManagingSection {
		if ref == nil {
			return nil
		}
		return o.Sections[stands(ref.Name, func(name string) *v1alpha1.Lifetime {
			if o.Sections[name] == nil {
				return nil
			}
			return &o.Sections[name].Spec.Lifetime
		})]
	}
	headOf := func(role string, unit *v1alpha1.ManagingSection) []string {
		if unit == nil {
			return nil
		}
		return []string{role + " " + unit.Name + " " + unit.Spec.Head.Subjects[0].Name}
	}
	departmentOf := func(role string, ref *v1alpha1.NameReference) []string {
		if ref == nil {
			return nil
		}
		name := stands(ref.Name, func(name string) *v1alpha1.Lifetime {
			if o.Departments[name] == nil {
				return nil
			}
			return &o.Departments[name].Spec.Lifetime
		})
		if name == "" {
			return nil
		}
		return []string{role + " " + name + " " + o.Departments[name].Spec.Head.Subjects[0].Name}
	}
	manages := section(system.Spec.ManagingSectionRef)
	var promotion *v1alpha1.ManagingSection
	digital := false
	if o.Regulation != nil && system.Spec.ManagingSectionRef != nil {
		ref := &o.Regulation.Spec.DigitalPromotionSectionRef
		promotion = section(ref)
		digital = *ref == *system.Spec.ManagingSectionRef || manages != nil && manages == promotion
	}
	for i := range system.Spec.UsingSectionRefs {
		user := section(&system.Spec.UsingSectionRefs[i])
		switch {
		case minor:
			apply = append(apply, headOf("UsingSectionHead", user)...)
		case digital && user != nil:
			apply = append(apply, departmentOf("UsingDepartmentHead", user.Spec.DepartmentRef)...)
		}
	}
	switch {
	case minor && digital:
		return apply, headOf("DigitalPromotionSectionHead", promotion)
	case minor:
		return append(apply, headOf("ManagingSectionHead", manages)...), headOf("ManagingSectionHead", manages)
	case digital:
		apply = append(apply, headOf("DigitalPromotionSectionHead", promotion)...)
	case manages != nil:
		apply = departmentOf("DepartmentHead", manages.Spec.DepartmentRef)
	}
	if o.Regulation != nil {
		decide = departmentOf("ChiefInformationOfficer", &o.Regulation.Spec.ManagementDepartmentRef)
	}
	return apply, decide
}

// In any organisation, after any reorganisation, exactly the offices of the authority table apply and decide (articles 12-1, 12-4
// and 13), a decision of any of them counts as attested, and who holds none of them acts for none.
func TestAuthorityTableHoldsInAnyWard(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		o, system := anyWard(t), &v1alpha1.ElectronicSystem{}
		names := []string{"digital", "tax", "care", "records", "nowhere"}
		if manages := rapid.SampledFrom(append(names, "")).Draw(t, "managed by"); manages != "" {
			system.Spec.ManagingSectionRef = reference(manages)
		}
		for _, user := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(t, "used by") {
			system.Spec.UsingSectionRefs = append(system.Spec.UsingSectionRefs, *reference(user))
		}
		for _, change := range []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization,
			v1alpha1.ChangeModification, v1alpha1.ChangeMinor} {
			apply, decide := table(o, system, change == v1alpha1.ChangeMinor)
			applicants, deciders := o.Applicants(system, change), o.Deciders(system, change)
			for what, lists := range map[string][2][]string{"applied for by": {holders(applicants), apply},
				"decided by": {holders(deciders), decide}} {
				got, want := slices.Sorted(slices.Values(lists[0])), slices.Sorted(slices.Values(lists[1]))
				if !slices.Equal(got, want) {
					t.Fatalf("%s is %s %v, want %v", change, what, got, want)
				}
				for _, office := range got {
					seen[what+" "+office[:len("ChiefInfor")]]++
				}
			}
			for _, office := range deciders {
				if !DecidesAs(change, office.Role) {
					t.Fatalf("a decision of %s on %s would not count", office.Role, change)
				}
			}
			for _, who := range []string{"eri", "", "management", v1alpha1.OperatorUsername} {
				nobody := Identity{Username: who, Groups: []string{"system:masters"}}
				if office, held := nobody.Among(slices.Concat(applicants, deciders)); held {
					t.Fatalf("%q acts as %s", who, office.Role)
				}
			}
		}
	})
	if len(seen) < 7 {
		t.Errorf("few offices act: %s", fmt.Sprint(seen))
	}
}
