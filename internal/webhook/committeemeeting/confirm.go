package committeemeeting

import (
	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/webhook/attest"
)

// confirm decides and stamps a confirmation of the record as it is stored.
func (r rules) confirm(w write) (*v1alpha1.CommitteeMeeting, *attest.Refusal) {
	meeting := w.Old
	if w.Organisation.Regulation == nil {
		return nil, attest.Refuse(message.NoRegulationYet)
	}
	if _, chairs := w.Identity.Among(w.Organisation.Chair()); !chairs {
		return nil, notChair(w)
	}
	if r.committee == nil {
		return nil, attest.Refuse(message.CommitteeNotFound, meeting.Name, meeting.Spec.CommitteeRef.Name)
	}
	if refused := r.wrongRecord(w, meeting); refused != nil { // the committee may have changed since it was written
		return nil, refused
	}
	if today := w.Organisation.Day(w.Organisation.Now); meeting.Spec.HeldOn > today {
		return nil, attest.Refuse(message.MeetingToCome, meeting.Name, string(meeting.Spec.HeldOn), string(today))
	}
	count, _ := procedure.Attendance(r.committee, meeting.Spec.Attendees)
	if count.Attended < count.Quorum {
		return nil, attest.Refuse(message.QuorumMissed, meeting.Name, count.Attended, count.Seats, count.Quorum)
	}
	if wrong := r.wrongItems(w); len(wrong) > 0 {
		return nil, attest.Refuse(message.AgendaRefused, meeting.Name, w.Printer().List(wrong))
	}
	stamped, now := w.Object.DeepCopy(), w.Now()
	status := &stamped.Status
	status.ConfirmedBy, status.ConfirmedAt = w.Identity.Username, &now
	status.ConfirmedGeneration, status.Attendance = meeting.Generation, &count
	confirmed := meeting.DeepCopy() // the record that comes with a status counts for nothing
	confirmed.Status = *status
	stamp, _ := ledger.Meeting(confirmed)
	status.Seal = w.Key.Seal(stamp.Entry)
	return stamped, nil
}

func notChair(w write) *attest.Refusal {
	return attest.Refuse(message.NotChair, w.Identity.Username, w.Old.Name,
		clearance.Offices(w.Organisation.Chair(), v1alpha1.RoleChiefInformationOfficer, w.Printer()))
}

// wrongItems says what is wrong with the agenda, an item each.
func (r rules) wrongItems(w write) []string {
	var wrong []string
	for _, item := range w.Old.Spec.Agenda {
		if problem := r.wrongItem(w, item); problem != nil {
			wrong = append(wrong, w.Printer().Say(problem.ID, problem.Arguments...))
		}
	}
	return wrong
}

// wrongItem says what is wrong with an item of the agenda: a meeting takes up applications of article 12 that were submitted
// by its day and are not decided otherwise (article 12-4).
func (r rules) wrongItem(w write, item v1alpha1.AgendaItem) *attest.Refusal {
	name := item.ApplicationRef.Name
	papers, found := r.agenda[name]
	if !found {
		return attest.Refuse(message.AgendaNotFound, name)
	}
	spec, status := &papers.Application.Spec, &papers.Application.Status
	if spec.Type == v1alpha1.ChangeMinor {
		return attest.Refuse(message.AgendaMinor, name)
	}
	if spec.Stage != v1alpha1.StageSubmitted || spec.Submission == nil {
		return attest.Refuse(message.AgendaDraft, name)
	}
	if day := w.Organisation.Day(spec.Submission.At.Time); day > w.Old.Spec.HeldOn {
		return attest.Refuse(message.AgendaLate, name, string(day))
	}
	switch {
	case item.Outcome == "" || status.Decision == "":
		return nil
	case status.Decision == v1alpha1.DecisionApproved && status.RatifyBy != nil: // given in urgency: the meeting may ratify it or not
		if !papers.Debt(r.committee.Name) {
			return attest.Refuse(message.AgendaSettled, name)
		}
	case !agrees(status.Decision, item.Outcome):
		return attest.Refuse(message.AgendaDecided, name, string(status.Decision))
	}
	return nil
}

// agrees says whether a decision that was made is what the meeting decided; a revocation carries out a denial.
func agrees(decision v1alpha1.Decision, outcome v1alpha1.Outcome) bool {
	return string(decision) == string(outcome) || (decision == v1alpha1.DecisionRevoked && outcome == v1alpha1.OutcomeDenied)
}
