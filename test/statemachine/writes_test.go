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

// request has a write judged, and what it leads to looked at.
func (w *world) request(r write) {
	if final := w.admit(r); final != nil {
		w.happens(r, final)
	}
}

func one[T any](w *world, label string, from []T) (T, bool) {
	var none T
	if len(from) == 0 {
		return none, false
	}
	return rapid.SampledFrom(from).Draw(w.T, label), true
}

func (w *world) change() v1alpha1.ChangeType {
	return pick(w, "type", v1alpha1.ChangeIntroduction, v1alpha1.ChangeMinor, v1alpha1.ChangeModification, v1alpha1.ChangeComputerization)
}

func (w *world) scope() v1alpha1.ApprovalScope {
	scope := v1alpha1.ApprovalScope{
		Images: pick(w, "images", []v1alpha1.ImagePattern{"registry.example/web:1.*"}, nil, nil,
			[]v1alpha1.ImagePattern{"registry.example/web:2", "registry.example/api:1"}, []v1alpha1.ImagePattern{"bad"}),
		Namespaces: pick(w, "namespaces", nil, nil, []string{"levy-a"}, []string{"levy-a", "levy-b"}),
	}
	if w.oneIn(6, "bounded") {
		scope.NotBefore, scope.NotAfter = w.in(0, 48*time.Hour), w.in(50*time.Hour, 500*time.Hour)
	}
	if w.oneIn(10, "class") {
		scope.Classification = &v1alpha1.Classification{Confidentiality: "1", Integrity: "1", Availability: "1"}
	}
	return scope
}

func (w *world) in(durations ...time.Duration) *metav1.Time {
	at := metav1.NewTime(w.now().Add(pick(w, "in", durations...)))
	return &at
}

func (w *world) dataUse() []v1alpha1.DataUse {
	if !rapid.Bool().Draw(w.T, "uses data") {
		return nil
	}
	section := pick(w, "data of", "records", "records", "care", "tax", "digital", "nowhere")
	use := v1alpha1.DataUse{Name: "addresses", Data: "住所", SectionRef: named(section)}
	if w.oneIn(4, "exempt") {
		use.ResidentRegisterItems = []int32{7}
	}
	return []v1alpha1.DataUse{use}
}

// draft writes an application anew, submitted mostly.
func (w *world) draft() {
	name := fmt.Sprint("a", w.born)
	a := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.ChangeApprovalSpec{
		SystemRef: named(pick(w, "system", "levy", "toll", "payroll")), Type: w.change(), Scope: w.scope(), DataUse: w.dataUse(),
		FiscalYear: int32(w.now().Year() + pick(w, "year", 1, 2, 2, 0, -1)), //nolint:gosec // a year
		Stage:      pick(w, "stage", v1alpha1.StageSubmitted, v1alpha1.StageSubmitted, v1alpha1.StageDraft)}}
	if rapid.Bool().Draw(w.T, "urgent") {
		a.Spec.Urgency = &v1alpha1.Urgency{Reason: "法令改正"}
	}
	if !w.oneIn(8, "without criteria") {
		a.Spec.Criteria = &v1alpha1.Criteria{ResidentWelfare: "a", AdministrativeEfficiency: "b", PersonalInformationProtection: "c"}
	}
	if !w.oneIn(8, "without papers") {
		a.Spec.Necessity, a.Spec.Cost, a.Spec.Effect, a.Spec.Alternatives = "a", "b", "c", pick(w, "alternatives", "d", "d", "")
	}
	if answered, there := one(w, "answered", allOf[*v1alpha1.ChangeApproval](w.cluster)); there && w.oneIn(4, "answers") {
		a.Spec.AnswersRef, a.Spec.SystemRef = pointer(named(answered.Name)), answered.Spec.SystemRef
	}
	w.request(write{who: w.who(w.applicants(a.Spec.SystemRef.Name, a.Spec.Type)), object: a})
}

// proceed does with an application what is next on the regulation's way, so that sequences get far enough to go wrong late.
func (w *world) proceed() {
	a, there := one(w, "application", allOf[*v1alpha1.ChangeApproval](w.cluster))
	if !there {
		return
	}
	if a.Spec.Stage != v1alpha1.StageSubmitted {
		submitted := a.DeepCopy()
		submitted.Spec.Stage = v1alpha1.StageSubmitted
		w.request(write{who: w.who(w.applicants(a.Spec.SystemRef.Name, a.Spec.Type)), old: a, object: submitted})
		return
	}
	if len(a.Spec.DataUse) > 0 {
		w.askFor(a)
		if old, there := w.objects["DataUseConsent/"+a.Name+"-addresses"]; there {
			w.consentTo(old.(*v1alpha1.DataUseConsent), v1alpha1.DecisionApproved)
		}
	}
	outcome := pick(w, "outcome", v1alpha1.OutcomeApproved, v1alpha1.OutcomeApproved, v1alpha1.OutcomeDenied, v1alpha1.OutcomeReturned)
	if w.committee(a.Spec.Type) != "" && !w.oneIn(3, "without a meeting") {
		w.meet(a, outcome)
	}
	decision := a.DeepCopy()
	decision.Status.Decision = v1alpha1.Decision(outcome)
	w.request(write{who: w.who(w.deciders(a.Spec.SystemRef.Name, a.Spec.Type)), old: a, object: decision, status: true})
}

// meet has the steering committee meet on an application, and its record confirmed.
// meets is the record of a meeting of the steering committee at which all of its members were.
// edit changes what an application says.
func (w *world) edit() {
	old, there := one(w, "application", allOf[*v1alpha1.ChangeApproval](w.cluster))
	if !there {
		return
	}
	a := old.DeepCopy()
	switch pick(w, "what", "stage", "stage", "stage", "scope", "type", "data", "urgency", "submission", "unsubmit") {
	case "stage":
		a.Spec.Stage = v1alpha1.StageSubmitted
	case "scope":
		a.Spec.Scope = w.scope()
	case "type":
		a.Spec.Type = w.change()
	case "data":
		a.Spec.DataUse = nil
	case "urgency":
		a.Spec.Urgency = &v1alpha1.Urgency{Reason: "後から"}
	case "submission":
		a.Spec.Stage = v1alpha1.StageSubmitted
		a.Spec.Submission = &v1alpha1.Submission{By: pick(w, "by", "ann", "ben"), As: v1alpha1.RoleDepartmentHead, At: *w.in(0, -time.Hour)}
	case "unsubmit":
		a.Spec.Stage, a.Spec.Submission = v1alpha1.StageDraft, nil
	}
	w.request(write{who: w.who(w.applicants(a.Spec.SystemRef.Name, a.Spec.Type)), old: old, object: a})
}

var decisions = []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionApproved, v1alpha1.DecisionApproved,
	v1alpha1.DecisionDenied, v1alpha1.DecisionReturned, v1alpha1.DecisionRevoked, ""}

// decide writes a decision on an application, now and then with a stamp of its own.
func (w *world) decide() {
	old, there := one(w, "application", allOf[*v1alpha1.ChangeApproval](w.cluster))
	if !there {
		return
	}
	a := old.DeepCopy()
	stamp := w.oneIn(5, "with a stamp")
	if !stamp || w.oneIn(2, "and a decision") {
		a.Status.Decision = pick(w, "decision", decisions...)
	}
	if stamp {
		w.forge(&a.Status, a.Generation)
	}
	if w.oneIn(6, "with a spec") { // which counts for nothing
		a.Spec.Stage, a.Spec.DataUse, a.Spec.Type = v1alpha1.StageSubmitted, nil, w.change()
		a.Spec.Urgency = &v1alpha1.Urgency{Reason: "後から"}
	}
	r := write{who: w.who(w.deciders(a.Spec.SystemRef.Name, old.Spec.Type)), old: old, object: a, status: true}
	if w.oneIn(8, "tampered with") {
		r.tamper = func(final client.Object) { w.forge(&final.(*v1alpha1.ChangeApproval).Status, old.Generation) }
	}
	w.request(r)
}

func (w *world) forge(status *v1alpha1.ChangeApprovalStatus, generation int64) {
	at := w.in(0, -time.Hour)
	switch pick(w, "forged", "by", "as", "at", "generation", "meeting", "ratifyBy", "past", "whole") {
	case "by":
		status.DecidedBy = "ann"
	case "as":
		status.DecidedAs = v1alpha1.RoleChiefInformationOfficer
	case "at":
		status.DecidedAt = at
	case "generation":
		status.DecidedGeneration = generation
	case "meeting":
		status.MeetingRef = w.anyMeeting()
	case "ratifyBy":
		status.RatifyBy = pick(w, "until", nil, w.in(10000*time.Hour))
	case "past":
		status.PastDecisions = pick(w, "past", nil, []v1alpha1.PastDecision{{Decision: v1alpha1.DecisionApproved, By: "ann", At: *at}})
	case "whole":
		status.DecidedBy, status.DecidedAs, status.DecidedAt = "ann", v1alpha1.RoleChiefInformationOfficer, at
		status.DecidedGeneration = generation
		status.MeetingRef = w.anyMeeting()
	}
}

func (w *world) anyMeeting() *v1alpha1.NameReference {
	m, there := one(w, "meeting", allOf[*v1alpha1.CommitteeMeeting](w.cluster))
	if !there {
		return nil
	}
	return pointer(named(m.Name))
}

// ask makes a consent, as Kitei does from what was submitted, or otherwise.
func (w *world) ask() {
	a, there := one(w, "application", slices.DeleteFunc(allOf[*v1alpha1.ChangeApproval](w.cluster),
		func(a *v1alpha1.ChangeApproval) bool { return len(a.Spec.DataUse) == 0 }))
	if there {
		w.askFor(a)
	}
}

func (w *world) askFor(a *v1alpha1.ChangeApproval) {
	if w.objects["DataUseConsent/"+a.Name+"-addresses"] != nil { // Kitei asks once
		return
	}
	consent := &v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: a.Name + "-addresses"},
		Spec: v1alpha1.DataUseConsentSpec{ApplicationRef: named(a.Name), ApplicationUID: string(a.UID), Use: a.Spec.DataUse[0]}}
	switch pick(w, "how", "rightly", "rightly", "rightly", "of another", "for another", "decided") {
	case "of another":
		consent.Spec.Use.SectionRef = named(pick(w, "of", "care", "tax"))
	case "for another":
		consent.Spec.ApplicationUID = "uid-1"
	case "decided":
		consent.Status.Decision = v1alpha1.DecisionApproved
	}
	w.request(write{who: w.who([]v1alpha1.Subject{user(v1alpha1.OperatorUsername)}), object: consent})
}

func (w *world) consent() {
	if old, there := one(w, "consent", allOf[*v1alpha1.DataUseConsent](w.cluster)); there {
		w.consentTo(old, pick(w, "decision", v1alpha1.DecisionRevoked, v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, ""))
	}
}

func (w *world) consentTo(old *v1alpha1.DataUseConsent, decision v1alpha1.Decision) {
	c := old.DeepCopy()
	c.Status.Decision = decision
	if w.oneIn(6, "with a stamp") {
		c.Status.DecidedBy, c.Status.DecidedAs = pick(w, "by", "ann", "ben"), v1alpha1.RoleDataSectionHead
		c.Status.DecidedAt = w.in(0, -time.Hour)
	}
	if w.oneIn(6, "with a spec") {
		c.Spec.Use.SectionRef = named("tax")
	}
	w.request(write{who: w.who(w.head(old.Spec.Use.SectionRef.Name)), old: old, object: c, status: !w.oneIn(8, "as the spec")})
}

// record writes the record of a meeting, a new one or again.
// confirmation of a record, for a write.
// confirmTwo has two records confirmed at once that say different things of one application: neither request sees what the other
// does.
// ratify takes an approval in urgency before the committee, in time or not.
// remove deletes anything.
func (w *world) remove() {
	old, there := one(w, "object", slices.Concat(w.all("ChangeApproval"), w.all("DataUseConsent"), w.all("CommitteeMeeting")))
	if there {
		w.request(write{who: pick(w, "who", people...), old: old})
	}
}

// compose changes who sits on a committee.
func (w *world) compose() {
	old := w.objects["Committee/"+pick(w, "committee", steering, security)].(*v1alpha1.Committee)
	c := old.DeepCopy()
	c.Spec = w.seats()
	w.request(write{who: w.who(slices.Concat(w.cio(), w.head("digital"))), old: old, object: c})
}

// pass lets time go by.
func (w *world) pass() {
	hours := pick(w, "hours", 0, 1, 1, 24, 5*24, 11*24, 31*24)
	w.clock.SetTime(w.now().Add(time.Duration(hours)*time.Hour + time.Second))
}

// appoint gives an office to somebody else, or changes who decides or follows: the register's to write, and Kitei asks nobody.
func (w *world) appoint() {
	switch pick(w, "what", "section", "department", "abolished", "committee") {
	case "section":
		w.section(pick(w, "section", "digital", "tax", "care", "records")).Head.Subjects = w.subjects("head")
	case "department":
		w.objects["Department/"+pick(w, "department", "management", "finance", "welfare")].(*v1alpha1.Department).Spec.
			Head.Subjects = w.subjects("head")
	case "abolished":
		section := w.section(pick(w, "section", "care", "records", "tax"))
		section.AbolishedOn = pointer(v1alpha1.Date(w.now().In(jst).AddDate(0, 0, pick(w, "in", 0, 3)).Format(time.DateOnly)))
		section.SuccessorRef = pick(w, "successor", pointer(named("digital")), nil)
	case "committee":
		w.regulation().SteeringCommitteeRef = pick(w, "committee", pointer(named(steering)), nil)
	}
}
