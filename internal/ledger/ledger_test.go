package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

func key(t *testing.T) Key {
	t.Helper()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// chain of n records.
func chain(t *testing.T, k Key, n int) []v1alpha1.DecisionRecord {
	t.Helper()
	var records []v1alpha1.DecisionRecord
	head := ""
	for i := range n {
		record := appended(t, k, head, int64(i)+1, fmt.Sprintf("部長%d", i))
		records, head = append(records, *record), Hash(record)
	}
	return records
}

func appended(t *testing.T, k Key, previous string, sequence int64, by string) *v1alpha1.DecisionRecord {
	t.Helper()
	record, err := Append(t.Context(), k, previous, sequence, v1alpha1.LedgerEntry{Kind: v1alpha1.EntryDecision,
		Resource: "changeapprovals", Name: "r8-tax", UID: "uid", Digest: Digest(by), Decision: "Approved", By: by,
		At: metav1.NewTime(time.Date(2026, 6, 1, 9, 0, 0, 0, time.FixedZone("JST", 9*60*60)))})
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// stored is a record as it comes back from the API server or an export.
func stored(t *testing.T, records []v1alpha1.DecisionRecord) []v1alpha1.DecisionRecord {
	t.Helper()
	text, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	var back []v1alpha1.DecisionRecord
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestVerifyNamesTheFirstRecordAtFault(t *testing.T) {
	k, other := key(t), key(t)
	type list = []v1alpha1.DecisionRecord
	type spec = v1alpha1.DecisionRecordSpec
	altered := func(change func(*spec, list)) func(list) list {
		return func(r list) list { change(&r[2].Spec, r); return r }
	}
	for name, test := range map[string]struct {
		forge    func(list) list
		problem  Problem
		sequence int64
	}{
		"untouched":           {func(r list) list { return r }, "", 0},
		"the first is gone":   {func(r list) list { return r[1:] }, ProblemMissing, 1},
		"one is gone":         {func(r list) list { return append(r[:2:2], r[3:]...) }, ProblemMissing, 3},
		"two are gone":        {func(r list) list { return append(r[:2:2], r[4:]...) }, ProblemMissing, 3},
		"two swapped":         {func(r list) list { r[2], r[3] = r[3], r[2]; return r }, ProblemOrder, 3},
		"one twice":           {func(r list) list { return append(r[:3:3], r[2:]...) }, ProblemOrder, 3},
		"payload altered":     {altered(func(s *spec, r list) { s.Envelope.Payload = r[1].Spec.Envelope.Payload }), ProblemAltered, 3},
		"signature altered":   {altered(func(s *spec, r list) { s.Envelope.Signatures = r[1].Spec.Envelope.Signatures }), ProblemAltered, 3},
		"no signature":        {altered(func(s *spec, _ list) { s.Envelope.Signatures = nil }), ProblemAltered, 3},
		"of another type":     {altered(func(s *spec, _ list) { s.Envelope.PayloadType = "text/plain" }), ProblemAltered, 3},
		"says another":        {altered(func(s *spec, _ list) { s.Entry.By = "区長" }), ProblemAltered, 3},
		"says another time":   {altered(func(s *spec, _ list) { s.Entry.At = metav1.Now() }), ProblemAltered, 3},
		"says another hash":   {altered(func(s *spec, r list) { s.Previous = Hash(&r[0]) }), ProblemAltered, 3},
		"another's name":      {func(r list) list { r[2].Name = Name(7); return r }, ProblemAltered, 3},
		"another key's":       {func(r list) list { r[2] = *appended(t, other, Hash(&r[1]), 3, "区長"); return r }, ProblemAltered, 3},
		"signed, of no place": {func(r list) list { r[2] = *appended(t, k, Hash(&r[0]), 3, "区長"); return r }, ProblemAltered, 3},
		"signed anew":         {func(r list) list { r[2] = *appended(t, k, Hash(&r[1]), 3, "区長"); return r }, ProblemAltered, 4},
	} {
		t.Run(name, func(t *testing.T) {
			records := chain(t, k, 6)
			whole := Hash(&records[5])
			head, err := Verify(t.Context(), []Public{k.Public}, stored(t, test.forge(records)))
			if test.problem == "" {
				if err != nil || head != (Head{Sequence: 6, Hash: whole}) {
					t.Fatalf("got %v, %v", head, err)
				}
				return
			}
			var fault *ChainError
			if !errors.As(err, &fault) || fault.Problem != test.problem || fault.Sequence != test.sequence {
				t.Errorf("got %v, want record %d: %s", err, test.sequence, test.problem)
			}
		})
	}
}

// A ledger goes on with a new key; both keys prove it, and one does not.
func TestLedgerOfTwoKeys(t *testing.T) {
	old, now := key(t), key(t)
	records := chain(t, old, 2)
	records = append(records, *appended(t, now, Hash(&records[1]), 3, "部長"))
	if _, err := Verify(t.Context(), []Public{now.Public, old.Public}, records); err != nil {
		t.Error(err)
	}
	for _, one := range []Key{old, now} {
		if _, err := Verify(t.Context(), []Public{one.Public}, records); err == nil {
			t.Error("one key proves what two signed")
		}
	}
}

func approved() *v1alpha1.ChangeApproval {
	at := metav1.NewTime(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	return &v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: "r8-tax", UID: "uid"},
		Spec:       v1alpha1.ChangeApprovalSpec{Title: "税務", Submission: &v1alpha1.Submission{By: "head", At: at}},
		Status: v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecidedBy: "cio",
			DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedAt: &at},
	}
}

func TestSealFitsItsEntryAlone(t *testing.T) {
	k := key(t)
	application := approved()
	stamp, _ := Decision(application)
	application.Status.Seal = k.Seal(stamp.Entry)
	if k.Approval(application) != application {
		t.Fatal("the seal does not fit its own entry")
	}
	if key(t).Approval(application).Status.DecidedBy != "" {
		t.Error("another key takes the seal for its own")
	}
	for name, change := range map[string]func(*v1alpha1.ChangeApproval){
		"name":          func(a *v1alpha1.ChangeApproval) { a.Name = "other" },
		"uid":           func(a *v1alpha1.ChangeApproval) { a.UID = "other" },
		"spec":          func(a *v1alpha1.ChangeApproval) { a.Spec.Title = "福祉" },
		"who submitted": func(a *v1alpha1.ChangeApproval) { a.Spec.Submission.By = "other" },
		"decision":      func(a *v1alpha1.ChangeApproval) { a.Status.Decision = v1alpha1.DecisionDenied },
		"by":            func(a *v1alpha1.ChangeApproval) { a.Status.DecidedBy = "other" },
		"as":            func(a *v1alpha1.ChangeApproval) { a.Status.DecidedAs = v1alpha1.RoleDepartmentHead },
		"at": func(a *v1alpha1.ChangeApproval) {
			later := metav1.NewTime(a.Status.DecidedAt.Add(time.Hour))
			a.Status.DecidedAt = &later
		},
		"reason":   func(a *v1alpha1.ChangeApproval) { a.Status.DecisionReason = "other" },
		"meeting":  func(a *v1alpha1.ChangeApproval) { a.Status.MeetingRef = &v1alpha1.NameReference{Name: "m"} },
		"ratifyBy": func(a *v1alpha1.ChangeApproval) { a.Status.RatifyBy = a.Status.DecidedAt },
		"no seal":  func(a *v1alpha1.ChangeApproval) { a.Status.Seal = "" },
		"a submission's seal": func(a *v1alpha1.ChangeApproval) {
			submission, _ := Submission(a)
			a.Status.Seal = k.Seal(submission.Entry)
		},
	} {
		forged := application.DeepCopy()
		change(forged)
		attested := k.Approval(forged)
		if attested == forged || attested.Status.DecidedBy != "" {
			t.Errorf("the seal still fits with another %s", name)
		}
		if forged.Status.DecidedBy == "" {
			t.Errorf("%s: the object itself was changed", name)
		}
	}
}

// Decisions of before the ledger are sealed as found, and only they; that write is told from every other.
func TestWhatIsFoundIsSealed(t *testing.T) {
	k := key(t)
	before := approved()
	before.Status.PastDecisions = []v1alpha1.PastDecision{{Decision: v1alpha1.DecisionApproved, By: "cio-old",
		At: *before.Status.DecidedAt}}
	after := before.DeepCopy()
	if !k.SealFound(after) || k.SealFound(after) {
		t.Error("sealing what is found is not done once")
	}
	if k.Approval(after) != after {
		t.Error("what was sealed is not proven")
	}
	stamp, _ := Decision(after)
	if entry, proven := k.Proven(stamp); !proven || !entry.Found {
		t.Errorf("the entry does not say that it was found: %v %v", entry, proven)
	}
	if !k.OnlySealed(before, after) {
		t.Error("the opening is not taken for one")
	}
	forged := after.DeepCopy()
	forged.Status.Seal = after.Status.PastDecisions[0].Seal
	changed := after.DeepCopy()
	changed.Status.DecidedBy = "other"
	if k.OnlySealed(before, forged) || k.OnlySealed(before, changed) || k.OnlySealed(before, &v1alpha1.ChangeApproval{}) {
		t.Error("another write is taken for the opening")
	}
	nobody := approved()
	nobody.Status.DecidedBy = ""
	if k.SealFound(nobody) {
		t.Error("a decision of nobody was sealed")
	}
}

// What the ledger knows to have ended does not stand again, on the same object; on another of its name it is news.
func TestPutBack(t *testing.T) {
	application := approved()
	revoked := application.DeepCopy()
	revoked.Status.Decision = v1alpha1.DecisionRevoked
	end, _ := Decision(revoked)
	known := func(id string) bool { return id == ID(end.Entry) }
	undecided, another := application.DeepCopy(), application.DeepCopy()
	undecided.Status, another.UID = v1alpha1.ChangeApprovalStatus{}, "other"
	for name, test := range map[string]struct {
		object *v1alpha1.ChangeApproval
		known  func(string) bool
		want   bool
	}{
		"approved again":  {application, known, true},
		"undecided again": {undecided, known, true},
		"revoked":         {revoked, known, false},
		"another object":  {another, known, false},
		"no ledger":       {application, func(string) bool { return false }, false},
	} {
		if got := PutBack(test.object, test.known); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestKeysAreReadBack(t *testing.T) {
	k := key(t)
	private, err := k.PEM()
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public.PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	known, err := ParsePublic(public)
	if err != nil {
		t.Fatal(err)
	}
	stamp := Stamp{Entry: v1alpha1.LedgerEntry{By: "a"}}
	stamp.Seal = again.Seal(stamp.Entry)
	if _, proven := known.Proven(stamp); !proven || known.ID() != k.ID() {
		t.Error("the keys read back are other keys")
	}
	for _, bad := range [][]byte{nil, []byte("x"), public} {
		if _, err := ParseKey(bad); err == nil {
			t.Errorf("%q passes for a private key", bad)
		}
	}
	for _, bad := range [][]byte{nil, []byte("x"), private} {
		if _, err := ParsePublic(bad); err == nil {
			t.Errorf("%q passes for a public key", bad)
		}
	}
}
