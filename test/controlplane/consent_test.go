package controlplane

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/datauseconsent"
)

// dataSectionHead of a bureau is the head of the other section: it manages the data that the bureau's applications use.
const dataSectionHead = otherSectionHead

// using is an application for an introduction that uses data of the other section, submitted.
func (b *bureau) using(t *testing.T, uses ...v1alpha1.DataUse) *v1alpha1.ChangeApproval {
	t.Helper()
	a := b.application(v1alpha1.ChangeIntroduction)
	a.Spec.DataUse = uses
	must(t, b.as(departmentHead).Create(t.Context(), a))
	return a
}

// use of data of the other section.
func (b *bureau) use(name string) v1alpha1.DataUse {
	return v1alpha1.DataUse{Name: name, SectionRef: v1alpha1.NameReference{Name: b.name + "-other"}, Data: "住所及び氏名"}
}

// asked is a consent that Kitei asks for, with the condition that says who must act.
func (b *bureau) asked(t *testing.T) *v1alpha1.DataUseConsent {
	t.Helper()
	return settledConsent(t, b.using(t, b.use("addresses")).Name+"-addresses")
}

// settledConsent waits until the operator has said of a consent what there is to say.
func settledConsent(t *testing.T, name string) *v1alpha1.DataUseConsent {
	t.Helper()
	var c v1alpha1.DataUseConsent
	eventually(t, "the consent "+name+" and its condition", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &c); err != nil {
			return err
		}
		if c.Status.Decision != "" {
			return condition(c.Status.Conditions, v1alpha1.ConditionDecided, metav1.ConditionTrue, string(c.Status.Decision))
		}
		return condition(c.Status.Conditions, v1alpha1.ConditionDecided, metav1.ConditionFalse, v1alpha1.ReasonPending)
	})
	return &c
}

// consent decides a consent as plain kubectl does.
func consent(c client.Client, name string, decision v1alpha1.Decision) error {
	return waysOf("DataUseConsent")["merge patch"](context.Background(), c, name, "status", map[string]any{"decision": string(decision)})
}

// sameConsent sees that nothing about a consent is other than it was.
func sameConsent(t *testing.T, was *v1alpha1.DataUseConsent) {
	t.Helper()
	is := get(t, &v1alpha1.DataUseConsent{}, "", was.Name)
	if is.UID != was.UID || !equality.Semantic.DeepEqual(is.Spec, was.Spec) || !equality.Semantic.DeepEqual(is.Status, was.Status) {
		t.Errorf("%s changed from %+v %+v\nto %+v %+v", was.Name, was.Spec, was.Status, is.Spec, is.Status)
	}
}

// Kitei asks for one consent for each use of another section's data, once, and tells both sides who must act. For the items of
// 住民基本台帳法 7条 it asks for none, and for a draft neither.
func TestConsentsAreAskedFor(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	resident := b.use("residents")
	resident.ResidentRegisterItems = []int32{1, 8}
	a := b.application(v1alpha1.ChangeIntroduction)
	a.Spec.Stage, a.Spec.DataUse = v1alpha1.StageDraft, []v1alpha1.DataUse{b.use("addresses"), b.use("incomes"), resident}
	must(t, b.as(anybody).Create(t.Context(), a))
	settledApplication(t, a.Name)
	if n := len(consents(t, a.Name)); n > 0 {
		t.Errorf("a draft has %d consents", n)
	}
	must(t, ways()["merge patch"](t.Context(), b.as(departmentHead), a.Name, "spec", map[string]any{"stage": "Submitted"}))
	for _, use := range []string{"addresses", "incomes"} {
		c := settledConsent(t, a.Name+"-"+use)
		if want := (v1alpha1.DataUseConsentSpec{ApplicationRef: v1alpha1.NameReference{Name: a.Name}, ApplicationUID: string(a.UID),
			Use: b.use(use)}); !equality.Semantic.DeepEqual(c.Spec, want) {
			t.Errorf("asked for %+v, wanted %+v", c.Spec, want)
		}
		for _, word := range []string{"住所及び氏名", "別課長", a.Name, "kubectl kitei consent approve " + c.Name} {
			if text := c.Status.Conditions[0].Message; !strings.Contains(text, word) {
				t.Errorf("the condition does not say %q: %s", word, text)
			}
		}
		for kind, name := range map[string]string{"DataUseConsent": c.Name, "ChangeApproval": a.Name} {
			if event := eventIn(t, "default", kind, name, datauseconsent.EventAsked); !strings.Contains(event.Note, "別課長") {
				t.Errorf("the event on %s says %s", name, event.Note)
			}
		}
	}
	if n := len(consents(t, a.Name)); n != 2 {
		t.Errorf("%d consents", n)
	}

	// One that somebody deletes undecided is asked for again; the operator that comes after another asks for none twice.
	was := get(t, &v1alpha1.DataUseConsent{}, "", a.Name+"-incomes")
	must(t, env.admin.Delete(t.Context(), was.DeepCopy()))
	eventually(t, "the consent is asked for again", func(ctx context.Context) error {
		var is v1alpha1.DataUseConsent
		if err := env.admin.Get(ctx, client.ObjectKeyFromObject(was), &is); err != nil {
			return err
		}
		if is.UID == was.UID {
			return fmt.Errorf("it is still there")
		}
		return nil
	})
	must(t, consent(b.as(dataSectionHead), a.Name+"-addresses", v1alpha1.DecisionApproved))
	stands := settledConsent(t, a.Name+"-addresses")
	env.operator.Kill()
	must(t, env.startOperator(context.Background()))
	settledConsent(t, b.asked(t).Name) // it has looked at the others before
	sameConsent(t, stands)
	if n := len(consents(t, a.Name)); n != 2 {
		t.Errorf("%d consents after the operator started again", n)
	}
}

func consents(t *testing.T, application string) []v1alpha1.DataUseConsent {
	t.Helper()
	var list v1alpha1.DataUseConsentList
	// By the API server's own index.
	must(t, env.admin.List(t.Context(), &list, client.MatchingFields{"spec.applicationRef.name": application}))
	return list.Items
}

// Two uses that would have one name get two.
func TestNamesOfConsents(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	a, other := b.using(t, b.use("x-y")), b.application(v1alpha1.ChangeIntroduction)
	settledConsent(t, a.Name+"-x-y")
	other.Name, other.Spec.DataUse = a.Name+"-x", []v1alpha1.DataUse{b.use("y"), b.use(strings.Repeat("z", 63))}
	must(t, b.as(departmentHead).Create(t.Context(), other))
	eventually(t, "each has its consents", func(context.Context) error {
		if one, two := len(consents(t, a.Name)), len(consents(t, other.Name)); one != 1 || two != 2 {
			return fmt.Errorf("%d and %d", one, two)
		}
		return nil
	})
	for _, c := range consents(t, other.Name) {
		if !strings.HasPrefix(c.Name, other.Name+"-") || len(c.Name) > 63 || c.Spec.ApplicationUID != string(other.UID) {
			t.Errorf("%s is for %+v", c.Name, c.Spec)
		}
	}
}

// Kitei makes consents, and nobody else; what it asks for never changes.
func TestConsentsAreKiteisToMake(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	was := b.asked(t)
	for _, who := range b.everybody() {
		forged := &v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: was.Name + "-forged"}, Spec: *was.Spec.DeepCopy()}
		forged.Spec.Use.Data = "すべて"
		err := b.as(who).Create(t.Context(), forged)
		if err == nil {
			t.Errorf("%s makes a consent", who)
		} else if !strings.Contains(err.Error(), "cannot create resource") { // RBAC
			refused(t, err, "第14条")
		}
	}
	refused(t, env.admin.Create(t.Context(), &v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: was.Name + "-again"},
		Spec: *was.Spec.DeepCopy()}), "admin", "spec.dataUse")
	for _, write := range waysOf("DataUseConsent") {
		refused(t, write(t.Context(), env.admin, was.Name, "spec", map[string]any{"applicationRef": map[string]any{"name": "x"},
			"applicationUID": "y", "use": map[string]any{"name": "x", "sectionRef": map[string]any{"name": "x"}, "data": "x"}}), "第14条")
	}
	sameConsent(t, was)
}

// The head of the section whose data it is decides, by every way of writing, and nobody else; the stamp says who.
func TestConsentIsTheDataSectionsToGive(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for wayName, write := range waysOf("DataUseConsent") {
		t.Run(wayName, func(t *testing.T) {
			was := b.asked(t)
			for _, who := range b.everybody() {
				if who == dataSectionHead {
					continue
				}
				for _, decision := range []string{"Approved", "Denied", "Revoked"} {
					err := write(t.Context(), b.as(who), was.Name, "status", map[string]any{"decision": decision})
					refusedToOperator(t, err, "第14条")
				}
			}
			refused(t, write(t.Context(), b.as(anybody), was.Name, "status", map[string]any{"decision": "Approved"}), "別課長", "第14条")
			refused(t, write(t.Context(), b.as(dataSectionHead), was.Name, "status", map[string]any{"decision": "Revoked"}), "第14条")
			sameConsent(t, was)

			must(t, write(t.Context(), b.as(dataSectionHead), was.Name, "status",
				map[string]any{"decision": "Approved", "decisionReason": "目的に沿う"}))
			given := settledConsent(t, was.Name)
			if s := given.Status; s.DecidedBy != b.officers[dataSectionHead].username || s.DecidedAs != v1alpha1.RoleDataSectionHead ||
				s.DecidedAt == nil || s.DecisionReason != "目的に沿う" {
				t.Errorf("stamped %+v", s)
			}
			for kind, name := range map[string]string{"DataUseConsent": was.Name, "ChangeApproval": was.Spec.ApplicationRef.Name} {
				eventIn(t, "default", kind, name, datauseconsent.EventDecided)
			}
			for _, who := range b.everybody() {
				for _, decision := range []any{"Denied", "Revoked"} {
					if who != dataSectionHead || decision == "Denied" {
						err := write(t.Context(), b.as(who), was.Name, "status", map[string]any{"decision": decision})
						refusedToOperator(t, err, "第14条")
					}
				}
			}
			sameConsent(t, given)
			must(t, write(t.Context(), b.as(dataSectionHead), was.Name, "status", map[string]any{"decision": "Revoked"}))
			revoked := settledConsent(t, was.Name).Status
			if revoked.Decision != v1alpha1.DecisionRevoked || revoked.DecidedAs != v1alpha1.RoleDataSectionHead {
				t.Errorf("revoked as %+v", revoked)
			}
		})
	}
}

// What Kitei stamps nobody writes or takes away, and a reason is written with its decision.
func TestConsentCannotBeForged(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	waits, given := b.asked(t), b.asked(t)
	must(t, consent(b.as(dataSectionHead), given.Name, v1alpha1.DecisionApproved))
	given = settledConsent(t, given.Name)
	forgeries := map[string]any{"decidedBy": "forger", "decidedAs": "DepartmentHead", "decidedAt": "2020-01-01T00:00:00Z",
		"decisionReason": "後から", "conditions": []any{map[string]any{"type": "Decided", "status": "True", "reason": "Approved",
			"message": "forged", "lastTransitionTime": "2020-01-01T00:00:00Z"}}}
	for wayName, write := range waysOf("DataUseConsent") {
		for field, forged := range forgeries {
			for _, who := range []string{dataSectionHead, departmentHead, clusterAdministrator} {
				for _, c := range []*v1alpha1.DataUseConsent{waits, given} {
					for _, fields := range []map[string]any{{field: forged}, {field: forged, "decision": "Approved"}} {
						if c == waits && field == "decisionReason" && len(fields) > 1 {
							continue // an honest decision with its reason
						}
						if err := write(t.Context(), b.as(who), c.Name, "status", fields); err == nil {
							t.Errorf("%s forges %v by %s", who, fields, wayName)
						} else {
							refused(t, err, "第14条")
						}
					}
					if wayName == "merge patch" && c == given && field != "decisionReason" {
						refused(t, write(t.Context(), b.as(who), c.Name, "status", map[string]any{field: nil}), "第14条")
					}
				}
			}
		}
		whole := map[string]any{"decision": "Approved", "decidedBy": b.officers[dataSectionHead].username,
			"decidedAs": "DataSectionHead", "decidedAt": metav1.Now().UTC().Format("2006-01-02T15:04:05Z")}
		for _, who := range []string{departmentHead, clusterAdministrator, operatorItself} {
			refusedToOperator(t, write(t.Context(), b.as(who), waits.Name, "status", whole), "第14条")
		}
	}
	sameConsent(t, waits)
	sameConsent(t, given)
}

// A decision stays on record.
func TestConsentStaysOnRecord(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for _, decisions := range [][]v1alpha1.Decision{{v1alpha1.DecisionApproved}, {v1alpha1.DecisionDenied},
		{v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked}} {
		c := b.asked(t)
		for _, decision := range decisions {
			must(t, consent(b.as(dataSectionHead), c.Name, decision))
		}
		c = settledConsent(t, c.Name)
		refused(t, env.admin.Delete(t.Context(), c.DeepCopy()), c.Name, b.officers[dataSectionHead].username, "第14条")
		must(t, waysOf("DataUseConsent")["merge patch"](t.Context(), env.admin, c.Name, "metadata",
			map[string]any{"labels": map[string]any{"of": c.Name}}))
		refused(t, env.admin.DeleteAllOf(t.Context(), &v1alpha1.DataUseConsent{}, client.MatchingLabels{"of": c.Name}), "第14条")
		sameConsent(t, c)
	}
}

// A consent is given or refused while the application waits, and revoked at any time.
func TestConsentAndItsApplication(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	a := b.using(t, b.use("addresses"), b.use("incomes"))
	given, waits := settledConsent(t, a.Name+"-addresses"), settledConsent(t, a.Name+"-incomes")
	must(t, consent(b.as(dataSectionHead), given.Name, v1alpha1.DecisionApproved))
	must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionReturned))
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied} {
		refused(t, consent(b.as(dataSectionHead), waits.Name, decision), a.Name, "Returned", "第14条")
	}
	eventually(t, "nobody needs to decide any more", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKeyFromObject(waits), waits); err != nil {
			return err
		}
		return condition(waits.Status.Conditions, v1alpha1.ConditionDecided, metav1.ConditionFalse, v1alpha1.ReasonApplicationDecided)
	})
	must(t, consent(b.as(dataSectionHead), given.Name, v1alpha1.DecisionRevoked))
}

// Yesterday's head of the section consents to nothing, today's does, and the waiting consent says so.
func TestConsentIsTodaysHeads(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	c := b.asked(t)
	successor := person(t, v1alpha1.SubjectUser, b.name+"-successor", "後任課長")
	must(t, waysOf("ManagingSection")["merge patch"](t.Context(), env.admin, b.name+"-other", "spec",
		map[string]any{"head": heldBy(successor)}))
	refused(t, consent(b.as(dataSectionHead), c.Name, v1alpha1.DecisionApproved), "後任課長")
	eventually(t, "the condition names today's head", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKeyFromObject(c), c); err != nil {
			return err
		}
		if text := c.Status.Conditions[0].Message; !strings.Contains(text, "後任課長") {
			return fmt.Errorf("it says %s", text)
		}
		return nil
	})
	must(t, consent(successor.client, c.Name, v1alpha1.DecisionApproved))
}

// Two who hold the office decide at once: one decision stands.
func TestConsentersRace(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	second := person(t, v1alpha1.SubjectUser, b.name+"-second", "")
	appoint(t, &v1alpha1.ManagingSection{}, b.name+"-other", second)
	for range 5 {
		c := b.asked(t)
		var both sync.WaitGroup
		errs := make([]error, 2)
		both.Go(func() { errs[0] = consent(b.as(dataSectionHead), c.Name, v1alpha1.DecisionApproved) })
		both.Go(func() { errs[1] = consent(second.client, c.Name, v1alpha1.DecisionDenied) })
		both.Wait()
		is := get(t, &v1alpha1.DataUseConsent{}, "", c.Name).Status
		switch {
		case (errs[0] == nil) == (errs[1] == nil):
			t.Errorf("%v and %v", errs[0], errs[1])
		case errs[0] == nil && (is.Decision != v1alpha1.DecisionApproved || is.DecidedBy != b.officers[dataSectionHead].username),
			errs[1] == nil && (is.Decision != v1alpha1.DecisionDenied || is.DecidedBy != second.username):
			t.Errorf("%v and %v, decided as %+v", errs[0], errs[1], is)
		}
	}
}
