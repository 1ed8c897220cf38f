package statemachine

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

const (
	// steps of one case.
	steps = 90
	// rounds of as many cases as the flag rapid.checks says; more of them, up to most, while they saw too little.
	rounds, most = 4, 60
)

// worthSeeing is what the random cases have to come by, for the property to have been tried on anything.
var worthSeeing = []string{"by a meeting", "in urgency", "without a committee", "a minor change", "with a consent",
	"their own, by a meeting", "Denied", "Returned", "Revoked", "ratified", "ratified too late", "not ratified", "lapsed",
	"a consent revoked", "two confirmed at once", "ratified and refused at once", "an answer"}

// No sequence of writes, by anybody, reaches an approval, or one in effect, except along the way of articles 12 to 24.
func TestOnlyTheRegulationsPathReachesAnApproval(t *testing.T) {
	seen := map[string]int{}
	walk := func(t *rapid.T) {
		w := newWorld(t, seen)
		ways := map[string]func(){"nothing": func() {}, "draft": w.draft, "edit": w.edit, "decide": w.decide, "ask": w.ask,
			"consent": w.consent, "record": w.record, "confirm": w.confirm, "confirm two": w.confirmTwo, "remove": w.remove,
			"compose": w.compose, "pass": w.pass, "appoint": w.appoint, "proceed": w.proceed, "ratify": w.ratify}
		often := []string{"nothing", "draft", "draft", "draft", "proceed", "proceed", "proceed", "proceed", "ratify", "ratify",
			"decide", "decide", "decide", "record", "record", "confirm", "confirm", "edit", "ask", "ask", "consent", "consent",
			"confirm two", "pass", "pass", "remove", "compose", "appoint"}
		for range steps {
			w.what = pick(w, "step", often...)
			ways[w.what]()
			w.stands()
		}
	}
	unseen := worthSeeing
	for round := 0; round < rounds || round < most && len(unseen) > 0; round++ {
		if rapid.Check(t, walk); t.Failed() {
			return
		}
		unseen = slices.DeleteFunc(slices.Clone(worthSeeing), func(way string) bool { return seen[way] > 0 })
	}
	t.Logf("seen: %v", seen)
	if len(unseen) > 0 {
		t.Errorf("nothing came about so: %q", unseen)
	}
}

// wrongIf fails with what happened against an article.
func (w *world) wrongIf(wrong bool, format string, arguments ...any) {
	w.Helper()
	if wrong {
		w.Fatalf(format, arguments...)
	}
}

// happens stores what was admitted, and sees that the articles let it come about.
func (w *world) happens(r write, final client.Object) {
	switch final := final.(type) {
	case *v1alpha1.ChangeApproval:
		w.applicationHappens(r, final)
	case *v1alpha1.DataUseConsent:
		w.consentHappens(r, final)
	case *v1alpha1.CommitteeMeeting:
		w.meetingHappens(r, final)
	case *v1alpha1.Committee:
		old := r.old.(*v1alpha1.Committee)
		w.wrongIf(!equality.Semantic.DeepEqual(old.Spec, final.Spec) && !holds(r.who, slices.Concat(w.cio(), w.head("digital"))),
			"%q composes a committee", r.who.Username)
	}
	w.store(r, final)
}

func (w *world) applicationHappens(r write, final *v1alpha1.ChangeApproval) {
	name := final.Name
	papers, was := w.past.submitted[name]
	switch {
	case r.object == nil:
		w.wrongIf(was, "%s goes, which was submitted", name)
	case was && !r.status:
		w.wrongIf(!equality.Semantic.DeepEqual(papers.spec, final.Spec), "%s changes after it was submitted", name)
	case r.status:
		if old := r.old.(*v1alpha1.ChangeApproval); old.Status.Decision != final.Status.Decision {
			w.decisionHappens(r.who, final)
		}
	case final.Spec.Stage == v1alpha1.StageSubmitted:
		w.submissionHappens(r.who, final)
	}
}

func (w *world) submissionHappens(who regulation.Identity, final *v1alpha1.ChangeApproval) {
	spec, name := final.Spec, final.Name
	w.wrongIf(!holds(who, w.applicants(spec.SystemRef.Name, spec.Type)), "%q applies for %s: article 12-1 or 13", who.Username, name)
	w.wrongIf(spec.Submission.By != who.Username || spec.Submission.At.Unix() != w.now().Unix(), "the stamp of %s is %+v", name,
		spec.Submission)
	if minor := spec.Type == v1alpha1.ChangeMinor; minor {
		w.wrongIf(w.widens(name, spec), "%s widens and is minor: article 13", name)
	} else {
		over, late := w.late(spec.FiscalYear)
		w.wrongIf(spec.Criteria == nil, "%s has no criteria: article 12-1", name)
		w.wrongIf(over || late && spec.Urgency == nil, "%s is too late: article 12-2", name)
		w.wrongIf(w.committee(spec.Type) != "" && (spec.Necessity == "" || spec.Cost == "" || spec.Effect == "" || spec.Alternatives == ""),
			"%s lacks papers: article 12-4", name)
	}
	for _, use := range spec.DataUse {
		manages := w.system(spec.SystemRef.Name).ManagingSectionRef.Name
		data := w.standing(use.SectionRef.Name)
		w.wrongIf(data != "" && data == w.standing(manages), "%s asks its own section: article 14-1", name)
		w.wrongIf(len(use.ResidentRegisterItems) == 0 && w.head(use.SectionRef.Name) == nil, "%s asks nobody: article 14-1", name)
	}
	if spec.AnswersRef != nil {
		answered := spec.AnswersRef.Name
		w.wrongIf(w.past.decision(answered).what != v1alpha1.DecisionReturned ||
			w.past.submitted[answered].spec.SystemRef != spec.SystemRef, "%s answers %s", name, answered)
		for other, papers := range w.past.submitted {
			w.wrongIf(papers.spec.AnswersRef != nil && papers.spec.AnswersRef.Name == answered, "%s and %s answer %s", name, other,
				answered)
		}
		w.seen["an answer"]++
	}
	w.past.submitted[name] = submitted{by: who.Username, at: w.now(), spec: *spec.DeepCopy()}
}

func (w *world) decisionHappens(who regulation.Identity, final *v1alpha1.ChangeApproval) {
	name, status, before := final.Name, &final.Status, w.past.decision(final.Name).what
	papers, was := w.past.submitted[name]
	spec, what := papers.spec, status.Decision
	w.wrongIf(!was, "%s is decided and was never submitted: article 12-1", name)
	w.wrongIf(before != "" && (before != v1alpha1.DecisionApproved || what != v1alpha1.DecisionRevoked) || before == "" &&
		what == v1alpha1.DecisionRevoked || what == "", "the decision on %s goes from %q to %q", name, before, what)
	w.wrongIf(who.Username == v1alpha1.OperatorUsername || !holds(who, w.deciders(spec.SystemRef.Name, spec.Type)),
		"%q decides %s: article 12-4 or 13", who.Username, name)
	w.wrongIf(status.DecidedBy != who.Username || status.DecidedAt.Unix() != w.now().Unix() || status.DecidedGeneration != final.Generation,
		"the stamp of %s is %+v", name, status)
	entry := decided{what: what, at: status.DecidedAt.Time}
	committee := w.committee(spec.Type)
	m := w.lastMeeting(committee, name)
	carries := m != nil && string(m.outcome(name)) == string(what)
	w.wrongIf(who.Username == papers.by && !carries, "%q decides their own %s", who.Username, name)
	w.wrongIf(m != nil && !carries && what != v1alpha1.DecisionRevoked, "%s is %s, and meeting %+v decided otherwise: article 12-5",
		name, what, m)
	w.wrongIf(carries != (status.MeetingRef != nil) || carries && status.MeetingRef.Name != m.name, "%s names meeting %v", name,
		status.MeetingRef)
	w.wrongIf(what == v1alpha1.DecisionDenied && committee != "" && !carries, "no meeting denied %s: article 12-4", name)
	if what == v1alpha1.DecisionApproved {
		entry.by = w.approvalHappens(name, status, carries)
	}
	w.seen[string(what)]++
	if what == v1alpha1.DecisionApproved && who.Username == papers.by {
		w.seen["their own, by a meeting"]++
	}
	entry.stamped = *status.DeepCopy()
	w.past.decided[name] = append(w.past.decided[name], entry)
}

// approvalHappens looks at what an approval rests on, and returns by when it is to be ratified.
func (w *world) approvalHappens(name string, status *v1alpha1.ChangeApprovalStatus, carried bool) (by time.Time) {
	spec := w.past.submitted[name].spec
	w.wrongIf(!w.consented(name), "%s is approved without the consent to its use of data: article 14-1", name)
	if len(spec.DataUse) > 0 && len(spec.DataUse[0].ResidentRegisterItems) == 0 {
		w.seen["with a consent"]++
	}
	switch committee := w.committee(spec.Type); {
	case spec.Type == v1alpha1.ChangeMinor:
		w.wrongIf(w.widens(name, spec), "%s widens and is minor: article 13", name)
		w.seen["a minor change"]++
	case committee == "":
		w.seen["without a committee"]++
	case carried:
		w.seen["by a meeting"]++
	default:
		w.wrongIf(spec.Urgency == nil || spec.Urgency.Reason == "", "%s is approved without a meeting: article 12-4", name)
		for other, papers := range w.past.submitted {
			w.wrongIf(other != name && w.owes(other) && w.manages(papers.spec) == w.manages(spec) && w.manages(spec) != "",
				"%s is approved in urgency, and %s waits for its ratification", name, other)
		}
		days := cmp.Or(w.regulation().RatificationDays, 30)
		by = status.DecidedAt.AddDate(0, 0, int(days))
		w.seen["in urgency"]++
	}
	w.wrongIf(by.IsZero() != (status.RatifyBy == nil) || status.RatifyBy != nil && !status.RatifyBy.Time.Equal(by),
		"%s is to be ratified by %s", name, status.RatifyBy)
	return by
}

// manages is the section that manages the system of an application today.
func (w *world) manages(spec v1alpha1.ChangeApprovalSpec) string {
	return w.standing(w.system(spec.SystemRef.Name).ManagingSectionRef.Name)
}

func (w *world) consentHappens(r write, final *v1alpha1.DataUseConsent) {
	name, use := final.Spec.ApplicationRef.Name, final.Spec.Use
	papers := w.past.submitted[name]
	key := [2]string{name, use.Name}
	switch {
	case r.object == nil:
		w.wrongIf(final.Status.Decision != "", "the consent %s goes, which was decided", final.Name)
	case r.old == nil:
		w.wrongIf(r.who.Username != v1alpha1.OperatorUsername, "%q makes a consent", r.who.Username)
		w.wrongIf(len(papers.spec.DataUse) != 1 || !equality.Semantic.DeepEqual(papers.spec.DataUse[0], use),
			"a consent is for %+v, which %s does not use", use, name)
	case r.old.(*v1alpha1.DataUseConsent).Status.Decision != final.Status.Decision:
		before := w.past.consents[key]
		w.wrongIf(r.who.Username == v1alpha1.OperatorUsername || !holds(r.who, w.head(use.SectionRef.Name)),
			"%q decides on data of %s: article 14-1", r.who.Username, use.SectionRef.Name)
		w.wrongIf(final.Status.DecidedBy != r.who.Username || final.Status.DecidedAt.Unix() != w.now().Unix(),
			"the stamp of consent %s is %+v", final.Name, final.Status)
		revoked := final.Status.Decision == v1alpha1.DecisionRevoked
		w.wrongIf(revoked != (before == v1alpha1.DecisionApproved), "a consent goes from %q to %q", before, final.Status.Decision)
		w.wrongIf(!revoked && w.past.decision(name).what != "", "a consent comes after the decision")
		if revoked && w.effective(name) {
			w.seen["a consent revoked"]++
		}
		w.past.consents[key] = final.Status.Decision
	}
}

func (w *world) meetingHappens(r write, final *v1alpha1.CommitteeMeeting) {
	old, _ := r.old.(*v1alpha1.CommitteeMeeting)
	was := old != nil && old.Status.State != ""
	committee := w.objects["Committee/"+final.Spec.CommitteeRef.Name].(*v1alpha1.Committee).Spec
	switch {
	case r.object == nil || !r.status:
		changed := old == nil || r.object == nil || !equality.Semantic.DeepEqual(old.Spec, final.Spec)
		w.wrongIf(was && changed, "the record of %s was confirmed and changes: article 18", final.Name)
		w.wrongIf(changed && !holds(r.who, w.secretariat(committee)), "%q writes the record of %s: article 19-3",
			r.who.Username, final.Name)
	case !was && final.Status.State != "":
		w.confirmationHappens(r.who, final)
	}
}

func (w *world) confirmationHappens(who regulation.Identity, final *v1alpha1.CommitteeMeeting) {
	record := final.Spec
	w.wrongIf(who.Username == v1alpha1.OperatorUsername || !holds(who, w.cio()), "%q confirms %s: article 18", who.Username, final.Name)
	w.wrongIf(!w.quorate(record), "%s is not quorate: article 19-1", final.Name)
	w.wrongIf(record.HeldOn > w.today(), "%s is to come", final.Name)
	w.wrongIf(final.Status.ConfirmedBy != who.Username || final.Status.ConfirmedAt.Unix() != w.now().Unix() ||
		final.Status.ConfirmedGeneration != final.Generation, "the stamp of %s is %+v", final.Name, final.Status)
	m := meeting{name: final.Name, committee: record.CommitteeRef.Name, held: record.HeldOn, at: final.Status.ConfirmedAt.Time,
		spec: *record.DeepCopy(), status: *final.Status.DeepCopy()}
	for _, item := range record.Agenda {
		name := item.ApplicationRef.Name
		papers, was := w.past.submitted[name]
		w.wrongIf(!was || v1alpha1.Date(papers.at.In(jst).Format(time.DateOnly)) > record.HeldOn,
			"%s was not before the committee when %s met: article 12-4", name, final.Name)
		w.wrongIf(papers.spec.Type == v1alpha1.ChangeMinor, "%s is minor: article 13", name)
		d := w.past.decision(name)
		w.wrongIf(item.Outcome != "" && d.what == v1alpha1.DecisionApproved && !d.by.IsZero() && m.committee == steering &&
			w.ratifying(steering, name) != nil, "%s decides %s, which a meeting has ratified or refused", final.Name, name)
	}
	w.past.meetings = append(w.past.meetings, m)
}

// stands sees that what stands in the cluster is what happened, and that nothing is in effect that is not by the articles.
func (w *world) stands() {
	for i := range w.past.meetings {
		m := &w.past.meetings[i]
		stored := w.objects["CommitteeMeeting/"+m.name].(*v1alpha1.CommitteeMeeting)
		w.wrongIf(!equality.Semantic.DeepEqual(stored.Spec, m.spec) || !equality.Semantic.DeepEqual(stored.Status, m.status),
			"%s was confirmed as %+v, and is %+v", m.name, m, stored)
	}
	for _, a := range allOf[*v1alpha1.ChangeApproval](w.cluster) {
		name, d := a.Name, w.past.decision(a.Name)
		w.wrongIf(!equality.Semantic.DeepEqual(a.Status, d.stamped), "%s says %+v and was decided as %+v", name, a.Status, d.stamped)
		if d.what != v1alpha1.DecisionApproved {
			continue
		}
		papers, err := register.Live(w.cluster.key).Case(context.Background(), w.cluster, a)
		w.wrongIf(err != nil, "%v", err)
		organisation, err := register.Organisation(context.Background(), w.cluster, w.now())
		w.wrongIf(err != nil, "%v", err)
		state, effective := clearance.Approval(papers, organisation), w.effective(name)
		w.wrongIf(effective != (state == clearance.StateInEffect), "%s is %s, and by the articles in effect: %t", name, state, effective)
		w.countRatification(name, d)
	}
}

func (w *world) countRatification(name string, d decided) {
	m := w.ratifying(steering, name)
	switch {
	case d.by.IsZero():
	case m == nil && !w.now().Before(d.by):
		w.seen["lapsed"]++
	case m == nil:
	case m.outcome(name) == v1alpha1.OutcomeApproved && m.at.Before(d.by):
		w.seen["ratified"]++
	case m.outcome(name) == v1alpha1.OutcomeApproved:
		w.seen["ratified too late"]++
	default:
		w.seen["not ratified"]++
	}
	if m == nil || d.by.IsZero() {
		return
	}
	for i := range w.past.meetings {
		if other := &w.past.meetings[i]; other.at.Equal(m.at) && other.committee == steering && other.outcome(name) != "" &&
			other.outcome(name) != m.outcome(name) {
			w.seen["ratified and refused at once"]++
		}
	}
}
