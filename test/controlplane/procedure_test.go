package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// papered fills in what the committee is to be given (article 12-4).
func papered(a *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval {
	a.Spec.Necessity, a.Spec.Cost, a.Spec.Effect, a.Spec.Alternatives = "法令改正", "百万円", "待ち時間の短縮", "検討したが無い"
	return a
}

// steered makes the board's committee the one that decides on applications, for the rest of a test.
func (b *board) steered(t *testing.T) {
	t.Helper()
	setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.SteeringCommitteeRef = &v1alpha1.NameReference{Name: b.committee} })
}

// inNamespaces gives the board's system namespaces, and makes them.
func (b *board) inNamespaces(t *testing.T, names ...string) *system {
	t.Helper()
	must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		entry := get(t, &v1alpha1.ElectronicSystem{}, "", b.name)
		entry.Spec.Namespaces = names
		entry.Spec.Classification = &v1alpha1.Classification{Confidentiality: "3B", Integrity: "2", Availability: "2"}
		return b.as(sectionHead).Update(t.Context(), entry)
	}))
	for _, name := range names {
		must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	}
	s := &system{name: names[0]}
	eventually(t, "the namespace gets a service account", func(ctx context.Context) error {
		return env.admin.Get(ctx, client.ObjectKey{Namespace: names[0], Name: "default"}, &corev1.ServiceAccount{})
	})
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNotApproved)
	return s
}

// The whole path of an introduction: what is submitted is whole and in time, the section whose data it uses consents, a quorate
// meeting approves, 情報統括責任者 records it, and the Pods that waited run. No step can be left out or taken by another.
func TestProcedureOfAnIntroduction(t *testing.T) {
	b := newBoard(t)
	b.steered(t)
	s := b.inNamespaces(t, b.name)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	s.havePods(t, 2, 0)
	head, decider := b.as(departmentHead), b.as(theCIO)

	a := b.application(v1alpha1.ChangeIntroduction)
	a.Spec.DataUse = []v1alpha1.DataUse{b.use("addresses")}
	refused(t, head.Create(t.Context(), a.DeepCopy()), "spec.necessity", "spec.alternatives", "規程第12条")
	papered(a)
	late := a.DeepCopy()
	late.Spec.FiscalYear = int32(time.Now().Year()) //nolint:gosec // a year
	refused(t, head.Create(t.Context(), late), "規程第12条第2項")
	own := a.DeepCopy()
	own.Spec.DataUse[0].SectionRef.Name = b.name + "-managing"
	refused(t, head.Create(t.Context(), own), "addresses", "規程第14条")
	unknown := a.DeepCopy()
	unknown.Spec.DataUse[0].SectionRef.Name = "nowhere"
	refused(t, head.Create(t.Context(), unknown), "nowhere", "規程第14条")
	must(t, head.Create(t.Context(), a))
	if year := a.Spec.Submission.FiscalYear; year != "令和82年度 / FY2100" {
		t.Errorf("it was submitted for %q", year)
	}

	refused(t, decide(decider, a.Name, v1alpha1.DecisionApproved), "addresses", "別課長", "規程第14条")
	settledConsent(t, a.Name+"-addresses")
	must(t, consent(b.as(dataSectionHead), a.Name+"-addresses", v1alpha1.DecisionApproved))
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied} {
		refused(t, decide(decider, a.Name, decision), b.committee, "規程第12条第4項")
	}
	below := b.written(t, onAgenda(a.Name, v1alpha1.OutcomeApproved), attendedBy("planning", "expert"))
	refused(t, confirm(decider, below.Name), "規程第19条")
	refused(t, decide(decider, a.Name, v1alpha1.DecisionApproved), b.committee)
	meeting := b.confirmed(t, onAgenda(a.Name, v1alpha1.OutcomeApproved))
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionDenied, v1alpha1.DecisionReturned} {
		refused(t, decide(decider, a.Name, decision), meeting.Name, "可決")
	}
	s.havePods(t, 2, 0)
	must(t, decide(decider, a.Name, v1alpha1.DecisionApproved))
	s.havePods(t, 0, 2)
	decided := get(t, &v1alpha1.ChangeApproval{}, "", a.Name)
	if ref := decided.Status.MeetingRef; ref == nil || ref.Name != meeting.Name || decided.Status.RatifyBy != nil {
		t.Errorf("the decision rests on %v, to be ratified by %v", ref, decided.Status.RatifyBy)
	}

	// The consent is taken back: what runs, runs, and what is new waits.
	must(t, consent(b.as(dataSectionHead), a.Name+"-addresses", v1alpha1.DecisionRevoked))
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonConsentMissing)
	s.scale(t, 3)
	s.havePods(t, 1, 2)
}

// An approval in urgency comes before its meeting, owes it, and bars the section's next one until the meeting has decided.
func TestUrgencyIsOwedToTheCommittee(t *testing.T) {
	b := newBoard(t)
	b.steered(t)
	head, decider := b.as(departmentHead), b.as(theCIO)
	urgent := func() *v1alpha1.ChangeApproval {
		a := papered(b.application(v1alpha1.ChangeIntroduction))
		a.Spec.FiscalYear, a.Spec.Urgency = int32(time.Now().Year()), &v1alpha1.Urgency{Reason: "法令改正"} //nolint:gosec // a year
		must(t, head.Create(t.Context(), a))
		return a
	}
	owes := func(count int32) {
		t.Helper()
		eventually(t, fmt.Sprintf("the section owes %d", count), func(ctx context.Context) error {
			var section v1alpha1.ManagingSection
			if err := env.admin.Get(ctx, client.ObjectKey{Name: b.name + "-managing"}, &section); err != nil {
				return err
			}
			if got := section.Status.OpenRatifications; got != count {
				return fmt.Errorf("it owes %d", got)
			}
			return nil
		})
	}
	first, second := urgent(), urgent()
	must(t, decide(decider, first.Name, v1alpha1.DecisionApproved))
	approved := get(t, &v1alpha1.ChangeApproval{}, "", first.Name)
	by, at := approved.Status.RatifyBy, approved.Status.DecidedAt
	if by == nil || !by.Time.Equal(at.AddDate(0, 0, 30)) || approved.Status.MeetingRef != nil {
		t.Fatalf("decided at %v, it is to be ratified by %v", at, by)
	}
	owes(1)
	refused(t, decide(decider, second.Name, v1alpha1.DecisionApproved), first.Name, "規程第12条第4項")
	refused(t, decide(decider, second.Name, v1alpha1.DecisionDenied), b.committee) // urgency lets nobody deny before the meeting
	b.confirmed(t, onAgenda(first.Name, v1alpha1.OutcomeApproved))
	owes(0)
	must(t, decide(decider, second.Name, v1alpha1.DecisionApproved))
	owes(1)
	must(t, decide(decider, second.Name, v1alpha1.DecisionRevoked))
	owes(0)
}

// Who records what a meeting decided may have applied themselves; without a meeting they may not decide it.
func TestOwnApplicationIsDecidedByAMeeting(t *testing.T) {
	b := newBoard(t)
	b.steered(t)
	both := b.officers[theCIO]
	appoint(t, &v1alpha1.Department{}, b.name+"-managing", both)
	a := papered(b.application(v1alpha1.ChangeIntroduction))
	a.Spec.Urgency = &v1alpha1.Urgency{Reason: "法令改正"}
	must(t, both.client.Create(t.Context(), a))
	refused(t, decide(both.client, a.Name, v1alpha1.DecisionApproved), "自身が提出した")
	meeting := b.confirmed(t, onAgenda(a.Name, v1alpha1.OutcomeApproved))
	must(t, decide(both.client, a.Name, v1alpha1.DecisionApproved))
	if ref := get(t, &v1alpha1.ChangeApproval{}, "", a.Name).Status.MeetingRef; ref == nil || ref.Name != meeting.Name {
		t.Errorf("the decision rests on %v", ref)
	}
}

// What widens what a system is approved for is no minor change (article 13).
func TestMinorChangeWidensNothing(t *testing.T) {
	b := newBoard(t)
	introduction := b.application(v1alpha1.ChangeIntroduction)
	introduction.Spec.Scope.Images = []v1alpha1.ImagePattern{"registry.example/tax/web:1.*"}
	introduction.Spec.Scope.Namespaces = []string{b.name}
	must(t, b.as(departmentHead).Create(t.Context(), introduction))
	must(t, decide(b.as(theCIO), introduction.Name, v1alpha1.DecisionApproved))
	for what, change := range map[string]func(*v1alpha1.ApprovalScope){
		"registry.example/tax/api": func(s *v1alpha1.ApprovalScope) { s.Images = []v1alpha1.ImagePattern{"registry.example/tax/api:1"} },
		"evil.example/tax/web":     func(s *v1alpha1.ApprovalScope) { s.Images = []v1alpha1.ImagePattern{"evil.example/tax/web:1.4"} },
		b.name + "-more":           func(s *v1alpha1.ApprovalScope) { s.Namespaces = []string{b.name + "-more"} },
		"IndividualNumber":         func(s *v1alpha1.ApprovalScope) { s.DataCategories = []v1alpha1.DataCategory{"IndividualNumber"} },
		"分類": func(s *v1alpha1.ApprovalScope) {
			s.Classification = &v1alpha1.Classification{Confidentiality: "3A", Integrity: "2", Availability: "2"}
		},
	} {
		minor := b.application(v1alpha1.ChangeMinor)
		change(&minor.Spec.Scope)
		refused(t, b.as(sectionHead).Create(t.Context(), minor), what, "規程第13条", "所管部長")
	}
	minor := b.application(v1alpha1.ChangeMinor)
	minor.Spec.Scope.Images = []v1alpha1.ImagePattern{"registry.example/tax/web:2.0.0"}
	must(t, b.as(usingSectionHead).Create(t.Context(), minor))
	must(t, decide(b.as(sectionHead), minor.Name, v1alpha1.DecisionApproved))

	// What is approved may have ended between the application and the decision.
	next := b.application(v1alpha1.ChangeMinor)
	next.Spec.Scope.Images = []v1alpha1.ImagePattern{"registry.example/tax/web:2.0.1"}
	must(t, b.as(usingSectionHead).Create(t.Context(), next))
	must(t, decide(b.as(sectionHead), minor.Name, v1alpha1.DecisionRevoked))
	must(t, decide(b.as(theCIO), introduction.Name, v1alpha1.DecisionRevoked))
	refused(t, decide(b.as(sectionHead), next.Name, v1alpha1.DecisionApproved), "registry.example/tax/web", "規程第13条")
}

// A returned application is answered by one new application that names it.
func TestReturnedApplicationIsAnsweredOnce(t *testing.T) {
	b := newBoard(t)
	head := b.as(departmentHead)
	returned, waiting := b.decided(t, v1alpha1.DecisionReturned), b.submitted(t)
	answer := func(name string) *v1alpha1.ChangeApproval {
		a := b.application(v1alpha1.ChangeIntroduction)
		a.Spec.AnswersRef = &v1alpha1.NameReference{Name: name}
		return a
	}
	refused(t, head.Create(t.Context(), answer(waiting.Name)), waiting.Name, "規程第12条")
	refused(t, head.Create(t.Context(), answer("nothing")), "nothing")
	first := answer(returned.Name)
	must(t, head.Create(t.Context(), first))
	refused(t, head.Create(t.Context(), answer(returned.Name)), first.Name, returned.Name)
}

// An approval that names namespaces lets the system run in those alone.
func TestApprovalOfSomeNamespaces(t *testing.T) {
	b := newBoard(t)
	here, there := b.name+"-here", b.name+"-there"
	s := b.inNamespaces(t, here, there)
	introduction := b.application(v1alpha1.ChangeIntroduction)
	introduction.Spec.Scope.Namespaces = []string{here}
	must(t, b.as(departmentHead).Create(t.Context(), introduction))
	must(t, decide(b.as(theCIO), introduction.Name, v1alpha1.DecisionApproved))
	s.becomes(t, v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved)
	(&system{name: there}).becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNamespaceNotCovered)
	wider := b.application(v1alpha1.ChangeModification)
	wider.Spec.Scope.Namespaces = []string{there}
	must(t, b.as(departmentHead).Create(t.Context(), wider))
	must(t, decide(b.as(theCIO), wider.Name, v1alpha1.DecisionApproved))
	(&system{name: there}).becomes(t, v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved)
}

// The same path with the plugin alone, from the draft to the record of what happened.
func TestPluginLeadsThroughTheProcedure(t *testing.T) {
	b := newBoard(t)
	b.steered(t)
	b.inNamespaces(t, b.name)
	by := func(who string, arguments ...string) string {
		t.Helper()
		return plugin(t, configOf(t, b.officers[who].username), append(arguments, "--lang=en")...)
	}
	says := func(output string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(output, word) {
				t.Errorf("it does not say %q:\n%s", word, output)
			}
		}
	}
	name, record := b.name+"-plugin", b.name+"-record"
	by(departmentHead, "new", name, b.name, "--type=Introduction", "--image=registry.example/tax/web:1.*", "--necessity=a", "--cost=b",
		"--effect=c", "--alternatives=d", "--welfare=e", "--efficiency=f", "--protection=g", "--create")
	says(by(departmentHead, "pending"), name, "kubectl kitei submit "+name)
	if output, code := pluginExit(t, configOf(t, b.officers[otherDepartmentHead].username), "submit", name, "--lang=en"); code == 0 {
		t.Errorf("another department's head submitted it: %s", output)
	}
	says(by(departmentHead, "submit", name), "Submitted: "+name, "所管課長", b.committee)
	says(by(theCIO, "review", name), "registry.example/tax/web:1.*", "not yet approved", b.committee)
	says(by(secretary, "pending"), name, "meeting record")
	says(by(secretary, "meeting", "record", record, "--attendees=planning,finance,expert", "--agenda="+name+"=Approved"),
		"3 (of 5 seats; quorum 3)", "meeting confirm "+record)
	says(by(theCIO, "pending"), record, "meeting confirm "+record)
	if output, code := pluginExit(t, configOf(t, b.officers[secretary].username), "meeting", "confirm", record, "--lang=en"); code == 0 {
		t.Errorf("the secretariat confirmed its own record: %s", output)
	}
	says(by(theCIO, "meeting", "confirm", record), "confirmed by "+b.officers[theCIO].username, "Approved: "+name)
	says(by(theCIO, "meeting", "confirm", record), "confirmed by "+b.officers[theCIO].username) // done again, it does nothing more
	says(by(anybody, "history", b.name), name, "submitted", record, "Approved", b.officers[theCIO].username)
	(&system{name: b.name}).becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
}
