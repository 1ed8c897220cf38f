package datauseconsent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/attest"
)

var now = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// key seals what the tests stamp.
var key = func() ledger.Key {
	key, err := ledger.NewKey()
	if err != nil {
		panic(err)
	}
	return key
}()

const (
	operator           = v1alpha1.OperatorUsername
	resident, taxHead  = "resident-head", "tax-head"
	applicant, anybody = "applicant", "anybody"
)

func organisation() regulation.Organisation {
	o := regulation.Organisation{Regulation: &v1alpha1.Regulation{}, Sections: map[string]*v1alpha1.ManagingSection{}, Now: now}
	for name, heads := range map[string][]string{"resident": {resident, operator}, "tax": {taxHead}} {
		section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.ManagingSectionSpec{DisplayName: name, Head: v1alpha1.OfficeHolder{Title: "区民課長"}}}
		for _, head := range heads {
			section.Spec.Head.Subjects = append(section.Spec.Head.Subjects, v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: head})
		}
		section.Spec.Members = []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: name + "-member"}}
		o.Sections[name] = section
	}
	return o
}

func application() *v1alpha1.ChangeApproval {
	return &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "levy", UID: "u"}, Spec: v1alpha1.ChangeApprovalSpec{
		Stage: v1alpha1.StageSubmitted, DataUse: []v1alpha1.DataUse{use()}}}
}

func use() v1alpha1.DataUse {
	return v1alpha1.DataUse{Name: "addresses", SectionRef: v1alpha1.NameReference{Name: "resident"}, Data: "住所"}
}

func consent(decision v1alpha1.Decision) *v1alpha1.DataUseConsent {
	c := &v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: "levy-addresses", Generation: 1}, Spec: v1alpha1.DataUseConsentSpec{
		ApplicationRef: v1alpha1.NameReference{Name: "levy"}, ApplicationUID: "u", Use: use()}}
	if decision != "" {
		at := metav1.NewTime(now.Add(-time.Hour))
		c.Status = v1alpha1.DataUseConsentStatus{Decision: decision, DecisionReason: "目的に沿う", DecidedBy: "before",
			DecidedAs: v1alpha1.RoleDataSectionHead, DecidedAt: &at}
	}
	return c
}

func check(t *testing.T, what string, refused *attest.Refusal, want message.ID, words ...string) {
	t.Helper()
	if refused == nil {
		refused = &attest.Refusal{}
	}
	if refused.ID != want {
		t.Errorf("%s: refused as %q, want %q", what, refused.ID, want)
		return
	}
	text := message.In(v1alpha1.LanguageJapanese).Say(refused.ID, refused.Arguments...)
	if strings.Contains(text, "%!") {
		t.Errorf("%s: %s", what, text)
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%s: the refusal does not say %q: %s", what, word, text)
		}
	}
}

func TestConsentIsMadeByKitei(t *testing.T) {
	for name, test := range map[string]struct {
		who     string
		consent func(*v1alpha1.DataUseConsent)
		change  func(*v1alpha1.ChangeApproval)
		gone    bool
		want    message.ID
	}{
		"by Kitei":           {who: operator},
		"by the applicant":   {who: applicant, want: message.ConsentNotYours},
		"by the data's head": {who: resident, want: message.ConsentNotYours},
		"of other data": {who: operator, consent: func(c *v1alpha1.DataUseConsent) { c.Spec.Use.Data = "氏名" },
			want: message.ConsentOfNoUse},
		"of another section": {who: operator, consent: func(c *v1alpha1.DataUseConsent) { c.Spec.Use.SectionRef.Name = "tax" },
			want: message.ConsentOfNoUse},
		"of a draft": {who: operator, change: func(a *v1alpha1.ChangeApproval) { a.Spec.Stage = v1alpha1.StageDraft },
			want: message.ConsentOfNoUse},
		"of no application": {who: operator, gone: true, want: message.ConsentOfNoUse},
	} {
		r, w := rules{application: application()}, write{Created: true, Old: &v1alpha1.DataUseConsent{}, Object: consent(""),
			Identity: regulation.Identity{Username: test.who}, Organisation: organisation()}
		if test.consent != nil {
			test.consent(w.Object)
		}
		if test.change != nil {
			test.change(r.application)
		}
		if test.gone {
			r.application = nil
		}
		_, refused := r.Review(w)
		check(t, name, refused, test.want)
	}
}

// decision is a write by which somebody decides a consent.
func decision(who string, from, to v1alpha1.Decision) write {
	w := write{Old: consent(from), Object: consent(from), Status: true, Identity: regulation.Identity{Username: who},
		Organisation: organisation(), Key: key}
	w.Object.Status.Decision = to
	return w
}

func TestEveryMoveOfEverybody(t *testing.T) {
	decisions := []v1alpha1.Decision{"", v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned,
		v1alpha1.DecisionRevoked}
	legal := map[v1alpha1.Decision][]v1alpha1.Decision{"": {"Approved", "Denied"}, "Approved": {"Revoked"}}
	for _, from := range decisions {
		for _, to := range decisions {
			for _, who := range []string{resident, taxHead, "resident-member", applicant, anybody, operator, ""} {
				for state, r := range map[string]rules{
					"undecided": {application: application()}, "gone": {},
					"decided": {application: func() *v1alpha1.ChangeApproval {
						a := application()
						a.Status.Decision = v1alpha1.DecisionApproved
						return a
					}()},
				} {
					want := message.ID("")
					switch {
					case from == to:
					case who == operator:
						want = message.NotEntitledToConsent
					case !slices.Contains(legal[from], to) && from == "":
						want = message.ConsentNotYet
					case !slices.Contains(legal[from], to):
						want = message.ConsentMoveBad
					case who != resident:
						want = message.NotEntitledToConsent
					case from == "" && state == "gone":
						want = message.ConsentApplicationMissing
					case from == "" && state == "decided":
						want = message.ConsentTooLate
					}
					_, refused := r.Review(decision(who, from, to))
					check(t, strings.Join([]string{who, string(from), string(to), state}, " "), refused, want)
				}
			}
		}
	}
	_, refused := rules{application: application()}.Review(decision(anybody, "", "Approved"))
	check(t, "who may", refused, message.NotEntitledToConsent, "区民課長")
	day, w := v1alpha1.Date("2026-06-01"), decision(resident, "", "Approved")
	w.Organisation.Sections["resident"].Spec.AbolishedOn = &day
	_, refused = rules{application: application()}.Review(w)
	check(t, "the section was abolished", refused, message.NotEntitledToConsent)

	// Its data goes to the section that follows it, whose head decides from the day on, and also ends what was given before.
	successor := func(who string, from, to v1alpha1.Decision, on v1alpha1.Date) *attest.Refusal {
		w := decision(who, from, to)
		w.Organisation.Sections["resident"].Spec.AbolishedOn = &on
		w.Organisation.Sections["resident"].Spec.SuccessorRef = &v1alpha1.NameReference{Name: "tax"}
		w.Organisation.Sections["tax"].Spec.Head.Title = "税務課長"
		_, refused := rules{application: application()}.Review(w)
		return refused
	}
	check(t, "the eve", successor(resident, "", "Approved", "2026-06-02"), "")
	check(t, "the successor on the eve", successor(taxHead, "", "Approved", "2026-06-02"), message.NotEntitledToConsent, "区民課長")
	check(t, "the day", successor(taxHead, "", "Approved", "2026-06-01"), "")
	check(t, "the former head on the day", successor(resident, "", "Approved", "2026-06-01"), message.NotEntitledToConsent, "税務課長")
	check(t, "the successor revokes", successor(taxHead, "Approved", "Revoked", "2026-06-01"), "")
	check(t, "the former head revokes", successor(resident, "Approved", "Revoked", "2026-06-01"), message.NotEntitledToConsent, "税務課長")
}

func TestDecisionIsStamped(t *testing.T) {
	at := metav1.NewTime(now)
	for name, test := range map[string]struct {
		from, to         v1alpha1.Decision
		reason, recorded string
	}{
		"a consent":                      {"", v1alpha1.DecisionApproved, "よい", "よい"},
		"a refusal":                      {"", v1alpha1.DecisionDenied, "", ""},
		"a revocation":                   {v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked, "漏えい", "漏えい"},
		"a revocation, of which no more": {v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked, "目的に沿う", ""},
	} {
		r, w := rules{application: application()}, decision(resident, test.from, test.to)
		w.Object.Status.DecisionReason = test.reason
		before := w.Object.DeepCopy()
		stamped, refused := r.Review(w)
		check(t, name, refused, "")
		want := v1alpha1.DataUseConsentStatus{Decision: test.to, DecisionReason: test.recorded, DecidedBy: resident,
			DecidedAs: v1alpha1.RoleDataSectionHead, DecidedAt: &at, Seal: stamped.Status.Seal}
		if test.from != "" { // the consent that ends is kept
			status := consent(test.from).Status
			want.PastDecisions = []v1alpha1.PastDecision{{Decision: test.from, Reason: status.DecisionReason, By: status.DecidedBy,
				As: status.DecidedAs, At: *status.DecidedAt, Generation: 1}}
		}
		if key.Consent(stamped) != stamped {
			t.Errorf("%s bears no seal", name)
		}
		if diff := cmp.Diff(want, stamped.Status); diff != "" {
			t.Errorf("%s is stamped (-want +got):\n%s", name, diff)
		}
		w.Object = stamped
		if claimed := r.StampedAt(w); claimed == nil || !claimed.Time.Equal(now) {
			t.Errorf("%s: stamped at %v", name, claimed)
		}
		before.Status.DecisionReason = test.recorded
		if diff := cmp.Diff(before, r.Unstamped(w)); diff != "" {
			t.Errorf("%s, unstamped (-want +got):\n%s", name, diff)
		}
	}
}

func TestStampsAreNobodysToWrite(t *testing.T) {
	at := metav1.NewTime(now)
	for field, forge := range map[string]func(*v1alpha1.DataUseConsentStatus){
		"decidedBy": func(s *v1alpha1.DataUseConsentStatus) { s.DecidedBy = "forger" },
		"decidedAs": func(s *v1alpha1.DataUseConsentStatus) { s.DecidedAs = v1alpha1.RoleDepartmentHead },
		"decidedAt": func(s *v1alpha1.DataUseConsentStatus) { s.DecidedAt = &at },
		"seal":      func(s *v1alpha1.DataUseConsentStatus) { s.Seal = "forged" },
		"pastDecisions": func(s *v1alpha1.DataUseConsentStatus) {
			s.PastDecisions = []v1alpha1.PastDecision{{Decision: v1alpha1.DecisionApproved, By: resident, At: at}}
		},
		"decisionReason": func(s *v1alpha1.DataUseConsentStatus) { s.DecisionReason = "後から" },
		"conditions": func(s *v1alpha1.DataUseConsentStatus) {
			s.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionDecided, Status: metav1.ConditionTrue}}
		},
	} {
		for _, state := range []v1alpha1.Decision{"", v1alpha1.DecisionApproved, v1alpha1.DecisionDenied} {
			for _, who := range []string{resident, applicant, operator} {
				want := message.ConsentStampForged
				switch {
				case who == operator && field == "conditions":
					want = ""
				case who == operator:
					want = message.NotEntitledToConsent
				case field == "conditions":
					want = message.ConsentConditions
				case field == "decisionReason":
					want = message.ConsentReasonAlone
				}
				w := decision(who, state, state)
				forge(&w.Object.Status)
				_, refused := rules{application: application()}.Review(w)
				check(t, field+" "+string(state)+" "+who, refused, want)
			}
		}
		w := decision(resident, "", v1alpha1.DecisionApproved) // beside an honest decision
		forge(&w.Object.Status)
		if _, refused := (rules{application: application()}).Review(w); refused == nil && field != "decisionReason" {
			t.Errorf("%s is forged beside a decision", field)
		}
	}
}

func TestDecisionStays(t *testing.T) {
	for state, want := range map[v1alpha1.Decision]message.ID{"": "", v1alpha1.DecisionApproved: message.ConsentStays,
		v1alpha1.DecisionDenied: message.ConsentStays, v1alpha1.DecisionRevoked: message.ConsentStays} {
		for _, who := range []string{resident, applicant, operator} {
			check(t, string(state)+" "+who, rules{}.Delete(write{Object: consent(state), Organisation: organisation(),
				Identity: regulation.Identity{Username: who}}), want)
		}
	}
}
