package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

func day(date string) *v1alpha1.Date { return new(v1alpha1.Date(date)) }

func sectionNamed(name string) *v1alpha1.NameReference { return &v1alpha1.NameReference{Name: name} }

// isManaged waits until the operator says by which section a system is managed, and what is to become of that.
func isManaged(t *testing.T, system, section string, holds metav1.ConditionStatus, reason string, words ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s is managed by %q: %s", system, section, reason), func(context.Context) error {
		entry := get(t, &v1alpha1.ElectronicSystem{}, "", system)
		if entry.Status.ManagingSection != section {
			return fmt.Errorf("managed by %q", entry.Status.ManagingSection)
		}
		return statusSays(entry.Status.Conditions, v1alpha1.ConditionManaged, holds, reason, words...)
	})
}

// isReady waits until the operator says of a section what is wrong with it, and how many systems it manages.
func isReady(t *testing.T, section string, systems int32, reason string, words ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("section %s has %d systems: %s", section, systems, reason), func(context.Context) error {
		found := get(t, &v1alpha1.ManagingSection{}, "", section)
		if found.Status.ElectronicSystems != systems {
			return fmt.Errorf("%d systems", found.Status.ElectronicSystems)
		}
		holds := metav1.ConditionFalse
		if reason == v1alpha1.ReasonComplete {
			holds = metav1.ConditionTrue
		}
		return statusSays(found.Status.Conditions, v1alpha1.ConditionReady, holds, reason, words...)
	})
}

func statusSays(conditions []metav1.Condition, kind string, holds metav1.ConditionStatus, reason string, words ...string) error {
	if err := condition(conditions, kind, holds, reason); err != nil {
		return err
	}
	for _, c := range conditions {
		for _, word := range words {
			if c.Type == kind && !strings.Contains(c.Message, word) {
				return fmt.Errorf("%s does not say %q: %s", kind, word, c.Message)
			}
		}
	}
	return nil
}

// enter changes an entry of the register, as a head who answers for it.
func enter(t *testing.T, head, name string, with func(*v1alpha1.ElectronicSystemSpec)) {
	t.Helper()
	entry := get(t, &v1alpha1.ElectronicSystem{}, "", name)
	before := entry.DeepCopy()
	with(&entry.Spec)
	must(t, as(t, head).Patch(t.Context(), entry, client.MergeFrom(before)))
}

// flipClass tries, without effect, whether somebody answers for an entry of the register.
func flipClass(c client.Client, name string) error {
	return c.Patch(context.Background(), &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: name}},
		client.RawPatch(types.MergePatchType, []byte(`{"spec":{"classification":{"confidentiality":"1"}}}`)), client.DryRunAll)
}

// On its day a merger passes the systems to the successor, with what waits for a decision; what runs is not touched, and what
// was decided stands as it was written.
func TestMergedSection(t *testing.T) {
	s, successor := newSystem(t), newSystem(t)
	approval := s.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	s.havePods(t, 0, 2)
	decided := settledApplication(t, approval.Name)
	oldHead, newHead := as(t, s.sectionHead), as(t, successor.sectionHead)
	pending := s.application("pending", v1alpha1.ChangeMinor)
	enter(t, s.sectionHead, s.name, func(e *v1alpha1.ElectronicSystemSpec) {
		e.UsingSectionRefs = []v1alpha1.NameReference{{Name: "tax"}}
	})
	must(t, as(t, "user of "+s.name, "arakawa:section:tax:head").Create(t.Context(), pending))
	submitted := settledApplication(t, pending.Name)

	edit(t, &v1alpha1.ManagingSection{}, s.name, func(section *v1alpha1.ManagingSection) {
		section.Spec.AbolishedOn, section.Spec.SuccessorRef = day("2026-04-01"), sectionNamed(successor.name)
	})
	// The webhooks answer for the successor at once, whatever the controllers have written.
	refused(t, decide(oldHead, pending.Name, v1alpha1.DecisionApproved), s.sectionHead, "試験課長")
	must(t, flip(newHead, pending.Name, v1alpha1.DecisionApproved))
	refused(t, flipClass(oldHead, s.name), s.sectionHead)
	must(t, flipClass(newHead, s.name))
	refused(t, as(t, s.departmentHead).Create(t.Context(), s.application("old", v1alpha1.ChangeModification)), s.departmentHead)
	modification := s.application("new", v1alpha1.ChangeModification, "registry.example/tax/web:2.*")
	must(t, as(t, successor.departmentHead).Create(t.Context(), modification))

	isManaged(t, s.name, successor.name, metav1.ConditionTrue, v1alpha1.ReasonManaged)
	isReady(t, s.name, 0, v1alpha1.ReasonAbolished, "2026-04-01", "試験課")
	isReady(t, successor.name, 2, v1alpha1.ReasonComplete)
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	s.scale(t, 3)
	s.havePods(t, 0, 3)
	unchanged(t, decided)
	after := get(t, &v1alpha1.ChangeApproval{}, "", pending.Name)
	if *after.Spec.Submission != *submitted.Spec.Submission || after.Status.DecidedBy != successor.sectionHead ||
		after.Status.DecidedAs != v1alpha1.RoleManagingSectionHead {
		t.Errorf("stamps are %+v, %+v", after.Spec.Submission, after.Status)
	}
	// The register keeps what was written.
	if entry := get(t, &v1alpha1.ElectronicSystem{}, "", s.name); entry.Spec.ManagingSectionRef.Name != s.name {
		t.Errorf("the entry names %s now", entry.Spec.ManagingSectionRef.Name)
	}

	// The successor's department is merged in turn.
	last := newSystem(t)
	edit(t, &v1alpha1.Department{}, successor.name, func(d *v1alpha1.Department) {
		d.Spec.AbolishedOn, d.Spec.SuccessorRef = day("2026-04-01"), sectionNamed(last.name)
	})
	older := s.application("older", v1alpha1.ChangeModification)
	refused(t, as(t, successor.departmentHead).Create(t.Context(), older), successor.departmentHead)
	must(t, as(t, last.departmentHead).Create(t.Context(), s.application("newest", v1alpha1.ChangeModification, covered)))
	eventually(t, "the department's section went over", func(context.Context) error {
		if n := get(t, &v1alpha1.Department{}, "", last.name).Status.ManagingSections; n != 2 {
			return fmt.Errorf("%d sections", n)
		}
		old := get(t, &v1alpha1.Department{}, "", successor.name)
		return statusSays(old.Status.Conditions, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAbolished, "試験部")
	})
}

// What an abolition would leave without a section is shown before the day, on the system and on the section, with an event;
// a successor or a transfer settles it. Until the day nothing changes.
func TestOrphansAreShownBeforehand(t *testing.T) {
	s, successor, other := newSystem(t), newSystem(t), newSystem(t)
	s.introduce(t, covered)
	edit(t, &v1alpha1.ManagingSection{}, s.name, func(section *v1alpha1.ManagingSection) {
		section.Spec.AbolishedOn = day("2999-04-01")
	})
	isManaged(t, s.name, s.name, metav1.ConditionFalse, v1alpha1.ReasonAbolishedWithoutSuccessor, "2999-04-01",
		"kubectl edit managingsection "+s.name)
	isReady(t, s.name, 1, v1alpha1.ReasonAbolishedWithoutSuccessor, s.name, "2999-04-01")
	events := system{name: metav1.NamespaceDefault} // where those of objects without a namespace are
	if event := events.event(t, "ManagingSection", s.name, "Orphaned"); !strings.Contains(event.Note, "2999-04-01") {
		t.Errorf("the event says: %s", event.Note)
	}
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)

	edit(t, &v1alpha1.ManagingSection{}, s.name, func(section *v1alpha1.ManagingSection) {
		section.Spec.SuccessorRef = sectionNamed(successor.name)
	})
	isManaged(t, s.name, s.name, metav1.ConditionTrue, v1alpha1.ReasonMoves, "2999-04-01")
	isReady(t, s.name, 1, v1alpha1.ReasonComplete)
	isReady(t, successor.name, 1, v1alpha1.ReasonComplete)

	// The successor is to end too: the orphan is the successor's, a year later.
	edit(t, &v1alpha1.ManagingSection{}, successor.name, func(section *v1alpha1.ManagingSection) {
		section.Spec.AbolishedOn = day("3000-04-01")
	})
	isManaged(t, s.name, s.name, metav1.ConditionFalse, v1alpha1.ReasonAbolishedWithoutSuccessor, "3000-04-01")
	isReady(t, successor.name, 1, v1alpha1.ReasonAbolishedWithoutSuccessor, s.name, successor.name, "3000-04-01")
	must(t, env.admin.Delete(t.Context(), &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: successor.name}}))
	isReady(t, s.name, 1, v1alpha1.ReasonAbolishedWithoutSuccessor, s.name, "2999-04-01")

	enter(t, s.sectionHead, s.name, func(e *v1alpha1.ElectronicSystemSpec) {
		e.Transfer = &v1alpha1.Transfer{SectionRef: *sectionNamed(other.name), EffectiveOn: "2999-04-01"}
	})
	isManaged(t, s.name, s.name, metav1.ConditionTrue, v1alpha1.ReasonMoves, "2999-04-01")
	isReady(t, other.name, 1, v1alpha1.ReasonComplete)
	must(t, flipClass(as(t, s.sectionHead), s.name))
	refused(t, flipClass(as(t, other.sectionHead), s.name), other.sectionHead)
}

// A split: the section is followed by one, and a system that says so goes to another.
func TestSplitSection(t *testing.T) {
	stays, goes, first, second := newSystem(t), newSystem(t), newSystem(t), newSystem(t)
	enter(t, goes.sectionHead, goes.name, func(e *v1alpha1.ElectronicSystemSpec) {
		e.ManagingSectionRef = sectionNamed(stays.name)
		e.Transfer = &v1alpha1.Transfer{SectionRef: *sectionNamed(second.name), EffectiveOn: "2026-04-01"}
	})
	edit(t, &v1alpha1.ManagingSection{}, stays.name, func(section *v1alpha1.ManagingSection) {
		section.Spec.AbolishedOn, section.Spec.SuccessorRef = day("2026-04-01"), sectionNamed(first.name)
	})
	isManaged(t, stays.name, first.name, metav1.ConditionTrue, v1alpha1.ReasonManaged)
	isManaged(t, goes.name, second.name, metav1.ConditionTrue, v1alpha1.ReasonManaged)
	isReady(t, first.name, 2, v1alpha1.ReasonComplete)
	isReady(t, second.name, 2, v1alpha1.ReasonComplete)
	must(t, flipClass(as(t, first.sectionHead), stays.name))
	must(t, flipClass(as(t, second.sectionHead), goes.name))
	refused(t, flipClass(as(t, first.sectionHead), goes.name), first.sectionHead)
	refused(t, flipClass(as(t, second.sectionHead), stays.name), second.sectionHead)
}

// A rename takes effect on its day; until then, and for the days before, the unit has its old name.
func TestRenamedSection(t *testing.T) {
	s := newSystem(t)
	name := func(displayName string) {
		t.Helper()
		eventually(t, "the section is called "+displayName, func(context.Context) error {
			if got := get(t, &v1alpha1.ManagingSection{}, "", s.name).Status.DisplayName; got != displayName {
				return fmt.Errorf("it is called %s", got)
			}
			return nil
		})
	}
	rename := func(until v1alpha1.Date) {
		t.Helper()
		edit(t, &v1alpha1.ManagingSection{}, s.name, func(section *v1alpha1.ManagingSection) {
			section.Spec.DisplayName, section.Spec.Head.Title = "新試験課", "新試験課長"
			section.Spec.FormerNames = []v1alpha1.FormerName{{DisplayName: "旧試験課", Until: until}}
		})
	}
	rename("2999-04-01")
	name("旧試験課")
	refused(t, flipClass(as(t, "nobody"), s.name), "旧試験課長")
	rename("2026-04-01")
	name("新試験課")
	refused(t, flipClass(as(t, "nobody"), s.name), "新試験課長")
}
