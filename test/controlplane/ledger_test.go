package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	book "kitei.dev/kitei/internal/controller/ledger"
	"kitei.dev/kitei/internal/ledger"
)

// ledgerKey is the operator's own.
func ledgerKey(t *testing.T) ledger.Key {
	t.Helper()
	secret := get(t, &corev1.Secret{}, v1alpha1.OperatorNamespace, book.KeySecret)
	key, err := ledger.ParseKey(secret.Data["key.pem"])
	must(t, err)
	return key
}

func records(t *testing.T) []v1alpha1.DecisionRecord {
	t.Helper()
	var list v1alpha1.DecisionRecordList
	must(t, env.admin.List(t.Context(), &list))
	return list.Items
}

// recorded waits until the ledger has an entry, and returns it.
func recorded(t *testing.T, kind v1alpha1.EntryKind, name, decision string) v1alpha1.LedgerEntry {
	t.Helper()
	var found v1alpha1.LedgerEntry
	eventually(t, fmt.Sprintf("the ledger has %s of %s: %s", kind, name, decision), func(ctx context.Context) error {
		var list v1alpha1.DecisionRecordList
		if err := env.admin.List(ctx, &list); err != nil {
			return err
		}
		count := 0
		for i := range list.Items {
			if entry := list.Items[i].Spec.Entry; entry.Kind == kind && entry.Name == name && entry.Decision == decision {
				found = entry
				count++
			}
		}
		if count != 1 {
			return fmt.Errorf("%d times", count)
		}
		return nil
	})
	return found
}

// The whole procedure is in the ledger: each step once, signed and chained, by whom and in which office; and an auditor proves
// it from an export, without the cluster, or names the first record that is not what it was.
func TestProcedureIsInTheLedger(t *testing.T) {
	ownCache(t)
	b := newBoard(t)
	b.steered(t)
	a := papered(b.application(v1alpha1.ChangeIntroduction))
	a.Spec.DataUse = []v1alpha1.DataUse{b.use("addresses")}
	must(t, b.as(departmentHead).Create(t.Context(), a))
	settledConsent(t, a.Name+"-addresses")
	must(t, consent(b.as(dataSectionHead), a.Name+"-addresses", v1alpha1.DecisionApproved))
	meeting := b.confirmed(t, onAgenda(a.Name, v1alpha1.OutcomeApproved))
	must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionApproved))
	must(t, consent(b.as(dataSectionHead), a.Name+"-addresses", v1alpha1.DecisionRevoked))
	must(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionRevoked))

	username := func(office string) string { return b.officers[office].username }
	for _, want := range []struct {
		kind           v1alpha1.EntryKind
		name, decision string
		by             string
		as             v1alpha1.OfficeRole
	}{
		{v1alpha1.EntrySubmission, a.Name, "Submitted", username(departmentHead), v1alpha1.RoleDepartmentHead},
		{v1alpha1.EntryConsent, a.Name + "-addresses", "Approved", username(dataSectionHead), v1alpha1.RoleDataSectionHead},
		{v1alpha1.EntryMeeting, meeting.Name, "Confirmed", username(theCIO), v1alpha1.RoleChiefInformationOfficer},
		{v1alpha1.EntryDecision, a.Name, "Approved", username(theCIO), v1alpha1.RoleChiefInformationOfficer},
		{v1alpha1.EntryConsent, a.Name + "-addresses", "Revoked", username(dataSectionHead), v1alpha1.RoleDataSectionHead},
		{v1alpha1.EntryDecision, a.Name, "Revoked", username(theCIO), v1alpha1.RoleChiefInformationOfficer},
		{v1alpha1.EntryNotification, a.Name, "Revoked", v1alpha1.OperatorUsername, ""},
	} {
		entry := recorded(t, want.kind, want.name, want.decision)
		if entry.By != want.by || entry.As != want.as || entry.UID == "" || entry.Found {
			t.Errorf("%s %s: got %+v", want.kind, want.decision, entry)
		}
	}
	frozen := get(t, &v1alpha1.ChangeApproval{}, "", a.Name)
	approval := recorded(t, v1alpha1.EntryDecision, a.Name, "Approved")
	if approval.Digest != ledger.Digest(frozen.Spec) || approval.MeetingRef == nil || approval.MeetingRef.Name != meeting.Name {
		t.Errorf("the record of the approval is %+v", approval)
	}

	export := filepath.Join(t.TempDir(), "export.yaml")
	output, code := kubectl(t, nil, "get", "decisionrecords", "--output=yaml")
	answered(t, output, code, 0)
	var content map[string]any
	must(t, yaml.Unmarshal([]byte(output), &content))
	items := content["items"].([]any)
	verify := func(items []any, words ...string) int {
		t.Helper()
		content, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		must(t, err)
		must(t, os.WriteFile(export, content, 0o600))
		public, err := ledgerKey(t).Public.PEM()
		must(t, err)
		key := filepath.Join(filepath.Dir(export), "key.pem")
		must(t, os.WriteFile(key, public, 0o600))
		nowhere := *env.cluster.Config()
		nowhere.Host = "https://127.0.0.1:1" // it must not need the cluster
		output, code := pluginExit(t, &nowhere, "verify", "--lang", "en", "-f", export, "--key", key)
		for _, word := range words {
			if !strings.Contains(output, word) {
				t.Errorf("verify does not say %q:\n%s", word, output)
			}
		}
		return code
	}
	if code := verify(items, "The ledger is whole"); code != 0 {
		t.Errorf("a whole ledger: exit code %d", code)
	}
	if code := verify(slices.Delete(slices.Clone(items), 1, 2), "Record 2 of the ledger is missing"); code == 0 {
		t.Error("a missing record goes unnoticed")
	}
	swapped := slices.Clone(items)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	if code := verify(swapped, "Record 2 of the ledger is out of order"); code == 0 {
		t.Error("swapped records go unnoticed")
	}
	items[2].(map[string]any)["spec"].(map[string]any)["entry"].(map[string]any)["by"] = "区長"
	if code := verify(items, "Record 3 of the ledger was altered"); code == 0 {
		t.Error("an altered record goes unnoticed")
	}
}

// An approval that was revoked, and put back by whoever can write etcd with its own true seal, stays revoked: the ledger knows.
func TestApprovalPutBackStaysRevoked(t *testing.T) {
	s := newSystem(t)
	approval := s.introduce(t, covered)
	before := get(t, &v1alpha1.ChangeApproval{}, "", approval.Name).Status
	must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
	recorded(t, v1alpha1.EntryDecision, approval.Name, "Revoked")
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	withoutWebhooks(t, func() {
		withoutRules(t, "changeapprovals.governance.kitei.dev", func() {
			eventually(t, "the API server takes what its rules forbade", func(ctx context.Context) error {
				var a v1alpha1.ChangeApproval
				if err := env.admin.Get(ctx, client.ObjectKey{Name: approval.Name}, &a); err != nil {
					return err
				}
				conditions := a.Status.Conditions
				a.Status = *before.DeepCopy()
				a.Status.Conditions = conditions
				return env.admin.Status().Update(ctx, &a)
			})
		})
	})
	eventually(t, "it is reported", func(ctx context.Context) error {
		var a v1alpha1.ChangeApproval
		if err := env.admin.Get(ctx, client.ObjectKey{Name: approval.Name}, &a); err != nil {
			return err
		}
		if a.Status.Decision != v1alpha1.DecisionApproved {
			return fmt.Errorf("the decision is %q", a.Status.Decision)
		}
		return condition(a.Status.Conditions, v1alpha1.ConditionEffective, metav1.ConditionFalse, v1alpha1.ReasonUnattested)
	})
	must(t, s.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
	output, code := pluginExit(t, nil, "verify", "--lang", "en")
	answered(t, output, code, 1, "changeapprovals "+approval.Name+" bears a decision that has ended")
}

// withoutRules takes the rules of a kind's status away while do runs, as whoever may write kinds can.
func withoutRules(t *testing.T, name string, do func()) {
	t.Helper()
	kind := &unstructuredObject{}
	kind.SetAPIVersion("apiextensions.k8s.io/v1")
	kind.SetKind("CustomResourceDefinition")
	get(t, kind, "", name)
	rules := func(change func(status map[string]any)) {
		t.Helper()
		must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
			get(t, kind, "", name)
			version := kind.Object["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)
			schema := version["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
			change(schema["properties"].(map[string]any)["status"].(map[string]any))
			return env.admin.Update(t.Context(), kind)
		}))
	}
	const key = "x-kubernetes-validations"
	var kept any
	rules(func(status map[string]any) { kept = status[key]; delete(status, key) })
	defer rules(func(status map[string]any) { status[key] = kept })
	do()
}

// Nobody writes the ledger but the operator's own account, and it adds only.
func TestRecordsStand(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	recorded(t, v1alpha1.EntryDecision, s.name+"-introduction", "Approved")
	all := records(t)
	last := &all[len(all)-1]
	operator := asServiceAccount(t, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	for who, c := range map[string]client.Client{"administrator": env.admin, "the CIO": cio(t), "the operator": operator} {
		changed := last.DeepCopy()
		changed.Spec.Entry.By = "区長"
		if err := c.Update(t.Context(), changed); err == nil {
			t.Errorf("%s changed a record", who)
		}
		if err := c.Delete(t.Context(), last.DeepCopy()); err == nil {
			t.Errorf("%s deleted a record", who)
		}
		if err := c.DeleteAllOf(t.Context(), &v1alpha1.DecisionRecord{}); err == nil {
			t.Errorf("%s deleted all records", who)
		}
		if who != "the operator" {
			forged := &v1alpha1.DecisionRecord{ObjectMeta: metav1.ObjectMeta{Name: "999999999999"}, Spec: last.Spec}
			if err := c.Create(t.Context(), forged); err == nil {
				t.Errorf("%s wrote a record", who)
			}
		}
	}
	refused(t, env.admin.Delete(t.Context(), last.DeepCopy()), "第13条第3項", "kubectl kitei verify")
}

// What was written while the webhooks were away, by whoever could, with every field of a stamp and even the seal of another,
// is reported and counts for nothing: a decision, a consent, the record of a meeting, a submission.
func TestStampWithoutItsSealCountsForNothing(t *testing.T) {
	s, honest := newSystem(t), newSystem(t)
	good := honest.introduce(t, covered)
	forged := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	seals := map[string]v1alpha1.Seal{"none": "", "of another": get(t, &v1alpha1.ChangeApproval{}, "", good.Name).Status.Seal}
	for name, seal := range seals {
		withoutWebhooks(t, func() {
			editStatus(t, forged.Name, func(status *v1alpha1.ChangeApprovalStatus) {
				now := metav1.Now()
				status.Decision, status.DecidedAt, status.DecidedGeneration = v1alpha1.DecisionApproved, &now, 1
				status.DecidedBy, status.DecidedAs, status.Seal = "cio", v1alpha1.RoleChiefInformationOfficer, seal
			})
		})
		eventually(t, "the decision with the seal "+name+" is reported", func(ctx context.Context) error {
			var approval v1alpha1.ChangeApproval
			if err := env.admin.Get(ctx, client.ObjectKey{Name: forged.Name}, &approval); err != nil {
				return err
			}
			var events eventsv1.EventList
			if err := env.admin.List(ctx, &events, client.MatchingFields{"reason": book.EventUnattested}); err != nil {
				return err
			}
			if !slices.ContainsFunc(events.Items, func(e eventsv1.Event) bool { return e.Regarding.Name == forged.Name }) {
				return errors.New("no event")
			}
			return condition(approval.Status.Conditions, v1alpha1.ConditionEffective, metav1.ConditionFalse, v1alpha1.ReasonUnattested)
		})
		must(t, s.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
	}
	output, code := pluginExit(t, nil, "verify", "--lang", "en")
	answered(t, output, code, 1, fmt.Sprintf("changeapprovals %s: %q by cio bears no seal", forged.Name, "Approved"))

	b := newBoard(t)
	b.steered(t)
	a := papered(b.application(v1alpha1.ChangeIntroduction))
	a.Spec.DataUse = []v1alpha1.DataUse{b.use("addresses")}
	must(t, b.as(departmentHead).Create(t.Context(), a))
	settledConsent(t, a.Name+"-addresses")
	meeting := b.written(t, onAgenda(a.Name, v1alpha1.OutcomeApproved))
	unsubmitted := b.application(v1alpha1.ChangeMinor)
	now := metav1.Now()
	withoutWebhooks(t, func() {
		edited(t, &v1alpha1.DataUseConsent{}, a.Name+"-addresses", func(c *v1alpha1.DataUseConsent) {
			c.Status.Decision, c.Status.DecidedAs, c.Status.DecidedAt = v1alpha1.DecisionApproved, v1alpha1.RoleDataSectionHead, &now
			c.Status.DecidedBy = b.officers[dataSectionHead].username
		})
		edited(t, &v1alpha1.CommitteeMeeting{}, meeting.Name, func(m *v1alpha1.CommitteeMeeting) {
			m.Status.State, m.Status.ConfirmedBy, m.Status.ConfirmedAt = v1alpha1.MeetingConfirmed, b.officers[theCIO].username, &now
			m.Status.ConfirmedGeneration, m.Status.Attendance = m.Generation, &v1alpha1.Attendance{Attended: 5, Seats: 5, Quorum: 3}
		})
		unsubmitted.Spec.Submission = &v1alpha1.Submission{By: b.officers[usingSectionHead].username,
			As: v1alpha1.RoleUsingSectionHead, At: now}
		must(t, env.admin.Create(t.Context(), unsubmitted))
	})
	eventually(t, "the consent and the meeting are reported", func(ctx context.Context) error {
		var given v1alpha1.DataUseConsent
		var met v1alpha1.CommitteeMeeting
		var submitted v1alpha1.ChangeApproval
		return errors.Join(
			env.admin.Get(ctx, client.ObjectKey{Name: a.Name + "-addresses"}, &given),
			condition(given.Status.Conditions, v1alpha1.ConditionDecided, metav1.ConditionFalse, v1alpha1.ReasonUnattested),
			env.admin.Get(ctx, client.ObjectKey{Name: meeting.Name}, &met),
			condition(met.Status.Conditions, v1alpha1.ConditionConfirmed, metav1.ConditionFalse, v1alpha1.ReasonUnattested),
			env.admin.Get(ctx, client.ObjectKey{Name: unsubmitted.Name}, &submitted),
			condition(submitted.Status.Conditions, v1alpha1.ConditionSubmitted, metav1.ConditionFalse, v1alpha1.ReasonUnattested))
	})
	refused(t, decide(b.as(theCIO), a.Name, v1alpha1.DecisionApproved), "addresses", "第14条")
	refused(t, decide(b.as(sectionHead), unsubmitted.Name, v1alpha1.DecisionApproved), unsubmitted.Name, "証明")
	must(t, decide(b.as(sectionHead), unsubmitted.Name, v1alpha1.DecisionReturned))
}

// edited writes a status as cluster-admin.
func edited[T client.Object](t *testing.T, object T, name string, with func(T)) {
	t.Helper()
	get(t, object, "", name)
	before := object.DeepCopyObject().(T)
	with(object)
	must(t, env.admin.Status().Patch(t.Context(), object, client.MergeFrom(before)))
}

// ledgerIs waits until the Regulation says how the ledger stands.
func ledgerIs(t *testing.T, whole metav1.ConditionStatus, reason string) {
	t.Helper()
	eventually(t, "the ledger is "+reason, func(ctx context.Context) error {
		var regulation v1alpha1.Regulation
		if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &regulation); err != nil {
			return err
		}
		return condition(regulation.Status.Conditions, v1alpha1.ConditionLedger, whole, reason)
	})
}

// With a new key the ledger goes on: what had been decided stays in effect, found and sealed anew; and it is whole once the key
// before is known.
func TestLedgerGoesOnWithANewKey(t *testing.T) {
	s := newSystem(t)
	approval := s.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 0, 1)
	recorded(t, v1alpha1.EntryDecision, approval.Name, "Approved")
	ledgerIs(t, metav1.ConditionTrue, v1alpha1.ReasonWhole)
	old := ledgerKey(t)
	public, err := old.Public.PEM()
	must(t, err)
	restart := func(change func(data map[string][]byte)) {
		t.Helper()
		env.operator.Kill()
		secret := get(t, &corev1.Secret{}, v1alpha1.OperatorNamespace, book.KeySecret)
		change(secret.Data)
		must(t, env.admin.Update(t.Context(), secret))
		must(t, env.startOperator(context.Background()))
	}
	live, err := client.NewWithWatch(env.cluster.Config(), client.Options{Scheme: env.admin.Scheme()})
	must(t, err)
	clearances, err := live.Watch(t.Context(), &corev1.NamespaceList{}, client.MatchingFields{"metadata.name": s.name})
	must(t, err)
	restart(func(data map[string][]byte) { delete(data, "key.pem") })
	ledgerIs(t, metav1.ConditionFalse, v1alpha1.ReasonRecordAltered)
	eventually(t, "the approval is sealed anew", func(ctx context.Context) error {
		var a v1alpha1.ChangeApproval
		if err := env.admin.Get(ctx, client.ObjectKey{Name: approval.Name}, &a); err != nil {
			return err
		}
		stamp, _ := ledger.Decision(&a)
		if entry, proven := ledgerKey(t).Proven(stamp); !proven || !entry.Found {
			return fmt.Errorf("proven %v: %+v", proven, entry)
		}
		return nil
	})
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	s.scale(t, 2)
	s.havePods(t, 0, 2)
	ledgerIs(t, metav1.ConditionFalse, v1alpha1.ReasonRecordAltered) // it is open
	s.neverLeft(t, clearances, v1alpha1.ClearanceImages)
	var events eventsv1.EventList
	must(t, env.admin.List(t.Context(), &events, client.InNamespace(metav1.NamespaceDefault)))
	for _, e := range events.Items {
		if e.Reason == book.EventUnattested && e.Regarding.Name == approval.Name {
			t.Errorf("the approval was taken for a forged one: %s", e.Note)
		}
	}
	restart(func(data map[string][]byte) { data["former.pem"] = public })
	ledgerIs(t, metav1.ConditionTrue, v1alpha1.ReasonWhole)
	s.introduced(t)
}

// neverLeft sees that a watch of the system's namespace brought no other clearance.
func (s *system) neverLeft(t *testing.T, seen watch.Interface, clearance v1alpha1.Clearance) {
	t.Helper()
	must(t, relabel(t, env.admin, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}, "test.kitei.dev/seen", "all"))
	for e := range seen.ResultChan() {
		namespace, is := e.Object.(*corev1.Namespace)
		if !is {
			t.Fatalf("the watch brought %v", e.Object)
		}
		if got := namespace.Labels[v1alpha1.LabelClearance]; got != string(clearance) {
			t.Errorf("the namespace was %s for a while: %s", got, namespace.Annotations[v1alpha1.AnnotationMessage])
		}
		if namespace.Labels["test.kitei.dev/seen"] != "" {
			seen.Stop()
			return
		}
	}
	t.Error("the watch ended")
}

// introduced sees that the ledger records what comes after.
func (s *system) introduced(t *testing.T) {
	t.Helper()
	next := newSystem(t)
	approval := next.introduce(t, covered)
	recorded(t, v1alpha1.EntryDecision, approval.Name, "Approved")
}
