package plugin

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

var (
	english  = message.In(v1alpha1.LanguageEnglish)
	japanese = message.In(v1alpha1.LanguageJapanese)
	today    = time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC)
)

const web = "registry.example/tax/web"

// ref names an object.
func ref(name string) *v1alpha1.NameReference { return &v1alpha1.NameReference{Name: name} }

// holder is an office that a user holds.
func holder(title, user string) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Title: title, Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: user}}}
}

// organisation has a chief information officer (cio) and a tax section in a department under a head (bucho).
func organisation(mode v1alpha1.EnforcementMode) regulation.Organisation {
	return regulation.Organisation{
		Now: today,
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			Language: v1alpha1.LanguageJapanese, TimeZone: "Asia/Tokyo", ManagementDepartmentRef: *ref("management"),
			DigitalPromotionSectionRef: *ref("digital"), Enforcement: v1alpha1.Enforcement{Mode: mode},
		}},
		Departments: map[string]*v1alpha1.Department{
			"management": {ObjectMeta: metav1.ObjectMeta{Name: "management"}, Spec: v1alpha1.DepartmentSpec{Head: holder("管理部長", "cio")}},
			"residents":  {ObjectMeta: metav1.ObjectMeta{Name: "residents"}, Spec: v1alpha1.DepartmentSpec{Head: holder("区民部長", "bucho")}},
		},
		Sections: map[string]*v1alpha1.ManagingSection{
			"tax": {ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ManagingSectionSpec{
				DisplayName: "税務課", DepartmentRef: ref("residents"), Head: holder("税務課長", "kacho")}},
		},
	}
}

func taxSystem() v1alpha1.ElectronicSystem {
	return v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ElectronicSystemSpec{
		DisplayName: "税務システム", ManagingSectionRef: ref("tax"), Namespaces: []string{"tax"}}}
}

// application is submitted by bucho.
func application(name string, change v1alpha1.ChangeType, images ...v1alpha1.ImagePattern) v1alpha1.ChangeApproval {
	return v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: "1", Generation: 1, ResourceVersion: "7"},
		Spec: v1alpha1.ChangeApprovalSpec{SystemRef: *ref("tax"), Type: change, Title: "件名", Stage: v1alpha1.StageSubmitted,
			Scope:      v1alpha1.ApprovalScope{Images: images},
			Submission: &v1alpha1.Submission{By: "bucho", As: v1alpha1.RoleDepartmentHead, At: metav1.NewTime(today)}},
	}
}

// decided is the application after a decision of the chief information officer.
func decided(a v1alpha1.ChangeApproval, decision v1alpha1.Decision) v1alpha1.ChangeApproval {
	at := metav1.NewTime(today)
	a.Status.Decision, a.Status.DecidedBy, a.Status.DecidedAs = decision, "cio", v1alpha1.RoleChiefInformationOfficer
	a.Status.DecidedAt, a.Status.DecidedGeneration = &at, a.Generation
	return a
}

// registered is what the register says of namespace tax.
func registered(organisation regulation.Organisation, applications ...v1alpha1.ChangeApproval) *view {
	var cases []procedure.Case
	for i := range applications {
		cases = append(cases, procedure.Case{Application: &applications[i]})
	}
	return newView(clearance.Input{Organisation: organisation, Namespace: "tax", Labels: map[string]string{},
		Claims: []v1alpha1.ElectronicSystem{taxSystem()}, Cases: cases})
}

// settled is namespace tax with the register's word recorded on it.
func settled(v *view) place {
	labels, annotations := v.verdict.Marks(v.input.Organisation)
	return place{name: "tax", exists: true, labels: labels, recorded: standingOf(labels, annotations), register: v}
}

// ofImages asks about a Deployment with these images.
func ofImages(images ...string) question {
	return question{object: &ObjectName{Kind: "Deployment", Name: "web"}, spec: &corev1.PodSpec{}, images: images}
}

// ofPod asks about a Pod with these gates.
func ofPod(phase corev1.PodPhase, gates ...string) question {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web-0", Namespace: "tax"}, Status: corev1.PodStatus{Phase: phase}}
	pod.Spec.Containers = []corev1.Container{{Image: web + ":1"}}
	for _, gate := range gates {
		pod.Spec.SchedulingGates = append(pod.Spec.SchedulingGates, corev1.PodSchedulingGate{Name: gate})
	}
	return question{object: &ObjectName{Kind: "Pod", Name: "web-0"}, spec: &pod.Spec, images: []string{web + ":1"}, pod: pod}
}
