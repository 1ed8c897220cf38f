package procedure

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// Committee is the name of the committee that decides on a change of this type; empty where none does: a minor change
// (article 13), or a regulation that names no steering committee.
func Committee(organisation regulation.Organisation, change v1alpha1.ChangeType) string {
	if change == v1alpha1.ChangeMinor || organisation.Regulation == nil || organisation.Regulation.Spec.SteeringCommitteeRef == nil {
		return ""
	}
	return organisation.Regulation.Spec.SteeringCommitteeRef.Name
}

// Incomplete lists the fields of a spec that submission asks for and that are empty: the criteria (article 12-1), the fiscal
// year (article 12-2), and what the committee is to be given (article 12-4).
func Incomplete(organisation regulation.Organisation, spec *v1alpha1.ChangeApprovalSpec) []string {
	if spec.Type == v1alpha1.ChangeMinor {
		return nil
	}
	var missing []string
	for _, field := range []struct {
		name  string
		empty bool
	}{
		{"spec.criteria", spec.Criteria == nil},
		{"spec.fiscalYear", spec.FiscalYear == 0},
	} {
		if field.empty {
			missing = append(missing, field.name)
		}
	}
	if Committee(organisation, spec.Type) == "" {
		return missing
	}
	for _, field := range []struct{ name, value string }{
		{"spec.necessity", spec.Necessity},
		{"spec.cost", spec.Cost},
		{"spec.effect", spec.Effect},
		{"spec.alternatives", spec.Alternatives},
	} {
		if field.value == "" {
			missing = append(missing, field.name)
		}
	}
	return missing
}

// Late says whether it is too late to apply for the fiscal year without urgency (article 12-2).
func Late(organisation regulation.Organisation, year int32) bool {
	return !organisation.Now.Before(organisation.Deadline(int(year)))
}

// OwnData lists the uses of data that the section which manages the system manages itself, today and after any succession: that
// needs no consent (article 14-1).
func OwnData(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, uses []v1alpha1.DataUse) []string {
	manages, state := organisation.ManagingSection(system)
	if state != regulation.SectionStanding {
		return nil
	}
	var own []string
	for _, use := range uses {
		if section, state := organisation.Section(&use.SectionRef); state == regulation.SectionStanding && section.Name == manages.Name {
			own = append(own, use.Name)
		}
	}
	slices.Sort(own)
	return own
}
