package statemachine

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

func (w *world) meet(a *v1alpha1.ChangeApproval, outcome v1alpha1.Outcome) {
	m := w.meets([]v1alpha1.AgendaItem{{ApplicationRef: named(a.Name), Outcome: outcome}})
	w.request(write{who: w.who(w.secretariat(w.objects["Committee/"+steering].(*v1alpha1.Committee).Spec)), object: m})
	if old, there := w.objects["CommitteeMeeting/"+m.Name]; there && !w.oneIn(4, "unconfirmed") {
		w.request(w.confirmation(old.(*v1alpha1.CommitteeMeeting)))
	}
}

func (w *world) meets(agenda []v1alpha1.AgendaItem) *v1alpha1.CommitteeMeeting {
	m := &v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("m", w.born)},
		Spec: v1alpha1.CommitteeMeetingSpec{CommitteeRef: named(steering), HeldOn: w.today(), Agenda: agenda}}
	m.Spec.Attendees = seats(w.objects["Committee/"+steering].(*v1alpha1.Committee).Spec)
	return m
}

func seats(committee v1alpha1.CommitteeSpec) []string {
	var names []string
	for _, member := range slices.Concat(committee.Members, committee.AdHocMembers) {
		names = append(names, member.Name)
	}
	return names
}

func (w *world) record() {
	m := &v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("m", w.born)}}
	m.Spec.CommitteeRef = named(pick(w, "committee", steering, steering, steering, security))
	request := write{object: m}
	if old, there := one(w, "meeting", allOf[*v1alpha1.CommitteeMeeting](w.cluster)); there && w.oneIn(4, "again") {
		m = old.DeepCopy()
		request.old, request.object = old, m
	}
	spec := w.objects["Committee/"+m.Spec.CommitteeRef.Name].(*v1alpha1.Committee).Spec
	m.Spec.HeldOn = v1alpha1.Date(w.now().In(jst).AddDate(0, 0, pick(w, "held", 0, 0, -2, 1)).Format(time.DateOnly))
	m.Spec.Attendees, m.Spec.Agenda = w.attendees(spec), w.agenda()
	if w.oneIn(8, "confirmed at once") {
		m.Status = v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: "ann", ConfirmedAt: w.in(0),
			ConfirmedGeneration: 1, Attendance: &v1alpha1.Attendance{Attended: 9, Seats: 9, Quorum: 5}}
	}
	request.who = w.who(w.secretariat(spec))
	w.request(request)
}

func (w *world) secretariat(committee v1alpha1.CommitteeSpec) []v1alpha1.Subject {
	if section := w.section(w.standing(committee.SecretariatRef.Name)); section != nil {
		return slices.Concat(section.Head.Subjects, section.Members)
	}
	return nil
}

func (w *world) attendees(committee v1alpha1.CommitteeSpec) []string {
	all := seats(committee)
	switch pick(w, "attendance", "all", "all", "some", "stranger") {
	case "some":
		return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, len(all), rapid.ID).Draw(w.T, "attendees")
	case "stranger":
		return append(all[1:], "stranger")
	}
	return all
}

func (w *world) agenda() []v1alpha1.AgendaItem {
	var items []v1alpha1.AgendaItem
	for _, a := range allOf[*v1alpha1.ChangeApproval](w.cluster) {
		if rapid.Bool().Draw(w.T, "on the agenda") {
			items = append(items, v1alpha1.AgendaItem{ApplicationRef: named(a.Name), Outcome: pick(w, "outcome", v1alpha1.OutcomeApproved,
				v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied, v1alpha1.OutcomeReturned, "")})
		}
	}
	return items
}

func (w *world) confirmation(old *v1alpha1.CommitteeMeeting) write {
	m := old.DeepCopy()
	stamp := w.oneIn(6, "with a stamp")
	if !stamp || w.oneIn(2, "and a state") {
		m.Status.State = v1alpha1.MeetingConfirmed
	}
	if stamp {
		switch pick(w, "forged", "whole", "attendance", "at") {
		case "whole":
			m.Status.ConfirmedBy, m.Status.ConfirmedAt, m.Status.ConfirmedGeneration = "ann", w.in(0, -time.Hour), m.Generation
			m.Status.Attendance = &v1alpha1.Attendance{Attended: 9, Seats: 9, Quorum: 5}
		case "attendance":
			m.Status.Attendance = &v1alpha1.Attendance{Attended: 9, Seats: 9, Quorum: 5}
		case "at":
			m.Status.ConfirmedAt = w.in(0, -time.Hour)
		}
	}
	if w.oneIn(8, "with a record") { // which counts for nothing
		m.Spec.Attendees, m.Spec.Agenda = nil, w.agenda()
	}
	return write{who: w.who(w.cio()), old: old, object: m, status: true}
}

func (w *world) confirm() {
	if old, there := one(w, "meeting", allOf[*v1alpha1.CommitteeMeeting](w.cluster)); there {
		w.request(w.confirmation(old))
	}
}

func (w *world) confirmTwo() {
	if a, there := one(w, "application", allOf[*v1alpha1.ChangeApproval](w.cluster)); there {
		w.contrary(a)
	}
}

func (w *world) ratify() {
	a, there := one(w, "application", slices.DeleteFunc(allOf[*v1alpha1.ChangeApproval](w.cluster),
		func(a *v1alpha1.ChangeApproval) bool { return !w.owes(a.Name) }))
	if !there {
		return
	}
	w.pass()
	if w.oneIn(3, "two at once") {
		w.contrary(a)
		return
	}
	w.meet(a, pick(w, "outcome", v1alpha1.OutcomeApproved, v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied))
}

func (w *world) contrary(a *v1alpha1.ChangeApproval) {
	var both []write
	for _, outcome := range []v1alpha1.Outcome{v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied} {
		m := w.meets([]v1alpha1.AgendaItem{{ApplicationRef: named(a.Name), Outcome: outcome}})
		m.Spec.HeldOn = v1alpha1.Date(w.now().In(jst).AddDate(0, 0, -pick(w, "held", 0, 1)).Format(time.DateOnly))
		w.request(write{who: w.who(w.secretariat(w.objects["Committee/"+steering].(*v1alpha1.Committee).Spec)), object: m})
		if old, there := w.objects["CommitteeMeeting/"+m.Name]; there {
			both = append(both, w.confirmation(old.(*v1alpha1.CommitteeMeeting)))
		}
	}
	finals := make([]client.Object, len(both))
	for i := range both {
		finals[i] = w.admit(both[i])
	}
	if len(both) < 2 || finals[0] == nil || finals[1] == nil {
		return // what was admitted is lost on its way
	}
	w.seen["two confirmed at once"]++
	before := w.past.meetings
	w.happens(both[0], finals[0])
	first := w.past.meetings[len(before)]
	w.past.meetings = before
	w.happens(both[1], finals[1])
	w.past.meetings = append(w.past.meetings, first)
}
