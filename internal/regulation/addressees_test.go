package regulation

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kitei.dev/kitei/api/v1alpha1"
)

// The office that applied is told: the role is on record, and among several units of a role the applicant's name decides.
func TestSubmitters(t *testing.T) {
	o := ward()
	for name, section := range o.Sections {
		section.Spec.Head.Emails = []v1alpha1.MailAddress{v1alpha1.MailAddress(name + "@ward.example"), "all@ward.example"}
	}
	o.Departments["finance"].Spec.Head.Emails = []v1alpha1.MailAddress{"finance@ward.example"}
	payroll, levy := managedBy("digital", "tax", "care"), managedBy("tax", "care")
	const minor, change = v1alpha1.ChangeMinor, v1alpha1.ChangeModification
	for name, test := range map[string]struct {
		system *v1alpha1.ElectronicSystem
		change v1alpha1.ChangeType
		by     string
		as     v1alpha1.OfficeRole
		want   []v1alpha1.MailAddress
	}{
		"the managing department":           {levy, change, "finance-head", "DepartmentHead", []v1alpha1.MailAddress{"finance@ward.example"}},
		"it has another head today":         {levy, change, "somebody", "DepartmentHead", []v1alpha1.MailAddress{"finance@ward.example"}},
		"digital promotion":                 {payroll, change, "digital-head", "DigitalPromotionSectionHead", []v1alpha1.MailAddress{"digital@ward.example", "all@ward.example"}},
		"a using department, no address":    {payroll, change, "welfare-head", "UsingDepartmentHead", nil},
		"a using section":                   {payroll, minor, "care-head", "UsingSectionHead", []v1alpha1.MailAddress{"care@ward.example", "all@ward.example"}},
		"a using section, by a group":       {payroll, minor, "somebody", "UsingSectionHead", []v1alpha1.MailAddress{"tax@ward.example", "all@ward.example", "care@ward.example"}},
		"the managing section":              {levy, minor, "tax-head", "ManagingSectionHead", []v1alpha1.MailAddress{"tax@ward.example", "all@ward.example"}},
		"a role that does not apply for it": {levy, change, "tax-head", "ManagingSectionHead", nil},
		"a system that left the register":   {nil, change, "finance-head", "DepartmentHead", nil},
		"a system without a section":        {managedBy(""), change, "finance-head", "DepartmentHead", nil},
	} {
		got := Addresses(o.Submitters(test.system, test.change, &v1alpha1.Submission{By: test.by, As: test.as}))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := o.Submitters(levy, change, nil); got != nil {
		t.Errorf("a draft was submitted by %v", got)
	}
}
