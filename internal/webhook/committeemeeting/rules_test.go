package committeemeeting

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
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/attest"
)

// now is noon of 1 June in Japan, and still 31 May in places west of it.
var now = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// key seals what the tests stamp.
var key = func() ledger.Key {
	key, err := ledger.NewKey()
	if err != nil {
		panic(err)
	}
	return key
}()

// The people: who chairs, who heads and who is of the secretariat, and others.
const (
	chair, head, member = "cio", "digital-head", "digital-member"
	anybody, taxHead    = "anybody", "tax-head"
)

func organisation() regulation.Organisation {
	user := func(name string) v1alpha1.Subject { return v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: name} }
	return regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"},
		}},
		Departments: map[string]*v1alpha1.Department{"management": {ObjectMeta: metav1.ObjectMeta{Name: "management"},
			Spec: v1alpha1.DepartmentSpec{DisplayName: "管理部",
				Head: v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{user(chair), user(v1alpha1.OperatorUsername)}}}}},
		Sections: map[string]*v1alpha1.ManagingSection{
			"digital": {ObjectMeta: metav1.ObjectMeta{Name: "digital"}, Spec: v1alpha1.ManagingSectionSpec{DisplayName: "デジタル推進課",
				Head:    v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{user(head)}},
				Members: []v1alpha1.Subject{user(member)}}},
			"tax": {ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ManagingSectionSpec{DisplayName: "税務課",
				Head: v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{user(taxHead)}}}},
		},
		Now: now,
	}
}

// committee of six, of whom four make a majority.
func committee() *v1alpha1.Committee {
	c := &v1alpha1.Committee{ObjectMeta: metav1.ObjectMeta{Name: "steering"}, Spec: v1alpha1.CommitteeSpec{DisplayName: "運営委員会",
		Quorum: v1alpha1.QuorumMajority, SecretariatRef: v1alpha1.NameReference{Name: "digital"}}}
	for _, seat := range []string{"a", "b", "c", "d", "e"} {
		c.Spec.Members = append(c.Spec.Members, v1alpha1.CommitteeMember{Name: seat, Title: seat})
	}
	c.Spec.AdHocMembers = []v1alpha1.CommitteeMember{{Name: "guest", Title: "臨時"}}
	return c
}

func meeting(change ...func(*v1alpha1.CommitteeMeeting)) *v1alpha1.CommitteeMeeting {
	m := &v1alpha1.CommitteeMeeting{ObjectMeta: metav1.ObjectMeta{Name: "r8-1", Generation: 3}, Spec: v1alpha1.CommitteeMeetingSpec{
		CommitteeRef: v1alpha1.NameReference{Name: "steering"}, HeldOn: "2026-06-01", Attendees: []string{"a", "b", "c", "guest"}}}
	for _, f := range change {
		f(m)
	}
	return m
}

func confirmed(m *v1alpha1.CommitteeMeeting) {
	at := metav1.NewTime(now.Add(-time.Hour))
	m.Status = v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: chair, ConfirmedAt: &at,
		ConfirmedGeneration: m.Generation, Attendance: &v1alpha1.Attendance{Attended: 4, Seats: 6, Quorum: 4}}
}

func attended(names ...string) func(*v1alpha1.CommitteeMeeting) {
	return func(m *v1alpha1.CommitteeMeeting) { m.Spec.Attendees = names }
}

func heldOn(day v1alpha1.Date) func(*v1alpha1.CommitteeMeeting) {
	return func(m *v1alpha1.CommitteeMeeting) { m.Spec.HeldOn = day }
}

// check compares a refusal with what is wanted, and sees that it can be said.
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

func TestRecordIsTheSecretariats(t *testing.T) {
	abolished := organisation()
	day := v1alpha1.Date("2026-06-01")
	abolished.Sections["digital"].Spec.AbolishedOn = &day
	another := meeting(func(m *v1alpha1.CommitteeMeeting) { m.Spec.Guests = []string{"財政担当"} })
	for name, test := range map[string]struct {
		who          string
		old, object  *v1alpha1.CommitteeMeeting
		organisation *regulation.Organisation
		gone         bool
		want         message.ID
		words        []string
	}{
		"made by the head":         {who: head, object: meeting()},
		"made by a member":         {who: member, object: meeting()},
		"made by another section":  {who: taxHead, object: meeting(), want: message.NotSecretariat, words: []string{"デジタル推進課"}},
		"made by the chair":        {who: chair, object: meeting(), want: message.NotSecretariat},
		"made by the operator":     {who: v1alpha1.OperatorUsername, object: meeting(), want: message.NotSecretariat},
		"made by nobody":           {who: "", object: meeting(), want: message.NotSecretariat},
		"changed by a member":      {who: member, old: meeting(), object: another},
		"changed by the chair":     {who: chair, old: meeting(), object: another, want: message.NotSecretariat},
		"nothing of it changed":    {who: anybody, old: meeting(), object: meeting()},
		"nothing, when confirmed":  {who: anybody, old: meeting(confirmed), object: meeting(confirmed)},
		"changed when confirmed":   {who: head, old: meeting(confirmed), object: another, want: message.MeetingFrozen, words: []string{chair}},
		"no committee":             {who: head, object: meeting(), gone: true, want: message.CommitteeNotFound, words: []string{"steering"}},
		"section abolished":        {who: head, object: meeting(), organisation: &abolished, want: message.NotSecretariat},
		"a day of the calendar":    {who: head, object: meeting(heldOn("2028-02-29"))},
		"no day of the calendar":   {who: head, object: meeting(heldOn("2027-02-29")), want: message.MeetingDayBad, words: []string{"2027-02-29"}},
		"attendees without a seat": {who: head, object: meeting(attended("a", "z", "y")), want: message.AttendeesWithoutSeat, words: []string{"z、y"}},
		"too few is no matter yet": {who: head, object: meeting(attended("a"))},
	} {
		t.Run(name, func(t *testing.T) {
			r, w := rules{committee: committee()}, write{Created: test.old == nil, Old: test.old, Object: test.object,
				Identity: regulation.Identity{Username: test.who}, Organisation: organisation()}
			if test.old == nil {
				w.Old = &v1alpha1.CommitteeMeeting{}
			}
			if test.organisation != nil {
				w.Organisation = *test.organisation
			}
			if test.gone {
				r.committee = nil
			}
			_, refused := r.Review(w)
			check(t, name, refused, test.want, test.words...)
		})
	}
}

func TestDeletion(t *testing.T) {
	for name, test := range map[string]struct {
		who    string
		object *v1alpha1.CommitteeMeeting
		want   message.ID
	}{
		"by the secretariat":        {head, meeting(), ""},
		"by a member":               {member, meeting(), ""},
		"by the chair":              {chair, meeting(), message.NotSecretariat},
		"by anybody":                {anybody, meeting(), message.NotSecretariat},
		"confirmed, by the head":    {head, meeting(confirmed), message.MeetingStays},
		"confirmed, by the chair":   {chair, meeting(confirmed), message.MeetingStays},
		"confirmed, by an operator": {v1alpha1.OperatorUsername, meeting(confirmed), message.MeetingStays},
	} {
		refused := rules{committee: committee()}.Delete(write{Old: &v1alpha1.CommitteeMeeting{}, Object: test.object,
			Identity: regulation.Identity{Username: test.who}, Organisation: organisation()})
		check(t, name, refused, test.want)
	}
}

// confirmation is a write by which somebody confirms a record.
func confirmation(who string, old *v1alpha1.CommitteeMeeting) write {
	object := old.DeepCopy()
	object.Status.State = v1alpha1.MeetingConfirmed
	return write{Old: old, Object: object, Status: true, Identity: regulation.Identity{Username: who}, Organisation: organisation(),
		Key: key}
}

func TestConfirmation(t *testing.T) {
	for name, test := range map[string]struct {
		who   string
		old   *v1alpha1.CommitteeMeeting
		rules func(*rules)
		want  message.ID
		words []string
	}{
		"by the chair":                {who: chair, old: meeting()},
		"by the head of secretariat":  {who: head, old: meeting(), want: message.NotChair, words: []string{"管理部長"}},
		"by anybody":                  {who: anybody, old: meeting(), want: message.NotChair},
		"by the operator, who chairs": {who: v1alpha1.OperatorUsername, old: meeting(), want: message.NotChair},
		"all attended":                {who: chair, old: meeting(attended("a", "b", "c", "d", "e", "guest"))},
		"half attended": {who: chair, old: meeting(attended("a", "b", "c")), want: message.QuorumMissed,
			words: []string{"6人中3人", "4人"}},
		"nobody attended": {who: chair, old: meeting(attended()), want: message.QuorumMissed},
		"no quorum is asked for": {who: chair, old: meeting(attended()), rules: func(r *rules) {
			r.committee.Spec.Quorum = v1alpha1.QuorumNone
		}},
		"the committee grew since": {who: chair, old: meeting(), rules: func(r *rules) {
			r.committee.Spec.AdHocMembers = append(r.committee.Spec.AdHocMembers, v1alpha1.CommitteeMember{Name: "x"},
				v1alpha1.CommitteeMember{Name: "y"})
		}, want: message.QuorumMissed},
		"an attendee lost the seat": {who: chair, old: meeting(), rules: func(r *rules) { r.committee.Spec.AdHocMembers = nil },
			want: message.AttendeesWithoutSeat, words: []string{"guest"}},
		"the committee is gone": {who: chair, old: meeting(), rules: func(r *rules) { r.committee = nil }, want: message.CommitteeNotFound},
		"held yesterday":        {who: chair, old: meeting(heldOn("2026-05-31"))},
		"to be held tomorrow": {who: chair, old: meeting(heldOn("2026-06-02")), want: message.MeetingToCome,
			words: []string{"2026-06-02", "2026-06-01"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rules{committee: committee()}
			if test.rules != nil {
				test.rules(&r)
			}
			w := confirmation(test.who, test.old)
			stamped, refused := r.Review(w)
			check(t, name, refused, test.want, test.words...)
			if refused != nil {
				return
			}
			count, _ := procedure.Attendance(r.committee, test.old.Spec.Attendees)
			at := metav1.NewTime(now)
			want := v1alpha1.CommitteeMeetingStatus{State: v1alpha1.MeetingConfirmed, ConfirmedBy: chair, ConfirmedAt: &at,
				ConfirmedGeneration: 3, Attendance: &count, Seal: stamped.Status.Seal}
			if key.Meeting(stamped) != stamped {
				t.Error("a confirmed record bears no seal")
			}
			if diff := cmp.Diff(want, stamped.Status); diff != "" {
				t.Errorf("stamped (-want +got):\n%s", diff)
			}
			if !procedure.Binding(stamped) {
				t.Error("a confirmed record binds nobody")
			}
		})
	}
	w := confirmation(chair, meeting())
	w.Organisation.Regulation = nil
	_, refused := rules{committee: committee()}.Review(w)
	check(t, "no regulation", refused, message.NoRegulationYet)
}

// The day of a meeting is one of the regulation's time zone.
func TestDayOfTheMeetingIsLocal(t *testing.T) {
	for zone, want := range map[string]message.ID{"Asia/Tokyo": "", "America/Los_Angeles": message.MeetingToCome} {
		w := confirmation(chair, meeting())
		w.Organisation.Regulation.Spec.TimeZone = zone
		_, refused := rules{committee: committee()}.Review(w)
		check(t, zone, refused, want)
	}
}

func TestAgenda(t *testing.T) {
	day := func(day, hour int) metav1.Time {
		return metav1.NewTime(time.Date(2026, 5, day, hour, 0, 0, 0, time.UTC))
	}
	by := func(at metav1.Time) *v1alpha1.Submission { return &v1alpha1.Submission{By: "x", At: at} }
	decidedAt, ratifyBy := day(20, 0), day(30, 0)
	urgent := v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecidedAt: &decidedAt, RatifyBy: &ratifyBy}
	elsewhere := *meeting(confirmed, func(m *v1alpha1.CommitteeMeeting) {
		m.Name, m.Spec.Agenda = "r8-0", []v1alpha1.AgendaItem{{ApplicationRef: v1alpha1.NameReference{Name: "a"}, Outcome: "Approved"}}
	})
	decided := func(d v1alpha1.Decision) v1alpha1.ChangeApprovalStatus {
		return v1alpha1.ChangeApprovalStatus{Decision: d}
	}
	all := []v1alpha1.Outcome{"", "Approved", "Denied", "Returned"}
	none := []v1alpha1.Outcome{""}
	for name, test := range map[string]struct {
		kind       v1alpha1.ChangeType
		stage      v1alpha1.ApplicationStage
		submission *v1alpha1.Submission
		status     v1alpha1.ChangeApprovalStatus
		meetings   []v1alpha1.CommitteeMeeting
		// fine are the outcomes that a meeting may have had; every other is refused as want.
		fine []v1alpha1.Outcome
		want string
	}{
		"undecided":                    {fine: all},
		"submitted on the day":         {submission: by(metav1.NewTime(now)), fine: all},
		"submitted in its last minute": {submission: by(metav1.NewTime(now.Add(11*time.Hour + 59*time.Minute))), fine: all},
		"submitted after the day":      {submission: by(metav1.NewTime(now.Add(12 * time.Hour))), want: "2026-06-02"},
		"a draft":                      {stage: v1alpha1.StageDraft, want: "提出されていません"},
		"a minor change":               {kind: v1alpha1.ChangeMinor, want: "軽易な変更"},
		"approved":                     {status: decided("Approved"), fine: append(none, "Approved"), want: "既に決定"},
		"denied":                       {status: decided("Denied"), fine: append(none, "Denied"), want: "既に決定"},
		"returned":                     {status: decided("Returned"), fine: append(none, "Returned"), want: "既に決定"},
		"revoked":                      {status: decided("Revoked"), fine: append(none, "Denied"), want: "既に決定"},
		"approved in urgency":          {status: urgent, fine: all},
		"ratified already":             {status: urgent, meetings: []v1alpha1.CommitteeMeeting{elsewhere}, fine: none, want: "別の会議"},
	} {
		for _, outcome := range all {
			t.Run(name+" "+string(outcome), func(t *testing.T) {
				application := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: v1alpha1.ChangeApprovalSpec{
					Type: v1alpha1.ChangeIntroduction, Stage: v1alpha1.StageSubmitted, Submission: by(day(10, 0))}, Status: test.status}
				if test.kind != "" {
					application.Spec.Type = test.kind
				}
				if test.stage != "" {
					application.Spec.Stage, application.Spec.Submission = test.stage, nil
				}
				if test.submission != nil {
					application.Spec.Submission = test.submission
				}
				r := rules{committee: committee(), agenda: map[string]procedure.Case{
					"a": {Application: application, Meetings: test.meetings}}}
				_, refused := r.Review(confirmation(chair, meeting(func(m *v1alpha1.CommitteeMeeting) {
					m.Spec.Agenda = []v1alpha1.AgendaItem{{ApplicationRef: v1alpha1.NameReference{Name: "a"}, Outcome: outcome}}
				})))
				if slices.Contains(test.fine, outcome) {
					check(t, name, refused, "")
				} else {
					check(t, name, refused, message.AgendaRefused, test.want)
				}
			})
		}
	}
	_, refused := rules{committee: committee()}.Review(confirmation(chair, meeting(func(m *v1alpha1.CommitteeMeeting) {
		for _, name := range []string{"gone", "lost"} {
			m.Spec.Agenda = append(m.Spec.Agenda, v1alpha1.AgendaItem{ApplicationRef: v1alpha1.NameReference{Name: name}})
		}
	})))
	check(t, "no application", refused, message.AgendaRefused, "gone", "lost")
}

func TestStatusIsStamped(t *testing.T) {
	at := metav1.NewTime(now)
	forge := map[string]func(*v1alpha1.CommitteeMeetingStatus){
		"confirmedBy":         func(s *v1alpha1.CommitteeMeetingStatus) { s.ConfirmedBy = "forger" },
		"confirmedAt":         func(s *v1alpha1.CommitteeMeetingStatus) { s.ConfirmedAt = &at },
		"confirmedGeneration": func(s *v1alpha1.CommitteeMeetingStatus) { s.ConfirmedGeneration = 9 },
		"attendance":          func(s *v1alpha1.CommitteeMeetingStatus) { s.Attendance = &v1alpha1.Attendance{Attended: 6} },
		"seal":                func(s *v1alpha1.CommitteeMeetingStatus) { s.Seal = "forged" },
		"conditions": func(s *v1alpha1.CommitteeMeetingStatus) {
			s.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionQuorate, Status: metav1.ConditionTrue}}
		},
	}
	r := rules{committee: committee()}
	for field, forge := range forge {
		for name, old := range map[string]*v1alpha1.CommitteeMeeting{"waiting": meeting(), "confirmed": meeting(confirmed)} {
			for _, who := range []string{chair, head, anybody, v1alpha1.OperatorUsername} {
				w := confirmation(who, old)
				w.Object.Status.State = old.Status.State
				forge(&w.Object.Status)
				want := message.MeetingStampForged
				switch {
				case field == "conditions" && who == v1alpha1.OperatorUsername:
					want = ""
				case field == "conditions":
					want = message.MeetingConditions
				case who == v1alpha1.OperatorUsername:
					want = message.NotChair
				}
				_, refused := r.Review(w)
				check(t, field+" "+name+" "+who, refused, want)
			}
			w := confirmation(chair, old) // beside an honest confirmation
			forge(&w.Object.Status)
			if _, refused := r.Review(w); refused == nil {
				t.Errorf("%s is forged beside a confirmation", field)
			}
		}
	}
	w := confirmation(chair, meeting(confirmed))
	w.Object.Status.State = ""
	_, refused := r.Review(w)
	check(t, "taken back", refused, message.MeetingFrozen)
}

// What the validating webhook takes off is what the mutating webhook put on, and no more.
func TestUnstamped(t *testing.T) {
	r, w := rules{committee: committee()}, confirmation(chair, meeting())
	before := w.Object.DeepCopy()
	stamped, refused := r.Review(w)
	check(t, "confirmed", refused, "")
	w.Object = stamped
	if at := r.StampedAt(w); at == nil || !at.Time.Equal(now) {
		t.Errorf("stamped at %v", at)
	}
	if diff := cmp.Diff(before, r.Unstamped(w)); diff != "" {
		t.Errorf("unstamped (-want +got):\n%s", diff)
	}
	w.Identity.Username = v1alpha1.OperatorUsername
	if r.Unstamped(w) != w.Object || r.StampedAt(w) != nil {
		t.Error("what the operator writes is no stamp to take off")
	}
}
