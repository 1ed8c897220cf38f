package changeapproval

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// use is the data of section care that an application may use.
func use() v1alpha1.DataUse {
	return v1alpha1.DataUse{Name: "care-records", SectionRef: v1alpha1.NameReference{Name: "care"}, Data: "介護記録"}
}

// organisation as it is for the world, with or without a steering committee.
func (w *world) organisation() regulation.Organisation {
	o := organisation(w.cio)
	if w.committee {
		o.Regulation.Spec.SteeringCommitteeRef = &v1alpha1.NameReference{Name: "steering"}
	}
	return o
}

// file adds a paper now and then: a record of a meeting or a consent, in any state, and what the section owes. Their own
// webhooks see to who writes them.
func (w *world) file() {
	if w.object == nil || w.random.Intn(6) > 0 {
		return
	}
	at := metav1.NewTime(organisation("").Now)
	switch w.random.Intn(5) {
	case 0, 1, 2:
		attended := int32(w.random.Intn(7)) //nolint:gosec // at most 6
		m := v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("m%d", len(w.papers.Meetings)), Generation: 1},
			Spec: v1alpha1.CommitteeMeetingSpec{
				CommitteeRef: v1alpha1.NameReference{Name: pick(w.random, "steering", "steering", "security")},
				HeldOn:       "2026-06-01", Agenda: []v1alpha1.AgendaItem{{ApplicationRef: v1alpha1.NameReference{Name: pick(w.random, "a", "a", "a", "b")},
					Outcome: pick(w.random, v1alpha1.OutcomeApproved, v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied,
						v1alpha1.OutcomeReturned, "")}}},
			Status: v1alpha1.CommitteeMeetingStatus{Attendance: &v1alpha1.Attendance{Attended: attended, Seats: 6, Quorum: 4}}}
		if w.random.Intn(4) > 0 {
			later := metav1.NewTime(at.Add(time.Duration(len(w.papers.Meetings)) * time.Second))
			m.Status.State, m.Status.ConfirmedBy, m.Status.ConfirmedAt = v1alpha1.MeetingConfirmed, w.cio, &later
			m.Status.ConfirmedGeneration = int64(1 + w.random.Intn(8)/7)
		}
		if len(w.papers.Meetings) < 4 && w.object.Status.Decision == "" { // what is decided is settled, but for ratifications
			w.papers.Meetings = append(w.papers.Meetings, m)
		}
	case 3:
		consent := v1alpha1.DataUseConsent{Spec: v1alpha1.DataUseConsentSpec{ApplicationRef: v1alpha1.NameReference{Name: "a"}, Use: use()}}
		consent.Spec.Use.Name = pick(w.random, "care-records", "care-records", "other")
		consent.Status.Decision = pick(w.random, v1alpha1.DecisionApproved, v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, "")
		if w.random.Intn(4) > 0 {
			consent.Status.DecidedBy, consent.Status.DecidedAs, consent.Status.DecidedAt = "a-care-head", v1alpha1.RoleDataSectionHead, &at
		}
		if w.object.Status.Decision == "" {
			w.papers.Consents = []v1alpha1.DataUseConsent{consent}
		}
	case 4:
		w.debts = pick(w.random, nil, nil, []string{"owed"})
	}
}

// met says, from the papers and in words of its own, whether the last quorate meeting of the steering committee whose record
// was confirmed as it stands decided so.
func (w *world) met(decision v1alpha1.Decision) bool {
	last := ""
	for _, m := range w.papers.Meetings {
		status := m.Status
		if m.Spec.CommitteeRef.Name == "steering" && status.State != "" && status.ConfirmedGeneration == 1 &&
			status.Attendance.Attended > 3 &&
			m.Spec.Agenda[0].ApplicationRef.Name == "a" && m.Spec.Agenda[0].Outcome != "" {
			last = string(m.Spec.Agenda[0].Outcome)
		}
	}
	return w.committee && w.object.Spec.Type != v1alpha1.ChangeMinor && last == string(decision)
}

func (w *world) consented() bool {
	for _, c := range w.papers.Consents {
		if c.Spec.Use.Name == "care-records" && c.Status.Decision == "Approved" && c.Status.DecidedBy == "a-care-head" {
			return true
		}
	}
	return false
}

// way in which an approval came about.
func (w *world) way() string {
	switch {
	case w.decidedBy == w.submittedBy:
		return "their own, by a meeting"
	case w.object.Status.MeetingRef != nil:
		return "by a meeting"
	case w.object.Status.RatifyBy != nil:
		return "in urgency"
	}
	return "without a committee"
}
