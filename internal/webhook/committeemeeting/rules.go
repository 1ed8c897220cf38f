package committeemeeting

import (
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/attest"
)

type write = attest.Write[*v1alpha1.CommitteeMeeting]

// rules on a write, with what they depend on.
type rules struct {
	// committee that meets; nil if there is none of that name.
	committee *v1alpha1.Committee
	// agenda holds the applications on the agenda that exist, by name. They are read for a confirmation only.
	agenda map[string]procedure.Case
}

// recordOf is the record as it stands before a write, or as the write makes it where there is none.
func recordOf(w write) *v1alpha1.CommitteeMeeting {
	if w.Created || w.Deleted {
		return w.Object
	}
	return w.Old
}

// Review decides a write.
func (r rules) Review(w write) (*v1alpha1.CommitteeMeeting, *attest.Refusal) {
	if w.Status {
		return r.reviewStatus(w)
	}
	return w.Object, r.reviewSpec(w)
}

func (r rules) reviewSpec(w write) *attest.Refusal {
	meeting := w.Object
	if !w.Created && equality.Semantic.DeepEqual(meeting.Spec, w.Old.Spec) {
		return nil
	}
	if !w.Created && w.Old.Status.State == v1alpha1.MeetingConfirmed {
		return attest.Refuse(message.MeetingFrozen, meeting.Name, w.Old.Status.ConfirmedBy)
	}
	if r.committee == nil {
		return attest.Refuse(message.CommitteeNotFound, meeting.Name, recordOf(w).Spec.CommitteeRef.Name)
	}
	if refused := r.notSecretariat(w); refused != nil {
		return refused
	}
	return r.wrongRecord(w, meeting)
}

// notSecretariat refuses whoever is not of the section that keeps the committee's business (articles 19-3 and 24-3).
func (r rules) notSecretariat(w write) *attest.Refusal {
	secretariat := w.Organisation.Secretariat(r.committee)
	if w.Identity.Holds(secretariat) {
		return nil
	}
	return attest.Refuse(message.NotSecretariat, w.Identity.Username, w.Object.Name, secretariat.Title)
}

// wrongRecord says what of a record cannot be: its day, or who attended.
func (r rules) wrongRecord(w write, meeting *v1alpha1.CommitteeMeeting) *attest.Refusal {
	if !regulation.IsDay(meeting.Spec.HeldOn) {
		return attest.Refuse(message.MeetingDayBad, meeting.Name, string(meeting.Spec.HeldOn))
	}
	if _, strangers := procedure.Attendance(r.committee, meeting.Spec.Attendees); len(strangers) > 0 {
		p := w.Printer()
		return attest.Refuse(message.AttendeesWithoutSeat, meeting.Name, p.List(strangers),
			p.Say(message.System, r.committee.Spec.DisplayName, r.committee.Name))
	}
	return nil
}

func (r rules) reviewStatus(w write) (*v1alpha1.CommitteeMeeting, *attest.Refusal) {
	before, after := &w.Old.Status, &w.Object.Status
	if w.Identity.Username == v1alpha1.OperatorUsername {
		return w.Object, reviewOperator(w)
	}
	if field := forgedField(before, after); field != "" {
		return nil, attest.Refuse(message.MeetingStampForged, field)
	}
	switch {
	case !equality.Semantic.DeepEqual(before.Conditions, after.Conditions):
		return nil, attest.Refuse(message.MeetingConditions, w.Old.Name)
	case before.State == after.State:
		return w.Object, nil
	case before.State == v1alpha1.MeetingConfirmed:
		return nil, attest.Refuse(message.MeetingFrozen, w.Old.Name, before.ConfirmedBy)
	}
	return r.confirm(w)
}

// reviewOperator lets the operator's own account write conditions, and the seal with which a ledger is opened, and nothing else:
// it confirms nothing.
func reviewOperator(w write) *attest.Refusal {
	rest := w.Object.Status.DeepCopy()
	rest.Conditions = w.Old.Status.Conditions
	sealed := w.Old.DeepCopy()
	sealed.Status = *rest
	if w.Old.Status.State != "" && w.Key.OnlySealed(w.Old, sealed) {
		rest.Seal = w.Old.Status.Seal
	}
	if !equality.Semantic.DeepEqual(*rest, w.Old.Status) {
		return notChair(w)
	}
	return nil
}

// forgedField names the first stamped field that the request itself would change.
func forgedField(before, after *v1alpha1.CommitteeMeetingStatus) string {
	switch {
	case before.ConfirmedBy != after.ConfirmedBy:
		return "status.confirmedBy"
	case !before.ConfirmedAt.Equal(after.ConfirmedAt):
		return "status.confirmedAt"
	case before.ConfirmedGeneration != after.ConfirmedGeneration:
		return "status.confirmedGeneration"
	case !equality.Semantic.DeepEqual(before.Attendance, after.Attendance):
		return "status.attendance"
	case before.Seal != after.Seal:
		return "status.seal"
	}
	return ""
}

// Delete decides a deletion: the secretariat's, until the chair has confirmed the record.
func (r rules) Delete(w write) *attest.Refusal {
	switch {
	case w.Object.Status.State == v1alpha1.MeetingConfirmed:
		return attest.Refuse(message.MeetingStays, w.Object.Name, w.Object.Status.ConfirmedBy)
	case r.committee == nil: // nobody keeps its business any more
		return attest.Refuse(message.CommitteeNotFound, w.Object.Name, w.Object.Spec.CommitteeRef.Name)
	}
	return r.notSecretariat(w)
}

// confirms says whether the write is one by which a chair confirms.
func confirms(w write) bool {
	return w.Status && w.Object.Status.State != w.Old.Status.State && w.Identity.Username != v1alpha1.OperatorUsername
}

// Unstamped takes the stamp of a confirmation off.
func (r rules) Unstamped(w write) *v1alpha1.CommitteeMeeting {
	if !confirms(w) {
		return w.Object
	}
	object, before := w.Object.DeepCopy(), w.Old.Status.DeepCopy()
	object.Status.ConfirmedBy, object.Status.ConfirmedAt = before.ConfirmedBy, before.ConfirmedAt
	object.Status.ConfirmedGeneration, object.Status.Attendance = before.ConfirmedGeneration, before.Attendance
	object.Status.Seal = before.Seal
	return object
}

// StampedAt is when the object says that it was confirmed.
func (r rules) StampedAt(w write) *metav1.Time {
	if !confirms(w) {
		return nil
	}
	return w.Object.Status.ConfirmedAt
}
