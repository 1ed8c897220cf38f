package controlplane

import (
	"context"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// The table of articles 12 and 13: who applies for a change, and who decides it. Everybody tries everything, by a dry run;
// whoever is not in the table is refused, and told who is.
func TestAuthorityTable(t *testing.T) {
	major := []v1alpha1.ChangeType{v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization, v1alpha1.ChangeModification}
	minor := []v1alpha1.ChangeType{v1alpha1.ChangeMinor}
	tables := map[string]struct {
		digital       bool
		changes       []v1alpha1.ChangeType
		apply, decide []string
		applyAs       v1alpha1.OfficeRole // of the first who applies
		decideAs      v1alpha1.OfficeRole
	}{
		"article 12, digital promotion's": {true, major, []string{digitalHead, usingDepartmentHead}, []string{theCIO},
			v1alpha1.RoleDigitalPromotionSectionHead, v1alpha1.RoleChiefInformationOfficer},
		"article 12, another section's": {false, major, []string{departmentHead}, []string{theCIO},
			v1alpha1.RoleDepartmentHead, v1alpha1.RoleChiefInformationOfficer},
		"article 13, digital promotion's": {true, minor, []string{usingSectionHead}, []string{digitalHead},
			v1alpha1.RoleUsingSectionHead, v1alpha1.RoleDigitalPromotionSectionHead},
		"article 13, another section's": {false, minor, []string{usingSectionHead, sectionHead}, []string{sectionHead},
			v1alpha1.RoleUsingSectionHead, v1alpha1.RoleManagingSectionHead},
	}
	for _, kind := range []v1alpha1.SubjectKind{v1alpha1.SubjectUser, v1alpha1.SubjectGroup, v1alpha1.SubjectServiceAccount} {
		for name, table := range tables {
			t.Run(string(kind)+", "+name, func(t *testing.T) {
				b := newBureau(t, kind, table.digital)
				changes := table.changes
				if kind != v1alpha1.SubjectUser { // who somebody is has nothing to do with what they apply for
					changes = changes[:1]
				}
				for _, change := range changes {
					application := b.application(change)
					for _, who := range b.everybody() {
						err := b.as(who).Create(t.Context(), application.DeepCopy(), client.DryRunAll)
						if slices.Contains(table.apply, who) {
							must(t, err)
							continue
						}
						words := append(b.titles(table.apply), "第12条", "第13条", "申請できるのは")
						if who == operatorItself {
							refusedToOperator(t, err, words...)
							continue
						}
						refused(t, err, words...)
					}
					must(t, b.as(table.apply[0]).Create(t.Context(), application))
					if s := application.Spec.Submission; s == nil || s.By != b.officers[table.apply[0]].username ||
						s.As != table.applyAs || s.At.IsZero() {
						t.Errorf("the submission is stamped %+v", s)
					}

					for _, who := range b.everybody() {
						err := flip(b.as(who), application.Name, v1alpha1.DecisionApproved, client.DryRunAll)
						if slices.Contains(table.decide, who) {
							must(t, err)
							continue
						}
						refused(t, err, append(b.titles(table.decide), "第12条", "第13条", "決定できるのは", application.Name)...)
					}
					must(t, decide(b.as(table.decide[0]), application.Name, v1alpha1.DecisionApproved))
					decided := get(t, &v1alpha1.ChangeApproval{}, "", application.Name)
					if s := decided.Status; s.DecidedBy != b.officers[table.decide[0]].username || s.DecidedAs != table.decideAs ||
						s.DecidedGeneration != decided.Generation || s.DecidedAt == nil || s.DecidedAt.Before(&decided.Spec.Submission.At) {
						t.Errorf("the decision is stamped %+v, of generation %d, submitted %s", s, decided.Generation,
							decided.Spec.Submission.At)
					}
				}
			})
		}
	}
}

// flip is [decide] with options.
func flip(c client.Client, name string, decision v1alpha1.Decision, options ...client.SubResourcePatchOption) error {
	object := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":{"decision":"`+string(decision)+`"}}`))
	return c.Status().Patch(context.Background(), object, patch, options...)
}

// Nobody decides what they applied for, though they hold the office that decides; another holder of it does.
func TestNobodyDecidesTheirOwn(t *testing.T) {
	t.Run("article 13: the section head applied", func(t *testing.T) {
		b := newBureau(t, v1alpha1.SubjectUser, false)
		application := b.application(v1alpha1.ChangeMinor)
		must(t, b.as(sectionHead).Create(t.Context(), application))
		for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned} {
			refused(t, decide(b.as(sectionHead), application.Name, decision), "自身が提出", "所管課長", "第13条")
		}
		deputy := person(t, v1alpha1.SubjectUser, b.name+"-deputy", "所管課長")
		appoint(t, &v1alpha1.ManagingSection{}, b.name+"-managing", deputy)
		must(t, decide(deputy.client, application.Name, v1alpha1.DecisionApproved))
	})
	t.Run("article 12: the chief information officer is the head of the managing department", func(t *testing.T) {
		b := newBureau(t, v1alpha1.SubjectGroup, false)
		both := b.officers[theCIO]
		appoint(t, &v1alpha1.Department{}, b.name+"-managing", both)
		application := b.application(v1alpha1.ChangeIntroduction)
		must(t, both.client.Create(t.Context(), application))
		refused(t, decide(both.client, application.Name, v1alpha1.DecisionApproved), "自身が提出", "情報統括責任者（管理部長）", "第12条")
		must(t, decide(as(t, "another of "+b.name, both.subject.Name), application.Name, v1alpha1.DecisionApproved))
		// Who applied does not revoke it either.
		refused(t, decide(both.client, application.Name, v1alpha1.DecisionRevoked), "自身が提出")
	})
}

// An office that changes hands does so at once: the webhook never asks a cache who holds it.
func TestPersonnelChange(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	yesterday := b.officers[sectionHead]
	today := person(t, v1alpha1.SubjectUser, "区役所 二郎 "+b.name, "所管課長")
	application := b.application(v1alpha1.ChangeMinor)
	must(t, b.as(usingSectionHead).Create(t.Context(), application))
	must(t, flip(yesterday.client, application.Name, v1alpha1.DecisionApproved, client.DryRunAll))
	refused(t, flip(today.client, application.Name, v1alpha1.DecisionApproved, client.DryRunAll), "所管課長")

	section := get(t, &v1alpha1.ManagingSection{}, "", b.name+"-managing")
	before := section.DeepCopy()
	section.Spec.Head = heldBy(today)
	must(t, env.admin.Patch(t.Context(), section, client.MergeFrom(before)))
	refused(t, decide(yesterday.client, application.Name, v1alpha1.DecisionApproved), yesterday.username, "所管課長")
	refused(t, yesterday.client.Create(t.Context(), b.application(v1alpha1.ChangeMinor)), yesterday.username, "所管課長")
	must(t, decide(today.client, application.Name, v1alpha1.DecisionApproved))
	if by := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status.DecidedBy; by != today.username {
		t.Errorf("decided by %q", by)
	}
	// What yesterday's head did stays theirs.
	own := b.application(v1alpha1.ChangeMinor)
	must(t, today.client.Create(t.Context(), own))
	if by := own.Spec.Submission.By; by != today.username {
		t.Errorf("submitted by %q", by)
	}

	// The head of a section that is abolished, or of none, decides nothing.
	section = get(t, &v1alpha1.ManagingSection{}, "", b.name+"-managing")
	before = section.DeepCopy()
	day := v1alpha1.Date("2020-04-01")
	section.Spec.AbolishedOn = &day
	must(t, env.admin.Patch(t.Context(), section, client.MergeFrom(before)))
	refused(t, decide(today.client, application.Name, v1alpha1.DecisionRevoked), "システム管理課長（現在その職にある者がいません）")
}

// Names as people have them.
func TestJapaneseNames(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	applicant := person(t, v1alpha1.SubjectUser, "荒川　太郎（所管部長）", "")
	appoint(t, &v1alpha1.Department{}, b.name+"-managing", applicant)
	application := b.application(v1alpha1.ChangeIntroduction)
	must(t, applicant.client.Create(t.Context(), application))
	decider := as(t, "管理部 花子・髙", "arakawa:department:management:head")
	refused(t, decide(applicant.client, application.Name, v1alpha1.DecisionApproved), "荒川　太郎（所管部長） 自身が提出")
	must(t, decide(decider, application.Name, v1alpha1.DecisionApproved))
	decided := get(t, &v1alpha1.ChangeApproval{}, "", application.Name)
	if decided.Spec.Submission.By != "荒川　太郎（所管部長）" || decided.Status.DecidedBy != "管理部 花子・髙" {
		t.Errorf("submitted by %q, decided by %q", decided.Spec.Submission.By, decided.Status.DecidedBy)
	}
}

// Several decide at once: one decision stands, with the name of who made it.
func TestDecidersRace(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectGroup, false)
	group := b.officers[theCIO].subject.Name
	racers := map[v1alpha1.Decision]client.Client{
		v1alpha1.DecisionApproved: as(t, "approver", group), v1alpha1.DecisionDenied: as(t, "denier", group),
		v1alpha1.DecisionReturned: as(t, "returner", group),
	}
	names := map[v1alpha1.Decision]string{"Approved": "approver", "Denied": "denier", "Returned": "returner"}
	for range 10 {
		application := b.application(v1alpha1.ChangeIntroduction)
		must(t, b.as(departmentHead).Create(t.Context(), application))
		type result struct {
			decision v1alpha1.Decision
			err      error
		}
		results := make(chan result)
		start := make(chan struct{})
		for decision, racer := range racers {
			go func() {
				<-start
				results <- result{decision, decide(racer, application.Name, decision)}
			}()
		}
		close(start)
		var winners []v1alpha1.Decision
		for range racers {
			if r := <-results; r.err == nil {
				winners = append(winners, r.decision)
			}
		}
		status := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status
		if len(winners) != 1 || status.Decision != winners[0] || status.DecidedBy != names[winners[0]] {
			t.Fatalf("%v won, and the decision is %s by %s", winners, status.Decision, status.DecidedBy)
		}
	}
}
