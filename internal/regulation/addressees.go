package regulation

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

// Submitters are the offices that a decision on an application is told to (articles 12-5 and 13-2): those entitled to apply
// for such a change in the role in which it was submitted. The record names the role, not the unit; where several units have
// it, as using sections do, those that name the applicant among their holders are meant, and all of them where none does.
func (o Organisation) Submitters(system *v1alpha1.ElectronicSystem, change v1alpha1.ChangeType,
	submission *v1alpha1.Submission,
) []Office {
	if system == nil || submission == nil {
		return nil
	}
	offices := slices.DeleteFunc(o.Applicants(system, change), func(office Office) bool { return office.Role != submission.As })
	applicant := Identity{Username: submission.By}
	named := slices.DeleteFunc(slices.Clone(offices), func(office Office) bool { return !applicant.Holds(office) })
	if len(named) > 0 {
		return named
	}
	return offices
}

// Addresses of offices, each once.
func Addresses(offices []Office) []v1alpha1.MailAddress {
	var addresses []v1alpha1.MailAddress
	for _, office := range offices {
		for _, address := range office.Emails {
			if !slices.Contains(addresses, address) {
				addresses = append(addresses, address)
			}
		}
	}
	return addresses
}
