package regulation

import "kitei.dev/kitei/api/v1alpha1"

// Applicants are the offices entitled to apply for a change of the system (articles 12-1 and 13). Offices that cannot be
// found are left out; the list is empty when nobody can apply.
func (o Organisation) Applicants(system *v1alpha1.ElectronicSystem, change v1alpha1.ChangeType) []Office {
	var offices []Office
	switch minor, digital := change == v1alpha1.ChangeMinor, o.ManagedByDigitalPromotion(system); {
	case minor && digital:
		offices = o.usingSectionHeads(system)
	case minor:
		offices = append(o.usingSectionHeads(system), o.managingSectionHead(system))
	case digital:
		offices = append([]Office{o.DigitalPromotionSectionHead()}, o.usingDepartmentHeads(system)...)
	default:
		offices = []Office{o.managingDepartmentHead(system)}
	}
	return known(offices)
}

// Deciders are the offices entitled to decide a change of the system: 情報統括責任者 (article 12), or for a minor change the
// head of the section that manages it (article 13). The list is empty when nobody can decide.
func (o Organisation) Deciders(system *v1alpha1.ElectronicSystem, change v1alpha1.ChangeType) []Office {
	switch {
	case change != v1alpha1.ChangeMinor:
		return known([]Office{o.ChiefInformationOfficer()})
	case o.ManagedByDigitalPromotion(system):
		return known([]Office{o.DigitalPromotionSectionHead()})
	default:
		return known([]Office{o.managingSectionHead(system)})
	}
}

// DataSectionHead is the office that consents to the use of a section's data (article 14-1): the head of the section, or of who
// follows it, to whom its data went with its other tasks; the list is empty when there is none.
func (o Organisation) DataSectionHead(section *v1alpha1.NameReference) []Office {
	return known([]Office{o.sectionHead(v1alpha1.RoleDataSectionHead, section)})
}

// DecidesAs says whether a decision on a change of this type can have been made in that role at all, whoever held it.
func DecidesAs(change v1alpha1.ChangeType, role v1alpha1.OfficeRole) bool {
	if change == v1alpha1.ChangeMinor {
		return role == v1alpha1.RoleDigitalPromotionSectionHead || role == v1alpha1.RoleManagingSectionHead
	}
	return role == v1alpha1.RoleChiefInformationOfficer
}

// Registrars are the offices that may say which namespaces a system has: the head of the section that manages it (article 4),
// and 情報管理責任者 and 情報統括責任者, who oversee every system (articles 3 and 3の2).
func (o Organisation) Registrars(system *v1alpha1.ElectronicSystem) []Office {
	return known([]Office{o.managingSectionHead(system), o.DigitalPromotionSectionHead(), o.ChiefInformationOfficer()})
}

func (o Organisation) managingSectionHead(system *v1alpha1.ElectronicSystem) Office {
	return o.sectionHead(v1alpha1.RoleManagingSectionHead, o.AssignedSection(system))
}

func (o Organisation) managingDepartmentHead(system *v1alpha1.ElectronicSystem) Office {
	section, state := o.ManagingSection(system)
	if state != SectionStanding {
		return Office{Role: v1alpha1.RoleDepartmentHead}
	}
	return o.departmentHead(v1alpha1.RoleDepartmentHead, section.Spec.DepartmentRef)
}

func (o Organisation) usingSectionHeads(system *v1alpha1.ElectronicSystem) []Office {
	offices := make([]Office, 0, len(system.Spec.UsingSectionRefs)+1)
	for i := range system.Spec.UsingSectionRefs {
		offices = append(offices, o.sectionHead(v1alpha1.RoleUsingSectionHead, &system.Spec.UsingSectionRefs[i]))
	}
	return offices
}

func (o Organisation) usingDepartmentHeads(system *v1alpha1.ElectronicSystem) []Office {
	offices := make([]Office, 0, len(system.Spec.UsingSectionRefs))
	for i := range system.Spec.UsingSectionRefs {
		section, state := o.Section(&system.Spec.UsingSectionRefs[i])
		if state == SectionStanding {
			offices = append(offices, o.departmentHead(v1alpha1.RoleUsingDepartmentHead, section.Spec.DepartmentRef))
		}
	}
	return offices
}

// known leaves out the offices of units that do not exist.
func known(offices []Office) []Office {
	kept := make([]Office, 0, len(offices))
	for _, office := range offices {
		if office.Unit != "" {
			kept = append(kept, office)
		}
	}
	return kept
}
