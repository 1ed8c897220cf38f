package main

import rbacv1 "k8s.io/api/rbac/v1"

// The ClusterRoles that the installation of the operator brings.
const (
	approverRole    = "kitei-approver"
	applicantRole   = "kitei-applicant"
	auditorRole     = "kitei-auditor"
	secretariatRole = "kitei-secretariat"
)

// bindingObjects bind the groups to what their office may do. Who may apply for or decide what, the operator's own
// admission sees to: RBAC only opens the door.
func bindingObjects(reg *register) []any {
	var heads, members []string
	for _, d := range reg.departments {
		heads = append(heads, departmentHeadGroup(d.slug))
	}
	for _, slug := range sectionSlugs(reg) {
		heads = append(heads, sectionHeadGroup(slug))
		members = append(members, sectionMembersGroup(slug))
	}
	return []any{
		bindingObject("arakawa-approvers", approverRole, heads),
		bindingObject("arakawa-applicants", applicantRole, append(heads[:len(heads):len(heads)], members...)),
		bindingObject("arakawa-auditors", auditorRole, []string{auditorsGroup}),
		bindingObject("arakawa-secretariat", secretariatRole,
			[]string{sectionHeadGroup(digitalPromotionSection), sectionMembersGroup(digitalPromotionSection)}),
	}
}

// sectionSlugs names every section: those of 別表第1, then those of the committee offices that own no system.
func sectionSlugs(reg *register) []string {
	var slugs []string
	for _, s := range reg.sections {
		slugs = append(slugs, s.slug)
	}
	for _, o := range reg.offices {
		if _, owns := reg.section(o.section); !owns {
			slugs = append(slugs, o.section)
		}
	}
	return slugs
}

func bindingObject(name, role string, groups []string) any {
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: objectMeta(name, nil),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
	}
	binding.SetGroupVersionKind(rbacv1.SchemeGroupVersion.WithKind("ClusterRoleBinding"))
	for _, group := range groups {
		binding.Subjects = append(binding.Subjects,
			rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group})
	}
	return binding
}
