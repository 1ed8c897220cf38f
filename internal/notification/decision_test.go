package notification

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

func application(change v1alpha1.ChangeType) *v1alpha1.ChangeApproval {
	until := metav1.NewTime(time.Date(2032, 3, 31, 15, 0, 0, 0, time.UTC))
	return &v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: "r8-tax", UID: "8e5b", Generation: 2},
		Spec: v1alpha1.ChangeApprovalSpec{
			SystemRef: v1alpha1.NameReference{Name: "tax"}, Type: change, Title: "税務システムの導入\nについて", Stage: v1alpha1.StageSubmitted,
			Submission: &v1alpha1.Submission{By: "taro", As: v1alpha1.RoleDepartmentHead},
			Scope:      v1alpha1.ApprovalScope{NotAfter: &until},
		},
	}
}

func entry() *v1alpha1.ElectronicSystem {
	return &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: "tax"},
		Spec: v1alpha1.ElectronicSystemSpec{DisplayName: "税務システム", ManagingSectionRef: &v1alpha1.NameReference{Name: "tax"}}}
}

func record(decision v1alpha1.Decision) v1alpha1.PastDecision {
	return v1alpha1.PastDecision{Decision: decision, Reason: "運営委員会\n可決", By: "hanako", As: v1alpha1.RoleChiefInformationOfficer,
		At: metav1.NewTime(time.Date(2026, 11, 22, 19, 3, 0, 0, time.UTC)), Generation: 2}
}

func organisation(language v1alpha1.Language) regulation.Organisation {
	return regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{Language: language, TimeZone: "Asia/Tokyo",
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"}}},
		Departments: map[string]*v1alpha1.Department{"management": {ObjectMeta: metav1.ObjectMeta{Name: "management"},
			Spec: v1alpha1.DepartmentSpec{DisplayName: "管理部"}}},
		Sections: map[string]*v1alpha1.ManagingSection{"tax": {ObjectMeta: metav1.ObjectMeta{Name: "tax"},
			Spec: v1alpha1.ManagingSectionSpec{DisplayName: "税務課"}}},
	}
}

func TestOfDecision(t *testing.T) {
	notice := OfDecision(application(v1alpha1.ChangeIntroduction), entry(), record(v1alpha1.DecisionApproved), organisation("ja"))
	if want := "【承認】税務システムの導入 について（r8-tax）"; notice.Title != want {
		t.Errorf("the title is %q, want %q", notice.Title, want)
	}
	if notice.ID != "8e5b.2.approved" || notice.Type != "dev.kitei.changeapproval.approved.v1" {
		t.Errorf("the notice is %s, %s", notice.ID, notice.Type)
	}
	want := []string{
		"電子情報システムの導入等の申請について、規程第12条第5項により、その結果を次のとおり通知します。",
		"",
		"結果: 承認",
		"申請: r8-tax",
		"件名: 税務システムの導入 について",
		"種別: 導入（Introduction）",
		"電子情報システム: 「税務システム」（tax）",
		"決定した職: 情報統括責任者（管理部長）",
		"決定日時: 2026-11-23 04:03 JST",
		"理由: 運営委員会 可決",
		"効力の終わり: 2032-04-01 00:00 JST",
		"",
		"承認された範囲で動かせます。この承認を待っていた Pod は自動で動き始めます。次に: kubectl describe changeapproval r8-tax",
		"",
		"このメールは Kitei が送りました。同じ Message-ID のメールが再び届いたときは、同じ通知です。",
	}
	if diff := cmp.Diff(want, notice.Lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Each decision on each type is told in both languages, for the article that asks for it, without a person's name.
func TestEveryDecisionIsTold(t *testing.T) {
	ids := map[string]bool{}
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned,
		v1alpha1.DecisionRevoked} {
		for change, article := range map[v1alpha1.ChangeType]string{v1alpha1.ChangeIntroduction: "12-5",
			v1alpha1.ChangeComputerization: "12-5", v1alpha1.ChangeModification: "12-5", v1alpha1.ChangeMinor: "13-2"} {
			made := record(decision)
			if made.Reason = ""; change == v1alpha1.ChangeMinor {
				made.As = v1alpha1.RoleManagingSectionHead
			}
			for _, system := range []*v1alpha1.ElectronicSystem{entry(), nil} {
				notice := OfDecision(application(change), system, made, organisation("en"))
				text := strings.Join(append(notice.Lines, notice.Title), "\n")
				for _, word := range []string{"article " + article, string(decision), "r8-tax", "2026-11-23 04:03 JST",
					"none given", "tax"} {
					if !strings.Contains(text, word) {
						t.Errorf("%s of a %s does not say %q:\n%s", decision, change, word, text)
					}
				}
				for _, word := range []string{"%!", "hanako", "taro", "Notice"} {
					if strings.Contains(text, word) {
						t.Errorf("%s of a %s says %q:\n%s", decision, change, word, text)
					}
				}
				ids[notice.ID] = true
			}
		}
	}
	if len(ids) != 4 {
		t.Errorf("four decisions on one application have the IDs %v", ids)
	}
}
