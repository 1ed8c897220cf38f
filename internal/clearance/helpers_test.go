package clearance

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// noon is the moment of the tests; day(n) is n days from it.
var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func day(n int) *metav1.Time {
	at := metav1.NewTime(noon.AddDate(0, 0, n))
	return &at
}

// ward is an organisation in which section tax of department finance stands.
func ward(change ...func(*regulation.Organisation)) regulation.Organisation {
	o := regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			Language: v1alpha1.LanguageJapanese, TimeZone: "Asia/Tokyo",
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"},
			Enforcement:                v1alpha1.Enforcement{Mode: v1alpha1.ModeHold},
		}},
		Departments: map[string]*v1alpha1.Department{
			"management": {ObjectMeta: metav1.ObjectMeta{Name: "management"}, Spec: v1alpha1.DepartmentSpec{DisplayName: "管理部", Head: headed("cio")}},
			"finance":    {ObjectMeta: metav1.ObjectMeta{Name: "finance"}, Spec: v1alpha1.DepartmentSpec{DisplayName: "財務部", Head: headed("finance-head")}},
		},
		Sections: map[string]*v1alpha1.ManagingSection{
			"tax": {ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ManagingSectionSpec{DisplayName: "税務課",
				Head: headed("tax-head"), DepartmentRef: &v1alpha1.NameReference{Name: "finance"}}},
		},
		Now: noon,
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func headed(user string) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: user}}}
}

// levy is the system of section tax.
func levy() *v1alpha1.ElectronicSystem {
	return &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: "levy"}, Spec: v1alpha1.ElectronicSystemSpec{
		DisplayName: "賦課システム", ManagingSectionRef: &v1alpha1.NameReference{Name: "tax"}, Namespaces: []string{"levy"}}}
}

type option func(*v1alpha1.ChangeApproval)

// application for the system levy, an introduction, submitted and not decided.
func application(name string, options ...option) v1alpha1.ChangeApproval {
	a := v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 2, CreationTimestamp: *day(-20)},
		Spec: v1alpha1.ChangeApprovalSpec{SystemRef: v1alpha1.NameReference{Name: "levy"}, Type: v1alpha1.ChangeIntroduction,
			Stage:      v1alpha1.StageSubmitted,
			Submission: &v1alpha1.Submission{By: "finance-head", As: v1alpha1.RoleDepartmentHead, At: *day(-15)}},
	}
	for _, change := range options {
		change(&a)
	}
	return a
}

// cases are applications without papers.
func cases(applications ...v1alpha1.ChangeApproval) []procedure.Case {
	var list []procedure.Case
	for i := range applications {
		list = append(list, procedure.Case{Application: &applications[i]})
	}
	return list
}

// decided stamps a decision, n days from noon.
func decided(decision v1alpha1.Decision, n int) option {
	return func(a *v1alpha1.ChangeApproval) {
		a.Status.Decision, a.Status.DecidedBy, a.Status.DecidedAt = decision, "cio", day(n)
		a.Status.DecidedAs, a.Status.DecidedGeneration = v1alpha1.RoleChiefInformationOfficer, a.Generation
		if a.Spec.Type == v1alpha1.ChangeMinor {
			a.Status.DecidedBy, a.Status.DecidedAs = "tax-head", v1alpha1.RoleManagingSectionHead
		}
	}
}

func approved(a *v1alpha1.ChangeApproval) { decided(v1alpha1.DecisionApproved, -10)(a) }

func draft(a *v1alpha1.ChangeApproval) { a.Spec.Stage, a.Spec.Submission = v1alpha1.StageDraft, nil }

func ofType(change v1alpha1.ChangeType) option {
	return func(a *v1alpha1.ChangeApproval) { a.Spec.Type = change }
}

func images(patterns ...v1alpha1.ImagePattern) option {
	return func(a *v1alpha1.ChangeApproval) { a.Spec.Scope.Images = patterns }
}

// from and to bound the scope, in days from noon.
func from(n int) option {
	return func(a *v1alpha1.ChangeApproval) { a.Spec.Scope.NotBefore = day(n) }
}

func to(n int) option { return func(a *v1alpha1.ChangeApproval) { a.Spec.Scope.NotAfter = day(n) } }

// tooMany patterns, together too long for the API server.
func tooMany(a *v1alpha1.ChangeApproval) {
	for i := range 64 {
		component := strings.Repeat("component-", 46) + string(rune('a'+i%26)) + string(rune('a'+i/26))
		a.Spec.Scope.Images = append(a.Spec.Scope.Images, v1alpha1.ImagePattern("registry.example/"+component))
	}
}
