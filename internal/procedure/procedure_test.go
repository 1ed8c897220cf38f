package procedure

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// at is n days from noon.
func at(n int) *metav1.Time {
	moment := metav1.NewTime(noon.AddDate(0, 0, n))
	return &moment
}

// meeting of the steering committee with 4 of 6 seats taken, held and confirmed n days from noon.
func meeting(name string, n int, outcome v1alpha1.Outcome, change ...func(*v1alpha1.CommitteeMeeting)) v1alpha1.CommitteeMeeting {
	m := v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 3},
		Spec: v1alpha1.CommitteeMeetingSpec{CommitteeRef: v1alpha1.NameReference{Name: "steering"},
			HeldOn: v1alpha1.Date(at(n).Format(time.DateOnly)),
			Agenda: []v1alpha1.AgendaItem{{ApplicationRef: v1alpha1.NameReference{Name: "other"}, Outcome: v1alpha1.OutcomeDenied},
				{ApplicationRef: v1alpha1.NameReference{Name: "a"}, Outcome: outcome}}},
		Status: v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: "cio", ConfirmedAt: at(n),
			ConfirmedGeneration: 3,
			Attendance:          &v1alpha1.Attendance{Attended: 4, Seats: 6, Quorum: 4}}}
	for _, c := range change {
		c(&m)
	}
	return m
}

func application(change ...func(*v1alpha1.ChangeApproval)) *v1alpha1.ChangeApproval {
	a := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "uid-a"}}
	for _, c := range change {
		c(a)
	}
	return a
}

func TestDecided(t *testing.T) {
	type list = []v1alpha1.CommitteeMeeting
	status := func(change func(*v1alpha1.CommitteeMeetingStatus)) func(*v1alpha1.CommitteeMeeting) {
		return func(m *v1alpha1.CommitteeMeeting) { change(&m.Status) }
	}
	for name, test := range map[string]struct {
		meetings list
		want     string
	}{
		"none":                                  {nil, ""},
		"it approved":                           {list{meeting("m", 0, v1alpha1.OutcomeApproved)}, "m Approved"},
		"it denied":                             {list{meeting("m", 0, v1alpha1.OutcomeDenied)}, "m Denied"},
		"it decided nothing":                    {list{meeting("m", 0, "")}, ""},
		"the last one counts":                   {list{meeting("m2", 9, v1alpha1.OutcomeDenied), meeting("m1", 2, v1alpha1.OutcomeApproved)}, "m2 Denied"},
		"another took it up and did not decide": {list{meeting("m2", 9, ""), meeting("m1", 2, v1alpha1.OutcomeApproved)}, "m1 Approved"},
		"below quorum": {list{meeting("m", 0, v1alpha1.OutcomeApproved, status(func(s *v1alpha1.CommitteeMeetingStatus) {
			s.Attendance.Attended = 3
		}))}, ""},
		"not confirmed": {list{meeting("m", 0, v1alpha1.OutcomeApproved, status(func(s *v1alpha1.CommitteeMeetingStatus) { s.State = "" }))}, ""},
		"confirmed by nobody": {list{meeting("m", 0, v1alpha1.OutcomeApproved, status(func(s *v1alpha1.CommitteeMeetingStatus) {
			s.ConfirmedBy = ""
		}))}, ""},
		"changed since it was confirmed": {list{meeting("m", 0, v1alpha1.OutcomeApproved, func(m *v1alpha1.CommitteeMeeting) {
			m.Generation = 4
		})}, ""},
		"nobody counted": {list{meeting("m", 0, v1alpha1.OutcomeApproved, status(func(s *v1alpha1.CommitteeMeetingStatus) {
			s.Attendance = nil
		}))}, ""},
		"another committee": {list{meeting("m", 0, v1alpha1.OutcomeApproved, func(m *v1alpha1.CommitteeMeeting) {
			m.Spec.CommitteeRef.Name = "security"
		})}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if m, outcome := (Case{Application: application(), Meetings: test.meetings}).Decided("steering"); m != nil {
				got = m.Name + " " + string(outcome)
			}
			if got != test.want {
				t.Errorf("decided by %q, want %q", got, test.want)
			}
		})
	}
}

func TestAttendance(t *testing.T) {
	members := func(n int) []v1alpha1.CommitteeMember {
		var list []v1alpha1.CommitteeMember
		for i := range n {
			list = append(list, v1alpha1.CommitteeMember{Name: string(rune('a' + i))})
		}
		return list
	}
	for name, test := range map[string]struct {
		committee v1alpha1.CommitteeSpec
		attendees []string
		want      v1alpha1.Attendance
		strangers []string
	}{
		"six seats want four":   {v1alpha1.CommitteeSpec{Members: members(6)}, []string{"a", "b", "c"}, v1alpha1.Attendance{Attended: 3, Seats: 6, Quorum: 4}, nil},
		"five seats want three": {v1alpha1.CommitteeSpec{Members: members(5)}, []string{"a", "b", "c"}, v1alpha1.Attendance{Attended: 3, Seats: 5, Quorum: 3}, nil},
		"an ad hoc member counts": {v1alpha1.CommitteeSpec{Members: members(6), AdHocMembers: []v1alpha1.CommitteeMember{{Name: "z"}, {Name: "y"}}},
			[]string{"a", "z"}, v1alpha1.Attendance{Attended: 2, Seats: 8, Quorum: 5}, nil},
		"a stranger does not": {v1alpha1.CommitteeSpec{Members: members(6)}, []string{"a", "x", "b"}, v1alpha1.Attendance{Attended: 2, Seats: 6, Quorum: 4}, []string{"x"}},
		"no rule":             {v1alpha1.CommitteeSpec{Members: members(14), Quorum: v1alpha1.QuorumNone}, []string{"a"}, v1alpha1.Attendance{Attended: 1, Seats: 14}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, strangers := Attendance(&v1alpha1.Committee{Spec: test.committee}, test.attendees)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("attendance (-want +got):\n%s", diff)
			}
			if !slices.Equal(strangers, test.strangers) {
				t.Errorf("strangers %v, want %v", strangers, test.strangers)
			}
		})
	}
}

func TestRatification(t *testing.T) {
	urgent := func(a *v1alpha1.ChangeApproval) {
		a.Status.Decision, a.Status.DecidedAt, a.Status.RatifyBy = v1alpha1.DecisionApproved, at(0), at(30)
	}
	for name, test := range map[string]struct {
		change   func(*v1alpha1.ChangeApproval)
		meetings []v1alpha1.CommitteeMeeting
		now      int
		want     Ratification
		holds    bool
		debt     bool
	}{
		"an ordinary approval":     {func(a *v1alpha1.ChangeApproval) { urgent(a); a.Status.RatifyBy = nil }, nil, 99, RatificationNone, true, false},
		"within its time":          {urgent, nil, 29, RatificationOpen, true, true},
		"its time is over":         {urgent, nil, 30, RatificationLapsed, false, true},
		"ratified":                 {urgent, []v1alpha1.CommitteeMeeting{meeting("m", 10, v1alpha1.OutcomeApproved)}, 99, Ratified, true, false},
		"ratified too late":        {urgent, []v1alpha1.CommitteeMeeting{meeting("m", 30, v1alpha1.OutcomeApproved)}, 99, RatificationLapsed, false, false},
		"not ratified":             {urgent, []v1alpha1.CommitteeMeeting{meeting("m", 10, v1alpha1.OutcomeDenied)}, 11, RatificationRefused, false, false},
		"a meeting before it":      {urgent, []v1alpha1.CommitteeMeeting{meeting("m", -1, v1alpha1.OutcomeApproved)}, 11, RatificationOpen, true, true},
		"revoked before a meeting": {func(a *v1alpha1.ChangeApproval) { urgent(a); a.Status.Decision = v1alpha1.DecisionRevoked }, nil, 11, RatificationNone, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := Case{Application: application(test.change), Meetings: test.meetings}
			got := c.Ratification("steering", at(test.now).Time)
			if got != test.want || got.Holds() != test.holds || c.Debt("steering") != test.debt {
				t.Errorf("it is %q, holds %t, is a debt %t; want %q, %t, %t", got, got.Holds(), c.Debt("steering"),
					test.want, test.holds, test.debt)
			}
		})
	}
}

// Two meetings that were confirmed at once, so that neither confirmation saw the other, decide one thing, in whatever order they
// are read: the first to be confirmed, then the first to be held, then the first by name.
func TestContraryMeetingsDecideOneThing(t *testing.T) {
	heldOn := func(n int) func(*v1alpha1.CommitteeMeeting) {
		return func(m *v1alpha1.CommitteeMeeting) { m.Spec.HeldOn = v1alpha1.Date(at(n).Format(time.DateOnly)) }
	}
	urgent := application(func(a *v1alpha1.ChangeApproval) {
		a.Status.Decision, a.Status.DecidedAt, a.Status.RatifyBy = v1alpha1.DecisionApproved, at(0), at(30)
	})
	for name, test := range map[string]struct {
		first, second v1alpha1.CommitteeMeeting
		ratification  Ratification
		decided       string
	}{
		"confirmed one after the other": {meeting("b", 5, v1alpha1.OutcomeApproved, heldOn(4)), meeting("a", 6, v1alpha1.OutcomeDenied, heldOn(3)),
			Ratified, "b"},
		"held one after the other": {meeting("b", 5, v1alpha1.OutcomeDenied, heldOn(3)), meeting("a", 5, v1alpha1.OutcomeApproved, heldOn(4)),
			RatificationRefused, "a"},
		"told apart by their names": {meeting("a", 5, v1alpha1.OutcomeApproved), meeting("b", 5, v1alpha1.OutcomeDenied), Ratified, "b"},
		"a late one changes nothing": {meeting("b", 29, v1alpha1.OutcomeApproved, heldOn(29)), meeting("a", 31, v1alpha1.OutcomeDenied, heldOn(29)),
			Ratified, "a"},
	} {
		for _, meetings := range [][]v1alpha1.CommitteeMeeting{{test.first, test.second}, {test.second, test.first}} {
			c := Case{Application: urgent, Meetings: meetings}
			if got := c.Ratification("steering", at(40).Time); got != test.ratification || c.Debt("steering") {
				t.Errorf("%s: it is %q, a debt: %t; want %q", name, got, c.Debt("steering"), test.ratification)
			}
			if m, _ := c.Decided("steering"); m.Name != test.decided { // before a decision the last word counts
				t.Errorf("%s: decided by %s, want %s", name, m.Name, test.decided)
			}
		}
	}
}

func TestMissingConsents(t *testing.T) {
	use := v1alpha1.DataUse{Name: "residents", SectionRef: v1alpha1.NameReference{Name: "family-register"}, Data: "住所"}
	consent := func(change ...func(*v1alpha1.DataUseConsent)) v1alpha1.DataUseConsent {
		c := v1alpha1.DataUseConsent{
			Spec: v1alpha1.DataUseConsentSpec{ApplicationRef: v1alpha1.NameReference{Name: "a"}, ApplicationUID: "uid-a", Use: use},
			Status: v1alpha1.DataUseConsentStatus{Decision: v1alpha1.DecisionApproved, DecidedBy: "head",
				DecidedAs: v1alpha1.RoleDataSectionHead, DecidedAt: at(0)}}
		for _, change := range change {
			change(&c)
		}
		return c
	}
	exempt := use
	exempt.ResidentRegisterItems = []int32{1, 7}
	for name, test := range map[string]struct {
		use     v1alpha1.DataUse
		consent v1alpha1.DataUseConsent
		want    []MissingConsent
	}{
		"given":           {use, consent(), nil},
		"exempt":          {exempt, v1alpha1.DataUseConsent{}, nil},
		"never asked for": {use, v1alpha1.DataUseConsent{}, []MissingConsent{{Use: use}}},
		"revoked": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Status.Decision = v1alpha1.DecisionRevoked }),
			[]MissingConsent{{Use: use, Decision: v1alpha1.DecisionRevoked}}},
		"denied": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Status.Decision = v1alpha1.DecisionDenied }),
			[]MissingConsent{{Use: use, Decision: v1alpha1.DecisionDenied}}},
		"by nobody": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Status.DecidedBy = "" }), []MissingConsent{{Use: use}}},
		"in another office": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Status.DecidedAs = v1alpha1.RoleManagingSectionHead }),
			[]MissingConsent{{Use: use}}},
		"for an earlier application of the name": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Spec.ApplicationUID = "uid-b" }),
			[]MissingConsent{{Use: use}}},
		"for other data":     {use, consent(func(c *v1alpha1.DataUseConsent) { c.Spec.Use.Data = "氏名" }), []MissingConsent{{Use: use}}},
		"of another section": {use, consent(func(c *v1alpha1.DataUseConsent) { c.Spec.Use.SectionRef.Name = "tax" }), []MissingConsent{{Use: use}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := Case{Application: application(func(a *v1alpha1.ChangeApproval) { a.Spec.DataUse = []v1alpha1.DataUse{test.use} }),
				Consents: []v1alpha1.DataUseConsent{test.consent}}
			if diff := cmp.Diff(test.want, c.MissingConsents()); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIncomplete(t *testing.T) {
	whole := v1alpha1.ChangeApprovalSpec{Type: v1alpha1.ChangeIntroduction, Criteria: &v1alpha1.Criteria{}, FiscalYear: 2027,
		Necessity: "a", Cost: "b", Effect: "c", Alternatives: "d"}
	alone := regulation.Organisation{Regulation: &v1alpha1.Regulation{}}
	committee := regulation.Organisation{Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
		SteeringCommitteeRef: &v1alpha1.NameReference{Name: "steering"}}}}
	for name, test := range map[string]struct {
		organisation regulation.Organisation
		change       func(*v1alpha1.ChangeApprovalSpec)
		want         []string
	}{
		"whole": {committee, func(*v1alpha1.ChangeApprovalSpec) {}, nil},
		"without what the committee is given": {committee, func(s *v1alpha1.ChangeApprovalSpec) { s.Necessity, s.Cost, s.Effect, s.Alternatives = "", "", "", "" },
			[]string{"spec.necessity", "spec.cost", "spec.effect", "spec.alternatives"}},
		"no committee asks for it": {alone, func(s *v1alpha1.ChangeApprovalSpec) { s.Necessity, s.Cost, s.Effect, s.Alternatives = "", "", "", "" }, nil},
		"without criteria and year": {alone, func(s *v1alpha1.ChangeApprovalSpec) { s.Criteria, s.FiscalYear = nil, 0 },
			[]string{"spec.criteria", "spec.fiscalYear"}},
		"a minor change": {committee, func(s *v1alpha1.ChangeApprovalSpec) { *s = v1alpha1.ChangeApprovalSpec{Type: v1alpha1.ChangeMinor} }, nil},
	} {
		spec := whole
		test.change(&spec)
		if got := Incomplete(test.organisation, &spec); !slices.Equal(got, test.want) {
			t.Errorf("%s: lacks %v, want %v", name, got, test.want)
		}
	}
}
