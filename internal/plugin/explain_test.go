package plugin

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kitei.dev/kitei/api/v1alpha1"
)

// brief is what a test looks at of an explanation.
type brief struct {
	Answer  Answer
	Reason  v1alpha1.ClearanceReason
	Article string
	Who     []v1alpha1.OfficeRole
	Next    string
}

func briefOf(e Explanation) brief {
	b := brief{Answer: e.Answer, Reason: e.Reason, Article: e.Article, Next: e.Next}
	for _, actor := range e.MustAct {
		b.Who = append(b.Who, actor.Role)
	}
	return b
}

func TestExplain(t *testing.T) {
	const (
		hold = v1alpha1.ModeHold
		cio  = v1alpha1.RoleChiefInformationOfficer
		head = v1alpha1.RoleDepartmentHead
	)
	introduction := func(images ...v1alpha1.ImagePattern) v1alpha1.ChangeApproval {
		return application("intro", v1alpha1.ChangeIntroduction, images...)
	}
	narrow := decided(introduction(web+":1"), v1alpha1.DecisionApproved)
	modification := application("mod", v1alpha1.ChangeModification, web+":2")
	draft := modification
	draft.Spec.Stage, draft.Spec.Submission = v1alpha1.StageDraft, nil
	behind := settled(registered(organisation(hold), introduction()))
	behind.register = registered(organisation(hold), decided(introduction(), v1alpha1.DecisionApproved))
	forbidden := settled(registered(organisation(hold), introduction()))
	forbidden.register, forbidden.unread = nil,
		apierrors.NewForbidden(schema.GroupResource{Resource: "regulations"}, "regulation", nil)
	cannotHold := organisation(hold)
	cannotHold.Regulation.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionEnforced, Status: "True",
		Reason: v1alpha1.ReasonHoldUnavailable}}
	exempt := settled(registered(organisation(hold)))
	exempt.labels = map[string]string{v1alpha1.LabelExempt: "true"}

	cases := map[string]struct {
		at    place
		asked question
		want  brief
		note  string // part of a note or of the message
	}{
		"not seen yet": {
			at:    place{name: "tax", exists: true, register: registered(organisation(hold), introduction())},
			asked: ofImages(web + ":1"),
			want:  brief{AnswerRefused, "", "4", nil, operatorPods},
			note:  "will be held",
		},
		"no Kitei in the cluster": {
			at: place{name: "tax", exists: true, unread: &meta.NoKindMatchError{}}, asked: ofImages(web + ":1"),
			want: brief{Answer: AnswerNotGoverned, Next: "kubectl api-resources --api-group=governance.kitei.dev"},
			note: "does not seem to be installed",
		},
		"exempt":      {at: exempt, want: brief{Answer: AnswerNotGoverned}, note: "exempt"},
		"kube-system": {at: place{name: "kube-system", exists: true}, want: brief{Answer: AnswerNotGoverned}, note: "control plane"},
		"nobody applied": {
			at:   settled(registered(organisation(hold))),
			want: brief{AnswerHeld, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{head}, "kubectl get changeapprovals"},
		},
		"waits for its decision": {
			at: settled(registered(organisation(hold), introduction())),
			want: brief{AnswerHeld, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{cio},
				"kubectl kitei approve intro -m REASON"},
		},
		"mode Deny": {
			at:   settled(registered(organisation(v1alpha1.ModeDeny))),
			want: brief{AnswerRefused, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{head}, "kubectl get changeapprovals"},
		},
		"mode Warn": {
			at:   settled(registered(organisation(v1alpha1.ModeWarn))),
			want: brief{AnswerAllowed, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{head}, "kubectl get changeapprovals"},
		},
		"a server that cannot hold": {
			at:   settled(registered(cannotHold)),
			want: brief{AnswerRefused, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{head}, "kubectl get changeapprovals"},
			note: "no MutatingAdmissionPolicy",
		},
		"revoked": {
			at: settled(registered(organisation(hold), decided(introduction(), v1alpha1.DecisionRevoked))),
			want: brief{AnswerHeld, v1alpha1.ReasonRevoked, "12", []v1alpha1.OfficeRole{head},
				"kubectl describe changeapproval intro"},
		},
		"approved for any image": {
			at:    settled(registered(organisation(hold), decided(introduction(), v1alpha1.DecisionApproved))),
			asked: ofImages("nginx"),
			want:  brief{Answer: AnswerAllowed, Reason: v1alpha1.ReasonApproved, Article: "12"},
		},
		"an image that is covered": {
			at: settled(registered(organisation(hold), narrow)), asked: ofImages(web + ":1"),
			want: brief{AnswerAllowed, v1alpha1.ReasonApproved, "12", nil,
				"kubectl get changeapprovals --field-selector spec.systemRef.name=tax"},
		},
		"an image that nobody applied for": {
			at: settled(registered(organisation(hold), narrow)), asked: ofImages(web + ":2"),
			want: brief{AnswerRefused, v1alpha1.ReasonImageNotCovered, "12", []v1alpha1.OfficeRole{head},
				"kubectl explain changeapproval.spec"},
			note: "must apply",
		},
		"an image whose application waits": {
			at: settled(registered(organisation(hold), narrow, modification)), asked: ofImages(web + ":2"),
			want: brief{AnswerRefused, v1alpha1.ReasonImageNotCovered, "12", []v1alpha1.OfficeRole{cio},
				"kubectl kitei approve mod -m REASON"},
			note: "Application mod would",
		},
		"an image whose application is a draft": {
			at: settled(registered(organisation(hold), narrow, draft)), asked: ofImages(web + ":2"),
			want: brief{AnswerRefused, v1alpha1.ReasonImageNotCovered, "12", []v1alpha1.OfficeRole{head},
				`kubectl patch changeapproval mod --type=merge -p '{"spec":{"stage":"Submitted"}}'`},
		},
		"an application that covers only one of two images": {
			at: settled(registered(organisation(hold), narrow, modification)), asked: ofImages(web+":2", web+":3"),
			want: brief{AnswerRefused, v1alpha1.ReasonImageNotCovered, "12", []v1alpha1.OfficeRole{head},
				"kubectl explain changeapproval.spec"},
		},
		"an image without a registry": {
			at: settled(registered(organisation(hold), narrow)), asked: ofImages("nginx:1.29"),
			want: brief{AnswerRefused, v1alpha1.ReasonImageNotCovered, "12", []v1alpha1.OfficeRole{head},
				"kubectl explain changeapproval.spec"},
			note: "leaves its registry out",
		},
		"the operator is behind": {
			at: behind, want: brief{AnswerHeld, v1alpha1.ReasonNotApproved, "12", nil, operatorPods},
			note: "By the register it is cleared (Approved)",
		},
		"the register may not be read": {
			at: forbidden, want: brief{AnswerHeld, v1alpha1.ReasonNotApproved, "12", nil, "kubectl kitei approve intro -m 理由"},
			note: "could not be read",
		},
		"a Pod that Kitei holds": {
			at:    settled(registered(organisation(hold), introduction())),
			asked: ofPod(corev1.PodPending, v1alpha1.SchedulingGate, "example.com/quota"),
			want: brief{AnswerHeld, v1alpha1.ReasonNotApproved, "12", []v1alpha1.OfficeRole{cio},
				"kubectl kitei approve intro -m REASON"},
			note: "too: example.com/quota",
		},
		"a Pod whose gate should be gone": {
			at: settled(registered(organisation(hold), narrow)), asked: ofPod(corev1.PodPending, v1alpha1.SchedulingGate),
			want: brief{AnswerHeld, v1alpha1.ReasonApproved, "12", nil, operatorPods},
			note: "still on it",
		},
		"a Pod that others hold": {
			at: settled(registered(organisation(hold), narrow)), asked: ofPod(corev1.PodPending, "example.com/quota"),
			want: brief{AnswerHeldByOthers, "", "", nil, "kubectl describe pod -n tax web-0"},
			note: "not Kitei's: example.com/quota",
		},
		"a Pod that nobody holds": {
			at: settled(registered(organisation(hold), narrow)), asked: ofPod(corev1.PodPending),
			want: brief{AnswerNotHeld, v1alpha1.ReasonApproved, "12", nil, "kubectl describe pod -n tax web-0"},
			note: "Its events say why",
		},
		"a Pod that runs though its approval ended": {
			at:    settled(registered(organisation(hold), decided(introduction(), v1alpha1.DecisionRevoked))),
			asked: ofPod(corev1.PodRunning),
			want: brief{AnswerNotHeld, v1alpha1.ReasonRevoked, "12", []v1alpha1.OfficeRole{head},
				"kubectl describe changeapproval intro"},
			note: "A new one would not run",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := explain(c.at, c.asked, english)
			if diff := cmp.Diff(c.want, briefOf(got)); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
			if said := got.Message + strings.Join(got.Notes, " "); !strings.Contains(said, c.note) {
				t.Errorf("%q is not said in: %s", c.note, said)
			}
			for _, p := range printers() {
				var out bytes.Buffer
				writeExplanation(&out, explain(c.at, c.asked, p), p)
				if text := out.String(); strings.Contains(text, "Plugin") || strings.Contains(text, "%!") {
					t.Errorf("a sentence is missing or broken:\n%s", text)
				}
			}
		})
	}
}

func TestWriteExplanation(t *testing.T) {
	narrow := decided(application("intro", v1alpha1.ChangeIntroduction, web+":1"), v1alpha1.DecisionApproved)
	at := settled(registered(organisation(v1alpha1.ModeHold), narrow, application("mod", v1alpha1.ChangeModification, web+":2")))
	var out bytes.Buffer
	writeExplanation(&out, explain(at, ofImages(web+":2"), japanese), japanese)
	want := `名前空間 tax の Deployment web: 拒否
  理由      承認されていないイメージ: registry.example/tax/web:2（規程第12条）。これを含む申請 mod が情報統括責任者（管理部長）の決定を待っています。
  条文      規程第12条
  担当      情報統括責任者（管理部長）: User cio
  次に      kubectl kitei approve mod -m 理由
  未承認    registry.example/tax/web:2
  申請      mod「件名」変更（Modification）: 情報統括責任者（管理部長）の決定待ち
  許可      images（Approved、モード Hold）
  システム  tax
  承認      intro
  イメージ  registry.example/tax/web:1
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}
