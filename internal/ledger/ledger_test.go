package ledger

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
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
func chain(t *testing.T, k Key, n int) []*dsse.Envelope {
	t.Helper()
	var records []*dsse.Envelope
	var previous *dsse.Envelope
	for i := range n {
		entry := Entry{Kind: KindDecision, Resource: "changeapprovals", Name: fmt.Sprintf("r8-%d", i), Digest: Digest(i), Decision: "Approved", By: "部長"}
		record, err := Append(t.Context(), k, previous, int64(i)+1, entry)
		if err != nil {
			t.Fatal(err)
		}
		records, previous = append(records, record), record
	}
	return records
}

func TestVerifyNamesTheFirstRecordAtFault(t *testing.T) {
	k := key(t)
	other := key(t)
	foreign := func(sequence int64) *dsse.Envelope {
		record, err := Append(t.Context(), other, nil, sequence, Entry{By: "x"})
		if err != nil {
			t.Fatal(err)
		}
		return record
	}
	type list = []*dsse.Envelope
	for name, test := range map[string]struct {
		forge    func(list) list
		problem  Problem
		sequence int64
	}{
		"untouched":         {func(r list) list { return r }, "", 0},
		"the first is gone": {func(r list) list { return r[1:] }, ProblemMissing, 1},
		"one is gone":       {func(r list) list { return append(r[:2:2], r[3:]...) }, ProblemMissing, 3},
		"two are gone":      {func(r list) list { return append(r[:2:2], r[4:]...) }, ProblemMissing, 3},
		"two swapped":       {func(r list) list { r[2], r[3] = r[3], r[2]; return r }, ProblemOrder, 3},
		"one twice":         {func(r list) list { return append(r[:3:3], r[2:]...) }, ProblemOrder, 3},
		"payload altered":   {func(r list) list { altered := *r[2]; altered.Payload = r[1].Payload; r[2] = &altered; return r }, ProblemAltered, 3},
		"signature altered": {func(r list) list {
			altered := *r[2]
			altered.Signatures = r[1].Signatures
			r[2] = &altered
			return r
		}, ProblemAltered, 3},
		"no signature":     {func(r list) list { altered := *r[2]; altered.Signatures = nil; r[2] = &altered; return r }, ProblemAltered, 3},
		"another's record": {func(r list) list { r[2] = foreign(3); return r }, ProblemAltered, 3},
		"of another type":  {func(r list) list { altered := *r[2]; altered.PayloadType = "text/plain"; r[2] = &altered; return r }, ProblemAltered, 3},
		"signed, not of this chain": {func(r list) list {
			record, err := Append(t.Context(), k, r[0], 3, Entry{By: "y"})
			if err != nil {
				t.Fatal(err)
			}
			r[2] = record
			return r
		}, ProblemBroken, 3},
		"a neighbour signed anew": {func(r list) list {
			record, err := Append(t.Context(), k, r[1], 3, Entry{By: "y"})
			if err != nil {
				t.Fatal(err)
			}
			r[2] = record
			return r
		}, ProblemBroken, 4},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(t.Context(), k.Public, test.forge(chain(t, k, 6)))
			if test.problem == "" {
				if err != nil {
					t.Fatal(err)
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

func TestSealFitsItsEntryAlone(t *testing.T) {
	k := key(t)
	at := metav1.NewTime(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	application := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "r8-tax", UID: "uid"},
		Spec: v1alpha1.ChangeApprovalSpec{Title: "税務", Submission: &v1alpha1.Submission{By: "head", At: at}},
		Status: v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecidedBy: "cio",
			DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedAt: &at}}
	decision, _ := Decision(application)
	seal := k.Seal(decision)
	if !k.Sealed(decision, seal) {
		t.Fatal("the seal does not fit its own entry")
	}
	if key(t).Sealed(decision, seal) {
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
			later := metav1.NewTime(at.Add(time.Hour))
			a.Status.DecidedAt = &later
		},
		"reason":   func(a *v1alpha1.ChangeApproval) { a.Status.DecisionReason = "other" },
		"meeting":  func(a *v1alpha1.ChangeApproval) { a.Status.MeetingRef = &v1alpha1.NameReference{Name: "m"} },
		"ratifyBy": func(a *v1alpha1.ChangeApproval) { a.Status.RatifyBy = &at },
	} {
		forged := application.DeepCopy()
		change(forged)
		if entry, _ := Decision(forged); k.Sealed(entry, seal) {
			t.Errorf("the seal still fits with another %s", name)
		}
	}
	if submission, _ := Submission(application); k.Sealed(submission, seal) {
		t.Error("the seal of a decision passes for that of a submission")
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
	if !known.Sealed(Entry{By: "a"}, again.Seal(Entry{By: "a"})) || known.ID() != k.ID() {
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
