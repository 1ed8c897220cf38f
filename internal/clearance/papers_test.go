package clearance

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// addresses and incomes are data of the section that keeps the residents' records.
var (
	addresses = v1alpha1.DataUse{Name: "addresses", SectionRef: v1alpha1.NameReference{Name: "records"}, Data: "住所"}
	incomes   = v1alpha1.DataUse{Name: "incomes", SectionRef: v1alpha1.NameReference{Name: "records"}, Data: "所得"}
)

func using(uses ...v1alpha1.DataUse) option {
	return func(a *v1alpha1.ChangeApproval) { a.Spec.DataUse = uses }
}

// consentTo the use of data, decided before the application was.
func consentTo(use v1alpha1.DataUse, decision v1alpha1.Decision, change ...func(*v1alpha1.DataUseConsent)) v1alpha1.DataUseConsent {
	c := v1alpha1.DataUseConsent{Spec: v1alpha1.DataUseConsentSpec{Use: use}, Status: v1alpha1.DataUseConsentStatus{Decision: decision,
		DecidedBy: "records-head", DecidedAs: v1alpha1.RoleDataSectionHead, DecidedAt: day(-12)}}
	for i := range change { // the first one last: it takes away
		change[len(change)-1-i](&c)
	}
	return c
}

func decidedAgo(ago time.Duration) func(*v1alpha1.DataUseConsent) {
	return func(c *v1alpha1.DataUseConsent) {
		at := metav1.NewTime(noon.Add(-ago))
		c.Status.DecidedAt = &at
	}
}

// urgent is an approval that is to be ratified by then.
func urgent(by *metav1.Time) option {
	return func(a *v1alpha1.ChangeApproval) { a.Status.RatifyBy = by }
}

// met is a meeting of the steering committee on the introduction, which the chair confirmed at a time.
func met(outcome v1alpha1.Outcome, confirmed *metav1.Time) v1alpha1.CommitteeMeeting {
	return v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: "2026-06"},
		Spec: v1alpha1.CommitteeMeetingSpec{CommitteeRef: v1alpha1.NameReference{Name: "steering"}, HeldOn: "2026-06-01",
			Agenda: []v1alpha1.AgendaItem{{ApplicationRef: v1alpha1.NameReference{Name: "intro"}, Outcome: outcome}}},
		Status: v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: "cio", ConfirmedAt: confirmed,
			Attendance: &v1alpha1.Attendance{Attended: 4, Seats: 6, Quorum: 4}}}
}

// steered names the committee, and has the section whose data it is.
func steered(o *regulation.Organisation) {
	o.Regulation.Spec.SteeringCommitteeRef = &v1alpha1.NameReference{Name: "steering"}
	o.Sections["records"] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: "records"},
		Spec: v1alpha1.ManagingSectionSpec{DisplayName: "戸籍住民課", Head: headed("records-head")}}
}

// An approval that lost a consent or its ratification is none, and the system, its namespace and what is said of both follow:
// held, with who must act; unless another approval lets the system run.
func TestLostPapers(t *testing.T) {
	given, revoked := consentTo(addresses, v1alpha1.DecisionApproved), consentTo(addresses, v1alpha1.DecisionRevoked, decidedAgo(time.Hour))
	type consents = []v1alpha1.DataUseConsent
	type meetings = []v1alpha1.CommitteeMeeting
	for name, test := range map[string]struct {
		option   option
		consents consents
		meetings meetings
		want     ApprovalState
		says     []string // of the namespace, in Japanese
	}{
		"with its consent":           {using(addresses), consents{given}, nil, StateInEffect, nil},
		"its consent revoked":        {using(addresses), consents{revoked}, nil, StateConsentMissing, []string{"addresses", "戸籍住民課長", "第14条"}},
		"its consent never given":    {using(addresses), nil, nil, StateConsentMissing, []string{"addresses", "戸籍住民課長"}},
		"one of two consents":        {using(addresses, incomes), consents{given}, nil, StateConsentMissing, []string{"incomes", "戸籍住民課長"}},
		"for another application":    {using(addresses), consents{consentTo(addresses, v1alpha1.DecisionApproved, func(c *v1alpha1.DataUseConsent) { c.Spec.ApplicationUID = "other" })}, nil, StateConsentMissing, nil},
		"urgent, within its time":    {urgent(day(1)), nil, nil, StateInEffect, nil},
		"urgent, its time over":      {urgent(day(0)), nil, nil, StateUnratified, []string{"intro", "2026-06-01", "第12条"}},
		"urgent and ratified":        {urgent(day(-1)), nil, meetings{met(v1alpha1.OutcomeApproved, day(-2))}, StateInEffect, nil},
		"urgent and refused":         {urgent(day(9)), nil, meetings{met(v1alpha1.OutcomeReturned, day(-2))}, StateUnratified, []string{"intro"}},
		"urgent, ratified too late":  {urgent(day(-2)), nil, meetings{met(v1alpha1.OutcomeApproved, day(-1))}, StateUnratified, []string{"intro"}},
		"neither, and its time over": {func(a *v1alpha1.ChangeApproval) { urgent(day(-1))(a); using(addresses)(a); to(-1)(a) }, nil, nil, StateUnratified, nil},
		"no consent, its time over":  {func(a *v1alpha1.ChangeApproval) { using(addresses)(a); to(-1)(a) }, nil, nil, StateConsentMissing, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, other := application("intro", approved, test.option), application("other", approved)
			c := procedure.Case{Application: &a, Consents: test.consents, Meetings: test.meetings}
			organisation := ward(steered)
			if got := Approval(c, organisation); got != test.want {
				t.Fatalf("it is %s, want %s", got, test.want)
			}
			in := Input{Organisation: organisation, Namespace: "levy", Claims: []v1alpha1.ElectronicSystem{*levy()},
				Cases: []procedure.Case{c}}
			verdict, wanted, reason := Namespace(in), v1alpha1.ClearanceHeld, v1alpha1.ClearanceReason(test.want)
			if test.want == StateInEffect {
				wanted, reason = v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved
			}
			if verdict.Clearance != wanted || verdict.Reason != reason {
				t.Errorf("the namespace is %s for %s", verdict.Clearance, verdict.Reason)
			}
			text := Explain(verdict, organisation, v1alpha1.LanguageJapanese)
			for _, word := range test.says {
				if !strings.Contains(text, word) {
					t.Errorf("it does not say %q: %s", word, text)
				}
			}
			in.Cases = append(in.Cases, procedure.Case{Application: &other})
			if verdict := Namespace(in); verdict.Clearance != v1alpha1.ClearanceCleared {
				t.Errorf("with another approval the namespace is %s for %s", verdict.Clearance, verdict.Reason)
			}
		})
	}
}

// The system says until when it is approved: an approval in urgency ends by itself, until it is ratified.
func TestUrgencyEndsByItself(t *testing.T) {
	for name, test := range map[string]struct {
		meetings []v1alpha1.CommitteeMeeting
		until    time.Time
	}{
		"open":     {nil, day(3).Time},
		"ratified": {[]v1alpha1.CommitteeMeeting{met(v1alpha1.OutcomeApproved, day(-2))}, time.Time{}},
	} {
		a := application("intro", approved, urgent(day(3)))
		verdict := System(ward(steered), levy(), []procedure.Case{{Application: &a, Meetings: test.meetings}})
		if !verdict.Until.Equal(test.until) || !verdict.Approved() {
			t.Errorf("%s: approved until %s, want %s", name, verdict.Until, test.until)
		}
	}
}
