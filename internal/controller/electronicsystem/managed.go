package electronicsystem

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// managed is the condition Managed: who manages the system, and what a reorganisation is to make of that.
func managed(outlook regulation.Outlook, system *v1alpha1.ElectronicSystem, o regulation.Organisation, p message.Printer,
) metav1.Condition {
	condition := func(holds bool, reason, sentence string) metav1.Condition {
		return status.Condition(v1alpha1.ConditionManaged, holds, reason, sentence)
	}
	day := func(at time.Time) string { return at.In(o.Location()).Format(time.DateOnly) }
	section := outlook.Section
	switch outlook.State {
	case regulation.SectionUnnamed:
		return condition(false, string(v1alpha1.ReasonNoManagingSection), p.Say(message.SystemSectionUnnamed))
	case regulation.SectionNotFound:
		return condition(false, string(v1alpha1.ReasonNoManagingSection),
			p.Say(message.SystemSectionNotFound, o.AssignedSection(system).Name))
	case regulation.SectionNotEstablished:
		return condition(false, v1alpha1.ReasonNotEstablished,
			p.Say(message.SystemSectionNotYet, o.SectionName(section), string(*section.Spec.EstablishedOn)))
	case regulation.SectionAbolished:
		return condition(false, v1alpha1.ReasonAbolishedWithoutSuccessor,
			p.Say(message.SystemSectionIsOrphaned, o.SectionName(section), section.Name, string(*section.Spec.AbolishedOn)))
	case regulation.SectionStanding:
	}
	switch {
	case outlook.Lapse == regulation.SectionAbolished:
		return condition(false, v1alpha1.ReasonAbolishedWithoutSuccessor,
			p.Say(message.SystemOrphanedFrom, o.SectionName(outlook.Last), outlook.Last.Name, day(outlook.LapsesOn)))
	case outlook.Lapse != regulation.SectionStanding:
		return condition(false, string(v1alpha1.ReasonNoManagingSection),
			p.Say(message.SystemLapses, o.SectionName(outlook.Last), day(outlook.LapsesOn)))
	case outlook.Successor != nil:
		return condition(true, v1alpha1.ReasonMoves,
			p.Say(message.SystemMoves, o.SectionName(section), o.SectionName(outlook.Successor), day(outlook.MovesOn)))
	}
	return condition(true, v1alpha1.ReasonManaged, p.Say(message.SystemManaged, o.SectionName(section)))
}
