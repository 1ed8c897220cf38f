package controlplane

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
)

// secretary is a member of the section that keeps a board's business, and no head of anything.
const secretary = "a member of the secretariat"

// board is a committee of five, of whom three make a quorum, with a bureau around it. The bureau's managing section keeps its
// business.
type board struct {
	*bureau
	committee string
}

func newBoard(t *testing.T) *board {
	t.Helper()
	b := &board{bureau: newBureau(t, v1alpha1.SubjectUser, false)}
	b.committee = b.name
	member := person(t, v1alpha1.SubjectUser, b.name+"-secretary", "")
	b.officers[secretary] = member
	must(t, waysOf("ManagingSection")["merge patch"](t.Context(), env.admin, b.name+"-managing", "spec",
		map[string]any{"members": []v1alpha1.Subject{member.subject}}))
	committee := &v1alpha1.Committee{ObjectMeta: metav1.ObjectMeta{Name: b.committee}, Spec: v1alpha1.CommitteeSpec{
		DisplayName: "試験委員会", SecretariatRef: v1alpha1.NameReference{Name: b.name + "-managing"},
		AdHocMembers: []v1alpha1.CommitteeMember{{Name: "expert", Title: "臨時委員"}}}}
	for _, seat := range []string{"planning", "finance", "personnel", "accounting"} {
		committee.Spec.Members = append(committee.Spec.Members, v1alpha1.CommitteeMember{Name: seat, Title: seat})
	}
	must(t, env.admin.Create(t.Context(), committee))
	return b
}

// today in the regulation's time zone.
func today(days int) v1alpha1.Date {
	return v1alpha1.Date(time.Now().In(time.FixedZone("JST", 9*60*60)).AddDate(0, 0, days).Format(time.DateOnly))
}

// meeting of the board that was quorate, not yet written.
func (b *board) meeting(change ...func(*v1alpha1.CommitteeMeetingSpec)) *v1alpha1.CommitteeMeeting {
	m := &v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-meeting-%d", b.name, serial.Add(1))},
		Spec: v1alpha1.CommitteeMeetingSpec{CommitteeRef: v1alpha1.NameReference{Name: b.committee}, HeldOn: today(0),
			Attendees: []string{"planning", "finance", "expert"}}}
	for _, f := range change {
		f(&m.Spec)
	}
	return m
}

// written is a meeting that the secretariat wrote, with the conditions that say so.
func (b *board) written(t *testing.T, change ...func(*v1alpha1.CommitteeMeetingSpec)) *v1alpha1.CommitteeMeeting {
	t.Helper()
	m := b.meeting(change...)
	must(t, b.as(secretary).Create(t.Context(), m))
	return settledMeeting(t, m.Name)
}

// confirmed is a meeting whose record the chair confirmed.
func (b *board) confirmed(t *testing.T, change ...func(*v1alpha1.CommitteeMeetingSpec)) *v1alpha1.CommitteeMeeting {
	t.Helper()
	m := b.written(t, change...)
	must(t, confirm(b.as(theCIO), m.Name))
	return settledMeeting(t, m.Name)
}

// settledMeeting waits until the operator has said of a meeting what there is to say.
func settledMeeting(t *testing.T, name string) *v1alpha1.CommitteeMeeting {
	t.Helper()
	var m v1alpha1.CommitteeMeeting
	eventually(t, "the conditions of "+name, func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &m); err != nil {
			return err
		}
		for _, c := range m.Status.Conditions {
			if c.ObservedGeneration != m.Generation {
				return fmt.Errorf("condition %+v is of another generation than %d", c, m.Generation)
			}
		}
		if m.Status.State == v1alpha1.MeetingConfirmed {
			return condition(m.Status.Conditions, v1alpha1.ConditionConfirmed, metav1.ConditionTrue, "Confirmed")
		}
		return condition(m.Status.Conditions, v1alpha1.ConditionConfirmed, metav1.ConditionFalse, v1alpha1.ReasonPending)
	})
	return &m
}

func confirm(c client.Client, name string) error {
	return waysOf("CommitteeMeeting")["merge patch"](context.Background(), c, name, "status", map[string]any{"state": "Confirmed"})
}

func attendedBy(names ...string) func(*v1alpha1.CommitteeMeetingSpec) {
	return func(spec *v1alpha1.CommitteeMeetingSpec) { spec.Attendees = names }
}

func held(days int) func(*v1alpha1.CommitteeMeetingSpec) {
	return func(spec *v1alpha1.CommitteeMeetingSpec) { spec.HeldOn = today(days) }
}

func onAgenda(application string, outcome v1alpha1.Outcome) func(*v1alpha1.CommitteeMeetingSpec) {
	return func(spec *v1alpha1.CommitteeMeetingSpec) {
		spec.Agenda = append(spec.Agenda, v1alpha1.AgendaItem{ApplicationRef: v1alpha1.NameReference{Name: application}, Outcome: outcome})
	}
}

// sameMeeting sees that nothing about a meeting is other than it was.
func sameMeeting(t *testing.T, was *v1alpha1.CommitteeMeeting) {
	t.Helper()
	is := get(t, &v1alpha1.CommitteeMeeting{}, "", was.Name)
	if !equality.Semantic.DeepEqual(is.Spec, was.Spec) || !equality.Semantic.DeepEqual(is.Status, was.Status) ||
		is.Generation != was.Generation || !is.DeletionTimestamp.IsZero() {
		t.Errorf("%s changed from %+v %+v\nto %+v %+v", was.Name, was.Spec, was.Status, is.Spec, is.Status)
	}
}

// The section that keeps a committee's business writes its records, head and members, and nobody else makes, changes or
// deletes one.
func TestRecordOfAMeetingIsTheSecretariats(t *testing.T) {
	b := newBoard(t)
	theirs := map[string]bool{sectionHead: true, secretary: true}
	for who := range b.officers {
		m := b.meeting()
		err := b.as(who).Create(t.Context(), m)
		if theirs[who] {
			must(t, err)
			must(t, b.as(who).Delete(t.Context(), m))
		} else {
			refusedToOperator(t, err, "試験課", "第19条")
		}
	}
	was := b.written(t)
	for wayName, write := range waysOf("CommitteeMeeting") {
		for who := range b.officers {
			whole := map[string]any{"committeeRef": map[string]any{"name": b.committee}, "heldOn": string(today(0)),
				"guests": []any{wayName + " " + strings.ReplaceAll(who, "'", "")}}
			err := write(t.Context(), b.as(who), was.Name, "spec", whole)
			if theirs[who] {
				must(t, err)
				was = settledMeeting(t, was.Name)
				continue
			}
			refusedToOperator(t, err, "試験課", "第19条")
			sameMeeting(t, was)
		}
	}
	for who := range b.officers {
		if !theirs[who] {
			refusedToOperator(t, b.as(who).Delete(t.Context(), was.DeepCopy()), "試験課", "第19条")
			sameMeeting(t, was)
		}
	}
	must(t, b.as(secretary).Delete(t.Context(), was))

	for name, test := range map[string]struct {
		change func(*v1alpha1.CommitteeMeetingSpec)
		words  []string
	}{
		"another committee's business": {func(s *v1alpha1.CommitteeMeetingSpec) { s.CommitteeRef.Name = "steering" }, []string{"デジタル推進課"}},
		"no committee":                 {func(s *v1alpha1.CommitteeMeetingSpec) { s.CommitteeRef.Name = b.name + "-gone" }, []string{b.name + "-gone"}},
		"no day":                       {func(s *v1alpha1.CommitteeMeetingSpec) { s.HeldOn = "2027-02-29" }, []string{"2027-02-29", "暦にない"}},
		"somebody without a seat":      {attendedBy("planning", "stranger"), []string{"stranger", "spec.guests"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, b.as(sectionHead).Create(t.Context(), b.meeting(test.change)), test.words...)
		})
	}
}

// The chair confirms, and nobody else does, whatever they hold besides; the stamp says what the request says.
func TestOnlyTheChairConfirms(t *testing.T) {
	b := newBoard(t)
	for wayName, write := range waysOf("CommitteeMeeting") {
		t.Run(wayName, func(t *testing.T) {
			m := b.written(t)
			for _, who := range append(slices.DeleteFunc(b.everybody(), func(who string) bool { return who == theCIO }), theCIO) {
				if who == theCIO {
					sameMeeting(t, m)
				}
				err := write(t.Context(), b.as(who), m.Name, "status", map[string]any{"state": "Confirmed"})
				switch who {
				case theCIO:
					must(t, err)
				case operatorItself: // which nobody stamps, so that the kind's own rule refuses it first
					refusedToOperator(t, err, "第18条")
				default:
					refused(t, err, "委員長", "管理部長", "第17条")
				}
			}
			m = settledMeeting(t, m.Name)
			s := m.Status
			if s.ConfirmedBy != b.officers[theCIO].username || s.ConfirmedAt == nil || s.ConfirmedGeneration != m.Generation ||
				s.Attendance == nil || *s.Attendance != (v1alpha1.Attendance{Attended: 3, Seats: 5, Quorum: 3}) || !procedure.Binding(m) {
				t.Errorf("stamped %+v", s)
			}
			must(t, condition(s.Conditions, v1alpha1.ConditionQuorate, metav1.ConditionTrue, v1alpha1.ReasonQuorumMet))
			if err := write(t.Context(), b.as(theCIO), m.Name, "status", map[string]any{"state": "Confirmed"}); err != nil {
				t.Errorf("confirmed a second time: %v", err)
			}
			sameMeeting(t, m)
		})
	}
}

// A meeting below quorum, one to come, or one that decided what it could not, is not confirmed, and the refusal says what is
// missing.
func TestWhatTheChairCannotConfirm(t *testing.T) {
	b := newBoard(t)
	undecided, denied := b.submitted(t), b.decided(t, v1alpha1.DecisionDenied)
	draft, minor := b.application(v1alpha1.ChangeIntroduction), b.application(v1alpha1.ChangeMinor)
	draft.Spec.Stage = v1alpha1.StageDraft
	must(t, b.as(anybody).Create(t.Context(), draft))
	must(t, b.as(usingSectionHead).Create(t.Context(), minor))
	for name, test := range map[string]struct {
		change []func(*v1alpha1.CommitteeMeetingSpec)
		words  []string
	}{
		"below quorum":  {[]func(*v1alpha1.CommitteeMeetingSpec){attendedBy("planning", "expert")}, []string{"5人中2人", "3人", "第19条"}},
		"nobody":        {[]func(*v1alpha1.CommitteeMeetingSpec){attendedBy()}, []string{"5人中0人", "3人"}},
		"tomorrow":      {[]func(*v1alpha1.CommitteeMeetingSpec){held(1)}, []string{string(today(1))}},
		"no such paper": {[]func(*v1alpha1.CommitteeMeetingSpec){onAgenda(b.name+"-gone", "Approved")}, []string{b.name + "-gone", "第12条"}},
		"a draft":       {[]func(*v1alpha1.CommitteeMeetingSpec){onAgenda(draft.Name, "Approved")}, []string{draft.Name, "提出されていません"}},
		"a minor change": {[]func(*v1alpha1.CommitteeMeetingSpec){onAgenda(minor.Name, "Approved")},
			[]string{minor.Name, "軽易な変更"}},
		"submitted afterwards": {[]func(*v1alpha1.CommitteeMeetingSpec){held(-1), onAgenda(undecided.Name, "Approved")},
			[]string{undecided.Name, "会議の後"}},
		"decided otherwise": {[]func(*v1alpha1.CommitteeMeetingSpec){onAgenda(undecided.Name, "Approved"), onAgenda(denied.Name, "Approved")},
			[]string{denied.Name, "既に決定", "Denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := b.written(t, test.change...)
			quorate := condition(m.Status.Conditions, v1alpha1.ConditionQuorate, metav1.ConditionTrue, v1alpha1.ReasonQuorumMet)
			if missed := len(m.Spec.Attendees) < 3; missed != (quorate != nil) {
				t.Errorf("%d attended: %v", len(m.Spec.Attendees), m.Status.Conditions)
			}
			refused(t, confirm(b.as(theCIO), m.Name), test.words...)
			sameMeeting(t, m)
		})
	}
	// What was not decided, what agrees with a decision, and what is undecided can be on the record.
	m := b.confirmed(t, onAgenda(undecided.Name, "Approved"), onAgenda(denied.Name, "Denied"), onAgenda(b.submitted(t).Name, ""))
	if len(m.Spec.Agenda) != 3 || m.Status.State != v1alpha1.MeetingConfirmed {
		t.Errorf("confirmed %+v", m)
	}
}

// Once confirmed, a record does not change, whoever writes it and however; its labels may. It cannot be deleted.
func TestConfirmedRecordIsFrozen(t *testing.T) {
	b := newBoard(t)
	application := b.submitted(t)
	was := b.confirmed(t, onAgenda(application.Name, "Approved"))
	everybody := []string{theCIO, sectionHead, secretary, clusterAdministrator}
	for wayName, write := range waysOf("CommitteeMeeting") {
		for changeName, change := range map[string]map[string]any{
			"outcome":   {"agenda": []any{map[string]any{"applicationRef": map[string]any{"name": application.Name}, "outcome": "Denied"}}},
			"attendees": {"attendees": []any{"personnel"}},
			"guests":    {"guests": []any{"somebody"}},
			"day":       {"heldOn": "2026-01-01"},
			"committee": {"committeeRef": map[string]any{"name": "steering"}},
		} {
			for _, who := range everybody {
				if wayName == "server-side apply" { // which gives what is required
					whole := map[string]any{"committeeRef": map[string]any{"name": b.committee}, "heldOn": string(was.Spec.HeldOn)}
					maps.Copy(whole, change)
					change = whole
				}
				err := write(t.Context(), b.as(who), was.Name, "spec", change)
				if err == nil {
					t.Errorf("%s changes the %s by %s", who, changeName, wayName)
					continue
				}
				refused(t, err, "条")
			}
		}
		for _, who := range append(everybody, operatorItself) {
			refusedToOperator(t, write(t.Context(), b.as(who), was.Name, "status", map[string]any{"state": nil}))
		}
	}
	for _, who := range everybody {
		refused(t, b.as(who).Delete(t.Context(), was.DeepCopy()), was.Name, b.officers[theCIO].username, "第18条")
	}
	must(t, waysOf("CommitteeMeeting")["merge patch"](t.Context(), b.as(secretary), was.Name, "metadata",
		map[string]any{"labels": map[string]any{"of": was.Name}}))
	refused(t, env.admin.DeleteAllOf(t.Context(), &v1alpha1.CommitteeMeeting{}, client.MatchingLabels{"of": was.Name}), "第18条")
	sameMeeting(t, was)
}

// What Kitei stamps into a record nobody writes or takes away, not even the chair, alone or beside an honest confirmation.
func TestConfirmationCannotBeForged(t *testing.T) {
	b := newBoard(t)
	forgeries := map[string]any{
		"confirmedBy": "forger", "confirmedAt": "2020-01-01T00:00:00Z", "confirmedGeneration": 7,
		"attendance": map[string]any{"attended": 5, "seats": 5, "quorum": 3},
		"conditions": []any{map[string]any{"type": "Quorate", "status": "True", "reason": "QuorumMet", "message": "forged",
			"lastTransitionTime": "2020-01-01T00:00:00Z"}},
	}
	waiting, stands := b.written(t, attendedBy("planning")), b.confirmed(t)
	honest := b.written(t)
	all := map[string]any{"state": "Confirmed"}
	for field, value := range forgeries {
		if field != "conditions" {
			all[field] = value
		}
	}
	for wayName, write := range waysOf("CommitteeMeeting") {
		for _, who := range []string{theCIO, secretary, clusterAdministrator} {
			for field, forged := range forgeries {
				for _, m := range []*v1alpha1.CommitteeMeeting{waiting, stands, honest} {
					for _, fields := range []map[string]any{{field: forged}, {field: forged, "state": "Confirmed"}} {
						if err := write(t.Context(), b.as(who), m.Name, "status", fields); err == nil {
							t.Errorf("%s forges %v by %s", who, fields, wayName)
						} else {
							refused(t, err, "第1")
						}
					}
				}
			}
			refused(t, write(t.Context(), b.as(who), waiting.Name, "status", all), "第1")
			for field := range forgeries {
				if wayName == "merge patch" {
					refused(t, write(t.Context(), b.as(who), stands.Name, "status", map[string]any{field: nil}), "第1")
				}
			}
		}
		for field, forged := range forgeries { // the operator's own account writes conditions, and no stamp
			if field != "conditions" {
				refusedToOperator(t, write(t.Context(), b.as(operatorItself), waiting.Name, "status", map[string]any{field: forged}), "条")
			}
		}
	}
	for _, m := range []*v1alpha1.CommitteeMeeting{waiting, stands, honest} {
		sameMeeting(t, m)
	}
	// Confirmed on its way in, a record is confirmed by nobody.
	early := b.meeting()
	at := metav1.Now()
	early.Status = v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: "cio", ConfirmedAt: &at,
		ConfirmedGeneration: 1, Attendance: &v1alpha1.Attendance{Attended: 5, Seats: 5, Quorum: 3}}
	must(t, b.as(secretary).Create(t.Context(), early))
	if m := get(t, &v1alpha1.CommitteeMeeting{}, "", early.Name); m.Status.State != "" || m.Status.ConfirmedBy != "" {
		t.Errorf("created as %+v", m.Status)
	}
}

// The members are the chair's and their deputy's to change. A change touches no record that was confirmed.
func TestMembersAreTheChairsToChange(t *testing.T) {
	b := newBoard(t)
	stands, waits := b.confirmed(t), b.written(t, attendedBy("planning", "finance"))
	fewer := map[string]any{"displayName": "試験委員会", "secretariatRef": map[string]any{"name": b.name + "-managing"},
		"members": []any{map[string]any{"name": "planning", "title": "planning"}, map[string]any{"name": "finance", "title": "財政課長"}}} // a title too: server-side apply takes no members away
	for wayName, write := range waysOf("Committee") {
		for who := range b.officers {
			if who == theCIO || who == digitalHead {
				continue
			}
			err := write(t.Context(), b.as(who), b.committee, "spec", fewer)
			if err == nil {
				t.Errorf("%s changes the members by %s", who, wayName)
			} else {
				refusedToOperator(t, err, "管理部長", "デジタル推進課長", "第17条")
			}
		}
	}
	committee := get(t, &v1alpha1.Committee{}, "", b.committee)
	for _, who := range []string{sectionHead, secretary, clusterAdministrator} {
		refused(t, b.as(who).Delete(t.Context(), committee.DeepCopy()), "第17条")
	}
	refused(t, confirm(b.as(theCIO), waits.Name), "5人中2人")
	must(t, waysOf("Committee")["merge patch"](t.Context(), b.as(theCIO), b.committee, "spec",
		map[string]any{"members": fewer["members"], "adHocMembers": nil}))
	must(t, confirm(b.as(theCIO), waits.Name)) // two of two
	must(t, waysOf("Committee")["merge patch"](t.Context(), b.as(digitalHead), b.committee, "spec", map[string]any{"quorum": "None"}))
	eventually(t, "the committee's status", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: b.committee}, committee); err != nil {
			return err
		}
		if committee.Status.Seats != 2 || committee.Status.Quorum != 0 {
			return fmt.Errorf("status is %+v", committee.Status)
		}
		return condition(committee.Status.Conditions, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonComplete)
	})
	sameMeeting(t, stands)
	counted := get(t, &v1alpha1.CommitteeMeeting{}, "", waits.Name).Status.Attendance
	if *counted != (v1alpha1.Attendance{Attended: 2, Seats: 2, Quorum: 2}) {
		t.Errorf("counted %+v", counted)
	}

	// Another secretariat is another's to write, and one that does not exist is said.
	must(t, waysOf("Committee")["merge patch"](t.Context(), b.as(theCIO), b.committee, "spec",
		map[string]any{"secretariatRef": map[string]any{"name": b.name + "-other"}}))
	refused(t, b.as(secretary).Create(t.Context(), b.meeting(attendedBy())), "第19条")
	must(t, b.as(otherSectionHead).Create(t.Context(), b.meeting(attendedBy())))
	must(t, waysOf("Committee")["merge patch"](t.Context(), b.as(theCIO), b.committee, "spec",
		map[string]any{"secretariatRef": map[string]any{"name": b.name + "-gone"}}))
	eventually(t, "the secretariat is missed", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: b.committee}, committee); err != nil {
			return err
		}
		return condition(committee.Status.Conditions, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonReferenceNotFound)
	})
	must(t, b.as(theCIO).Get(t.Context(), client.ObjectKey{Name: b.committee}, committee))
}

// The chair confirms while the secretariat still writes: what is confirmed is what is on record.
func TestConfirmationRacesTheRecord(t *testing.T) {
	b := newBoard(t)
	for range 5 {
		m := b.written(t)
		var both sync.WaitGroup
		both.Go(func() {
			err := waysOf("CommitteeMeeting")["merge patch"](t.Context(), b.as(secretary), m.Name, "spec",
				map[string]any{"attendees": []any{"planning"}})
			if err != nil && !strings.Contains(err.Error(), "第18条") {
				t.Errorf("the secretariat: %v", err)
			}
		})
		both.Go(func() {
			if err := confirm(b.as(theCIO), m.Name); err != nil && !strings.Contains(err.Error(), "5人中1人") {
				t.Errorf("the chair: %v", err)
			}
		})
		both.Wait()
		is := get(t, &v1alpha1.CommitteeMeeting{}, "", m.Name)
		switch confirmed, whole := is.Status.State == v1alpha1.MeetingConfirmed, len(is.Spec.Attendees) == 3; {
		case confirmed != whole:
			t.Errorf("confirmed: %t, attended by %v", confirmed, is.Spec.Attendees)
		case confirmed && (is.Status.ConfirmedGeneration != is.Generation || is.Status.Attendance.Attended != 3):
			t.Errorf("confirmed as %+v of generation %d", is.Status, is.Generation)
		}
	}
}

// The status of a meeting that does not exist: a plain answer.
func TestStatusOfNoMeeting(t *testing.T) {
	b := newBoard(t)
	for _, kind := range []string{"CommitteeMeeting", "DataUseConsent"} {
		for wayName, write := range waysOf(kind) {
			if err := write(t.Context(), b.as(theCIO), b.name+"-gone", "status", map[string]any{}); !apierrors.IsNotFound(err) {
				t.Errorf("%s of %s: not a plain not found: %v", wayName, kind, err)
			}
		}
	}
}

// With the operator dead nobody writes a record or confirms one, and labels can still be written.
func TestNobodyConfirmsWithTheOperatorDown(t *testing.T) {
	b := newBoard(t)
	m := b.written(t)
	stopOperator(t)
	for _, err := range []error{confirm(b.as(theCIO), m.Name), b.as(secretary).Create(t.Context(), b.meeting()),
		b.as(secretary).Delete(t.Context(), m.DeepCopy())} {
		refused(t, err, "failed calling webhook")
	}
	must(t, waysOf("CommitteeMeeting")["merge patch"](t.Context(), b.as(secretary), m.Name, "metadata",
		map[string]any{"labels": map[string]any{"year": "r8"}}))
	sameMeeting(t, m)
}

// A committee that the Regulation names and that does not exist is missed.
func TestRegulationMissesItsCommittee(t *testing.T) {
	ready := func(want metav1.ConditionStatus, reason string) {
		t.Helper()
		eventually(t, "the Regulation is Ready="+string(want), func(ctx context.Context) error {
			var current v1alpha1.Regulation
			if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
				return err
			}
			return condition(current.Status.Conditions, v1alpha1.ConditionReady, want, reason)
		})
	}
	b := newBoard(t)
	setRegulation(t, func(r *v1alpha1.Regulation) {
		r.Spec.SecurityCommitteeRef = &v1alpha1.NameReference{Name: b.name + "-later"}
	})
	ready(metav1.ConditionFalse, v1alpha1.ReasonReferenceNotFound)
	later := get(t, &v1alpha1.Committee{}, "", b.committee)
	later.ObjectMeta = metav1.ObjectMeta{Name: b.name + "-later"}
	must(t, env.admin.Create(t.Context(), later))
	ready(metav1.ConditionTrue, v1alpha1.ReasonComplete)
}

// An approval that was given in urgency is ratified by one meeting, or not, and no other decides it again.
func TestUrgentApprovalIsRatifiedOnce(t *testing.T) {
	b := newBoard(t)
	setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.SteeringCommitteeRef = &v1alpha1.NameReference{Name: b.committee} })
	for outcome, reason := range map[v1alpha1.Outcome]string{v1alpha1.OutcomeApproved: v1alpha1.ReasonRatified,
		v1alpha1.OutcomeDenied: v1alpha1.ReasonRatificationRefused} {
		a := b.application(v1alpha1.ChangeIntroduction)
		a.Spec.Urgency = &v1alpha1.Urgency{Reason: "法令改正"}
		a.Spec.Necessity, a.Spec.Cost, a.Spec.Effect, a.Spec.Alternatives = "要", "百万円", "有", "無"
		must(t, b.as(departmentHead).Create(t.Context(), a))
		must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionApproved))
		ratified := func(want metav1.ConditionStatus, reason string) {
			t.Helper()
			eventually(t, reason, func(ctx context.Context) error {
				if err := env.admin.Get(ctx, client.ObjectKeyFromObject(a), a); err != nil {
					return err
				}
				return condition(a.Status.Conditions, v1alpha1.ConditionRatified, want, reason)
			})
		}
		ratified(metav1.ConditionFalse, v1alpha1.ReasonRatificationOpen)
		b.confirmed(t, onAgenda(a.Name, "")) // which decides nothing
		b.confirmed(t, onAgenda(a.Name, outcome))
		want := metav1.ConditionFalse
		if reason == v1alpha1.ReasonRatified {
			want = metav1.ConditionTrue
		}
		ratified(want, reason)
		for _, again := range []v1alpha1.Outcome{v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied} {
			refused(t, confirm(b.as(theCIO), b.written(t, onAgenda(a.Name, again)).Name), a.Name, "別の会議")
		}
		ratified(want, reason)
	}
}
