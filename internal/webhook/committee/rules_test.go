package committee

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/attest"
)

func organisation() regulation.Organisation {
	headed := func(names ...string) v1alpha1.OfficeHolder {
		var head v1alpha1.OfficeHolder
		for _, name := range names {
			head.Subjects = append(head.Subjects, v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: name})
		}
		return head
	}
	return regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"},
		}},
		Departments: map[string]*v1alpha1.Department{
			"management": {ObjectMeta: metav1.ObjectMeta{Name: "management"}, Spec: v1alpha1.DepartmentSpec{Head: headed("cio")}},
		},
		Sections: map[string]*v1alpha1.ManagingSection{
			"digital": {ObjectMeta: metav1.ObjectMeta{Name: "digital"}, Spec: v1alpha1.ManagingSectionSpec{Head: headed("digital-head"),
				Members: headed("digital-member").Subjects}},
			"tax": {ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ManagingSectionSpec{Head: headed("tax-head")}},
		},
		Now: time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC),
	}
}

// Who sits on a committee is for its chair and their deputy to say: not for the members of the secretariat, who write who
// attended, nor for an administrator.
func TestWhoComposes(t *testing.T) {
	committee := func(seats ...string) *v1alpha1.Committee {
		c := &v1alpha1.Committee{ObjectMeta: metav1.ObjectMeta{Name: "steering"},
			Spec: v1alpha1.CommitteeSpec{SecretariatRef: v1alpha1.NameReference{Name: "digital"}}}
		for _, seat := range seats {
			c.Spec.Members = append(c.Spec.Members, v1alpha1.CommitteeMember{Name: seat})
		}
		return c
	}
	taken := committee("a", "b")
	taken.Spec.SecretariatRef.Name = "tax"
	for who, entitled := range map[string]bool{"cio": true, "digital-head": true, "digital-member": false, "tax-head": false,
		"kubernetes-admin": false, v1alpha1.OperatorUsername: false, "": false} {
		for name, w := range map[string]write{
			"fewer members":      {Old: committee("a", "b"), Object: committee("a")},
			"more members":       {Old: committee("a"), Object: committee("a", "b")},
			"its secretariat":    {Old: committee("a", "b"), Object: taken},
			"no quorum any more": {Old: committee("a"), Object: func() *v1alpha1.Committee { c := committee("a"); c.Spec.Quorum = "None"; return c }()},
		} {
			w.Identity, w.Organisation = regulation.Identity{Username: who, Groups: []string{"system:masters"}}, organisation()
			_, refused := rules{}.Review(w)
			check(t, who+" "+name, refused, !entitled)
			check(t, who+" deletes it", rules{}.Delete(w), !entitled)
			w.Created = true
			_, refused = rules{}.Review(w)
			check(t, who+" makes one", refused, false)
			w.Created, w.Object = false, w.Old
			_, refused = rules{}.Review(w)
			check(t, who+" changes nothing", refused, false)
			w.Object, w.Organisation.Regulation = committee("z"), nil
			_, refused = rules{}.Review(w)
			check(t, who+" without a regulation", refused, false)
		}
	}
}

func check(t *testing.T, what string, refused *attest.Refusal, want bool) {
	t.Helper()
	switch {
	case (refused != nil) != want:
		t.Errorf("%s: refused is %t, want %t", what, refused != nil, want)
	case refused != nil && refused.ID != message.NotEntitledToCompose:
		t.Errorf("%s: refused as %s", what, refused.ID)
	}
}
