package clearance

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
)

// revokedAgo is an approval of old that was revoked a while before noon, with the whole stamp.
func revokedAgo(ago time.Duration) option {
	return func(a *v1alpha1.ChangeApproval) {
		approved(a)
		a.Status.PastDecisions = []v1alpha1.PastDecision{{Decision: v1alpha1.DecisionApproved, By: "cio", At: *a.Status.DecidedAt}}
		at := metav1.NewTime(noon.Add(-ago))
		a.Status.Decision, a.Status.DecidedAt = v1alpha1.DecisionRevoked, &at
	}
}

func expiredAgo(ago time.Duration) option {
	return func(a *v1alpha1.ChangeApproval) {
		approved(a)
		at := metav1.NewTime(noon.Add(-ago))
		a.Spec.Scope.NotAfter = &at
	}
}

func TestSettle(t *testing.T) {
	state := func(clearance v1alpha1.Clearance, match string, approvals ...string) Recorded {
		return Recorded{Clearance: clearance, System: "levy", match: match, Approvals: approvals}
	}
	const second = time.Second
	cleared, some := state(v1alpha1.ClearanceCleared, "", "intro"), state(v1alpha1.ClearanceImages, "^a$", "intro")
	held, denied := state(v1alpha1.ClearanceHeld, ""), state(v1alpha1.ClearanceDenied, "")
	observed := state(v1alpha1.ClearanceObserved, "", "intro")
	moved, closed := held, held
	moved.System = "other"
	closed.Lapse = Lapse{Ended: noon.Add(-time.Hour), Settled: noon.Add(-time.Hour + second)}
	for name, test := range map[string]struct {
		before, after Recorded
		applications  []v1alpha1.ChangeApproval
		ended         time.Duration // before noon; negative for no lapse
	}{
		"revoked, held":       {cleared, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(3*second))}, 3 * second},
		"revoked, denied":     {some, denied, []v1alpha1.ChangeApproval{application("intro", revokedAgo(3*second))}, 3 * second},
		"expired":             {some, held, []v1alpha1.ChangeApproval{application("intro", expiredAgo(second))}, second},
		"at the bound":        {some, held, []v1alpha1.ChangeApproval{application("intro", expiredAgo(LapseBound))}, LapseBound},
		"after an outage":     {some, held, []v1alpha1.ChangeApproval{application("intro", expiredAgo(LapseBound+1))}, -1},
		"revoked, an outage":  {some, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(time.Hour))}, -1},
		"another clock ahead": {some, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(-second))}, 0},
		"one of two approvals": {
			state(v1alpha1.ClearanceImages, "^(a|b)$", "intro", "more"), state(v1alpha1.ClearanceImages, "^a$", "intro"),
			[]v1alpha1.ChangeApproval{application("intro", approved), application("more", revokedAgo(2*second))}, 2 * second,
		},
		"both, the later end counts": {
			state(v1alpha1.ClearanceImages, "^(a|b)$", "intro", "more"), held,
			[]v1alpha1.ChangeApproval{application("intro", revokedAgo(5*second)), application("more", revokedAgo(2*second))}, 2 * second,
		},
		"an older approval's end is not the cause": {
			cleared, held, []v1alpha1.ChangeApproval{application("intro", approved), application("old", revokedAgo(2*second))}, -1,
		},
		"the section is gone":             {cleared, held, []v1alpha1.ChangeApproval{application("intro", approved)}, -1},
		"Warn to Hold, revoked meanwhile": {observed, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(2*second))}, -1},
		"revoked, and Hold to Warn":       {cleared, observed, []v1alpha1.ChangeApproval{application("intro", revokedAgo(2*second))}, -1},
		"approved anew":                   {held, cleared, []v1alpha1.ChangeApproval{application("intro", approved)}, -1},
		"held before":                     {held, denied, []v1alpha1.ChangeApproval{application("intro", revokedAgo(2*second))}, -1},
		"of another system":               {moved, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(2*second))}, -1},
		"unstamped: the approval's stamp": {cleared, held, []v1alpha1.ChangeApproval{application("intro",
			decided(v1alpha1.DecisionRevoked, 0))}, -1},
		"a stamp from before the approval": {cleared, held, []v1alpha1.ChangeApproval{application("intro", revokedAgo(2*second),
			func(a *v1alpha1.ChangeApproval) { a.Status.PastDecisions[0].At = *day(1) })}, -1},
		"kept":                        {closed, held, nil, time.Hour},
		"dropped with the clearance":  {closed, denied, nil, -1},
		"dropped on another approval": {closed, cleared, nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			got := Settle(test.before, test.after, cases(test.applications...), ward())
			if test.ended < 0 {
				if !got.IsZero() {
					t.Errorf("a lapse: %s", got)
				}
				return
			}
			if wanted := noon.Add(-test.ended); !got.Ended.Equal(wanted) {
				t.Errorf("ended %s, wanted %s", got.Ended, wanted)
			}
			if name != "kept" && !got.Settled.Equal(noon) {
				t.Errorf("settled %s", got.Settled)
			}
		})
	}
}

func TestLapseHolds(t *testing.T) {
	lapse := Lapse{Ended: noon.Add(300 * time.Millisecond), Settled: noon.Add(20 * time.Second)}
	for name, test := range map[string]struct {
		created time.Duration // from noon
		holds   bool
	}{
		"long before":        {-time.Hour, false},
		"the second before":  {-time.Second, false},
		"in the same second": {0, false},
		"the second after":   {time.Second, true},
		"when it is settled": {20 * time.Second, true},
		"on its way":         {20*time.Second + LapseBound, true},
		"later":              {21*time.Second + LapseBound, false},
	} {
		if got := lapse.Holds(noon.Add(test.created)); got != test.holds {
			t.Errorf("%s: %t", name, got)
		}
	}
	if (Lapse{}).Holds(noon) {
		t.Error("no lapse holds nothing")
	}
	read := Record(nil, map[string]string{v1alpha1.AnnotationLapse: lapse.String()}).Lapse
	if !read.Ended.Equal(noon) || !read.Settled.Equal(lapse.Settled) {
		t.Errorf("%s is read as %s", lapse, read)
	}
	for _, text := range []string{"", "/", "now", "2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z/", "/2026-06-01T12:00:00Z"} {
		if read := parseLapse(text); !read.IsZero() {
			t.Errorf("%q is read as %s", text, read)
		}
	}
}

// An approval that loses a paper ends when it loses it, and what slips in afterwards is found as after a revocation.
func TestLostPaperEndsAnApproval(t *testing.T) {
	const second = time.Second
	ago := func(d time.Duration) *metav1.Time {
		at := metav1.NewTime(noon.Add(-d))
		return &at
	}
	revoked := func(ago time.Duration, change ...func(*v1alpha1.DataUseConsent)) []v1alpha1.DataUseConsent {
		return []v1alpha1.DataUseConsent{consentTo(addresses, v1alpha1.DecisionRevoked, append(change, decidedAgo(ago))...)}
	}
	two := using(addresses, incomes)
	for name, test := range map[string]struct {
		application option
		consents    []v1alpha1.DataUseConsent
		meetings    []v1alpha1.CommitteeMeeting
		ended       time.Duration // before noon; negative for no lapse
	}{
		"a consent is revoked":      {using(addresses), revoked(3 * second), nil, 3 * second},
		"by a clock that is ahead":  {using(addresses), revoked(-second), nil, 0},
		"after an outage":           {using(addresses), revoked(time.Hour), nil, -1},
		"by nobody":                 {using(addresses), revoked(3*second, func(c *v1alpha1.DataUseConsent) { c.Status.DecidedBy = "" }), nil, -1},
		"at no time":                {using(addresses), revoked(0, func(c *v1alpha1.DataUseConsent) { c.Status.DecidedAt = nil }), nil, -1},
		"under the consent's stamp": {using(addresses), revoked(11 * 24 * time.Hour), nil, -1},
		"a consent is gone":         {using(addresses), nil, nil, -1},
		"two, the first one ends it": {two, append(revoked(2*second), consentTo(incomes, v1alpha1.DecisionRevoked, decidedAgo(5*second))), nil,
			5 * second},
		"one of two": {two, append(revoked(2*second), consentTo(incomes, v1alpha1.DecisionApproved)), nil, 2 * second},

		"nobody ratified it":       {urgent(ago(4 * second)), nil, nil, 4 * second},
		"nobody did, in an outage": {urgent(ago(time.Hour)), nil, nil, -1},
		"the committee refused it": {urgent(ago(-time.Hour)), nil, []v1alpha1.CommitteeMeeting{met(v1alpha1.OutcomeDenied, ago(6*second))},
			6 * second},
		"ratified, but too late": {urgent(ago(4 * second)), nil, []v1alpha1.CommitteeMeeting{met(v1alpha1.OutcomeApproved, ago(2*second))},
			4 * second},
		"refused, after it had lapsed": {urgent(ago(4 * second)), nil, []v1alpha1.CommitteeMeeting{met(v1alpha1.OutcomeDenied, ago(2*second))},
			4 * second},
	} {
		t.Run(name, func(t *testing.T) {
			a := application("intro", approved, test.application)
			c := procedure.Case{Application: &a, Consents: test.consents, Meetings: test.meetings}
			before := Recorded{Clearance: v1alpha1.ClearanceCleared, System: "levy", Approvals: []string{"intro"}}
			after := Recorded{Clearance: v1alpha1.ClearanceHeld, System: "levy"}
			got := Settle(before, after, []procedure.Case{c}, ward(steered))
			if test.ended < 0 {
				if !got.IsZero() {
					t.Errorf("a lapse: %s", got)
				}
				return
			}
			if wanted := noon.Add(-test.ended); !got.Ended.Equal(wanted) || !got.Settled.Equal(noon) {
				t.Errorf("from %s to %s, wanted from %s", got.Ended, got.Settled, wanted)
			}
		})
	}
}
