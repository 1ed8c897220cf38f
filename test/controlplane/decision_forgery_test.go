package controlplane

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// What Kitei stamps nobody writes, not even who decides, by no kind of write, alone or beside an honest decision. Each way of
// writing does let the honest decision through.
func TestStampsCannotBeForged(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	forgeries := map[string]any{
		"decidedBy": "forger", "decidedAs": "ManagingSectionHead", "decidedAt": "2020-01-01T00:00:00Z", "decidedGeneration": 7,
		"pastDecisions": []any{map[string]any{"decision": "Approved", "by": "forger", "as": "ChiefInformationOfficer",
			"at": "2020-01-01T00:00:00Z", "generation": 1}},
		"conditions": []any{map[string]any{"type": "Effective", "status": "True", "reason": "InEffect", "message": "forged",
			"lastTransitionTime": "2020-01-01T00:00:00Z"}},
		"notifications": []any{map[string]any{"decision": "Denied", "channel": "Mail", "state": "Delivered"}},
	}
	for wayName, write := range ways() {
		t.Run(wayName, func(t *testing.T) {
			pending, approved := b.submitted(t), b.decided(t, v1alpha1.DecisionApproved)
			for field, forged := range forgeries {
				for name, test := range map[string]struct {
					application *v1alpha1.ChangeApproval
					fields      map[string]any
				}{
					"before a decision":      {pending, map[string]any{field: forged}},
					"beside a decision":      {pending, map[string]any{field: forged, "decision": "Approved"}},
					"after a decision":       {approved, map[string]any{field: forged}},
					"beside a revocation":    {approved, map[string]any{field: forged, "decision": "Revoked"}},
					"with the same decision": {approved, map[string]any{field: forged, "decision": "Approved"}},
				} {
					for _, who := range []string{theCIO, clusterAdministrator} {
						err := write(t.Context(), b.as(who), test.application.Name, "status", test.fields)
						if err == nil {
							t.Errorf("%s forges %s %s", who, field, name)
							continue
						}
						refused(t, err, "status."+field, "第12条")
					}
				}
			}
			// The operator's own account writes conditions, and no stamp.
			refusedToOperator(t, write(t.Context(), b.as(operatorItself), pending.Name, "status", map[string]any{"decidedBy": "forger"}),
				"情報統括責任者")
			unchanged(t, pending)
			unchanged(t, approved)

			honest := map[string]any{"decision": "Denied", "decisionReason": "費用が過大"}
			must(t, write(t.Context(), b.as(theCIO), pending.Name, "status", honest))
			status := get(t, &v1alpha1.ChangeApproval{}, "", pending.Name).Status
			if status.Decision != "Denied" || status.DecisionReason != "費用が過大" || status.DecidedBy != b.officers[theCIO].username ||
				status.DecidedAt == nil || status.DecidedAt.Year() == 2020 || status.DecidedGeneration != pending.Generation {
				t.Errorf("the honest decision is stamped %+v", status)
			}
		})
	}
}

// A stamp cannot be taken away either.
func TestStampsCannotBeRemoved(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	revoked := b.decided(t, v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked)
	write := ways()["merge patch"]
	for _, field := range []string{"decidedBy", "decidedAs", "decidedAt", "decidedGeneration", "pastDecisions", "conditions",
		"notifications"} {
		for _, who := range []string{theCIO, clusterAdministrator} {
			refused(t, write(t.Context(), b.as(who), revoked.Name, "status", map[string]any{field: nil}), "status."+field, "第12条")
		}
	}
	unchanged(t, revoked)
}

// Every move of a decision, by the office that decides: the legal ones, staying where it is, and all others.
func TestMovesOfADecision(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	const approved, denied, returned, revoked = v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned,
		v1alpha1.DecisionRevoked
	states := map[v1alpha1.Decision]*v1alpha1.ChangeApproval{
		"": b.submitted(t), approved: b.decided(t, approved), denied: b.decided(t, denied), returned: b.decided(t, returned),
		revoked: b.decided(t, approved, revoked),
	}
	legal := map[v1alpha1.Decision]map[v1alpha1.Decision]bool{
		"": {approved: true, denied: true, returned: true}, approved: {revoked: true},
	}
	for from, application := range states {
		for _, to := range []v1alpha1.Decision{"", approved, denied, returned, revoked} {
			var value any = string(to)
			if to == "" {
				value = nil
			}
			fields := map[string]any{"decision": value}
			object := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: application.Name}}
			err := tryStatus(t, b.as(theCIO), object, fields)
			switch {
			case legal[from][to]:
				must(t, err)
				if object.Status.Decision != to || object.Status.DecidedBy != b.officers[theCIO].username {
					t.Errorf("%q to %q: answered %+v", from, to, object.Status)
				}
			case from == to:
				must(t, err) // nothing changes
			case from == "":
				refused(t, err, "第12条", "まだ決定されていない", "「"+string(to)+"」")
			default:
				refused(t, err, "第12条", "「"+string(from)+"」から「"+string(to)+"」", application.Status.DecidedBy)
			}
			if !legal[from][to] && from != to { // and nobody else may either
				for _, who := range []string{departmentHead, clusterAdministrator, operatorItself} {
					refused(t, tryStatus(t, b.as(who), object, fields), "第12条") // the operator may patch a status
				}
			}
		}
		refused(t, tryStatus(t, b.as(theCIO), &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: application.Name}},
			map[string]any{"decision": "Accepted"}), "第12条")
	}
	for _, application := range states { // all this was a dry run
		unchanged(t, application)
	}
}

// tryStatus sets fields of the status, by a dry run of a merge patch; the object becomes the answer.
func tryStatus(t *testing.T, c client.Client, object *v1alpha1.ChangeApproval, fields map[string]any) error {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"status": fields})
	must(t, err)
	return c.Status().Patch(t.Context(), object, client.RawPatch(types.MergePatchType, raw), client.DryRunAll)
}

// A revocation keeps the approval on record, with its reason, and has a reason of its own.
func TestRevocationKeepsTheApproval(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectGroup, false)
	group := b.officers[theCIO].subject.Name
	application := b.submitted(t)
	write := ways()["merge patch"]
	must(t, write(t.Context(), as(t, "令和七年度の部長", group), application.Name, "status",
		map[string]any{"decision": "Approved", "decisionReason": "必要と認める"}))
	approval := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status
	must(t, decide(as(t, "令和八年度の部長", group), application.Name, v1alpha1.DecisionRevoked))
	status := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status
	if len(status.PastDecisions) != 1 {
		t.Fatalf("past decisions: %+v", status.PastDecisions)
	}
	past := status.PastDecisions[0]
	if past.Decision != v1alpha1.DecisionApproved || past.Reason != "必要と認める" || past.By != "令和七年度の部長" ||
		past.As != v1alpha1.RoleChiefInformationOfficer || !past.At.Equal(approval.DecidedAt) ||
		past.Generation != approval.DecidedGeneration {
		t.Errorf("the approval is on record as %+v, was %+v", past, approval)
	}
	if status.DecidedBy != "令和八年度の部長" || status.DecisionReason != "" || status.DecidedAt.Before(approval.DecidedAt) {
		t.Errorf("the revocation is stamped %+v", status)
	}
}

func TestReasonIsWrittenWithItsDecision(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for name, application := range map[string]*v1alpha1.ChangeApproval{
		"undecided": b.submitted(t), "approved": b.decided(t, v1alpha1.DecisionApproved), "denied": b.decided(t, v1alpha1.DecisionDenied),
	} {
		for _, who := range []string{theCIO, clusterAdministrator} {
			t.Run(name+", "+who, func(t *testing.T) {
				for _, write := range ways() {
					refused(t, write(t.Context(), b.as(who), application.Name, "status", map[string]any{"decisionReason": "後から"}),
						"status.decisionReason", "第12条")
				}
				unchanged(t, application)
			})
		}
	}
}

func TestDraftIsNotDecided(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	draft := b.application(v1alpha1.ChangeIntroduction)
	draft.Spec.Stage = ""
	must(t, b.as(anybody).Create(t.Context(), draft))
	if draft.Spec.Stage != v1alpha1.StageDraft {
		t.Errorf("the stage defaults to %q", draft.Spec.Stage)
	}
	for _, decision := range []v1alpha1.Decision{v1alpha1.DecisionApproved, v1alpha1.DecisionDenied, v1alpha1.DecisionReturned} {
		refused(t, decide(b.as(theCIO), draft.Name, decision), "提出されていない", "kubectl patch changeapproval "+draft.Name)
	}
	refused(t, decide(b.as(theCIO), draft.Name, v1alpha1.DecisionRevoked), "第12条")

	// A decision given with the application, or on its way in with a spec, is worth nothing.
	early := b.application(v1alpha1.ChangeIntroduction)
	at := metav1.Now()
	early.Status = v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecidedBy: "cio", DecidedAt: &at,
		DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedGeneration: 1}
	if err := b.as(departmentHead).Create(t.Context(), early); err == nil {
		if status := get(t, &v1alpha1.ChangeApproval{}, "", early.Name).Status; status.Decision != "" || status.DecidedBy != "" {
			t.Errorf("an application was created with the decision %+v", status)
		}
	}
	pending := b.submitted(t)
	must(t, ways()["merge patch"](t.Context(), b.as(theCIO), pending.Name, "metadata",
		map[string]any{"labels": map[string]any{"year": "r8"}}))
	for _, write := range ways() { // status in a write of the whole object
		_ = write(t.Context(), b.as(theCIO), pending.Name, "spec", map[string]any{})
	}
	object := &unstructuredObject{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ChangeApproval"))
	must(t, b.as(theCIO).Get(t.Context(), client.ObjectKeyFromObject(pending), object))
	object.Object["status"].(map[string]any)["decision"] = "Approved"
	_ = b.as(theCIO).Update(t.Context(), object)
	unchanged(t, pending)
}

// Once submitted, an application does not change, whoever writes it and however; its labels may.
func TestSubmittedApplicationIsFrozen(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	other := newBureau(t, v1alpha1.SubjectUser, true)
	changes := map[string]map[string]any{
		"title":  {"title": "別の件名"},
		"type":   {"type": "MinorChange"},
		"system": {"systemRef": map[string]any{"name": other.name}},
		"criteria": {"criteria": map[string]any{"residentWelfare": "x", "administrativeEfficiency": "x",
			"personalInformationProtection": "x"}},
		"necessity":  {"necessity": "x"},
		"images":     {"scope": map[string]any{"images": []any{"registry.example/other"}}},
		"any image":  {"scope": map[string]any{"images": []any{}, "notAfter": "2099-01-01T00:00:00Z"}},
		"stage":      {"stage": "Draft"},
		"submission": {"submission": map[string]any{"by": "forger", "as": "DepartmentHead", "at": "2020-01-01T00:00:00Z"}},
		"withdrawal": {"stage": "Draft", "submission": nil},
	}
	for state, decisions := range map[string][]v1alpha1.Decision{
		"undecided": nil, "approved": {v1alpha1.DecisionApproved}, "returned": {v1alpha1.DecisionReturned},
	} {
		t.Run(state, func(t *testing.T) {
			application := b.decided(t, decisions...)
			for wayName, write := range ways() {
				for changeName, change := range changes {
					for _, who := range []string{departmentHead, theCIO, clusterAdministrator} {
						err := write(t.Context(), b.as(who), application.Name, "spec", change)
						if err == nil {
							t.Errorf("%s changes the %s by %s", who, changeName, wayName)
							continue
						}
						if wayName != "server-side apply" { // which may fail earlier: it does not give what is required
							refused(t, err, "第12条", application.Name, application.Spec.Submission.By)
						}
					}
				}
			}
			unchanged(t, application)
			if is := get(t, &v1alpha1.ChangeApproval{}, "", application.Name); is.Generation != application.Generation {
				t.Errorf("the generation went from %d to %d", application.Generation, is.Generation)
			}
			must(t, ways()["merge patch"](t.Context(), b.as(anybody), application.Name, "metadata",
				map[string]any{"labels": map[string]any{"year": "r8"}}))
		})
	}
}

// A draft is anybody's to write, up to its submission, which says who submitted it, in which office and when.
func TestDraftIsEditable(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for wayName, write := range ways() {
		t.Run(wayName, func(t *testing.T) {
			draft := b.application(v1alpha1.ChangeModification)
			draft.Spec.Stage = v1alpha1.StageDraft
			must(t, b.as(anybody).Create(t.Context(), draft))
			whole := map[string]any{"systemRef": map[string]any{"name": b.name}, "type": "Introduction", "title": "改めた件名",
				"scope": map[string]any{"images": []any{"registry.example/tax/web"}}}
			must(t, write(t.Context(), b.as(otherSectionHead), draft.Name, "spec", whole))

			for _, stage := range []string{"Draft", "Submitted"} {
				forged := maps.Clone(whole)
				forged["stage"] = stage
				forged["submission"] = map[string]any{"by": b.officers[departmentHead].username, "as": "DepartmentHead",
					"at": "2020-01-01T00:00:00Z"}
				for _, who := range []string{anybody, departmentHead, clusterAdministrator} {
					refused(t, write(t.Context(), b.as(who), draft.Name, "spec", forged), "spec.submission", "第12条")
				}
			}
			whole["stage"] = "Submitted"
			for _, who := range []string{anybody, theCIO, otherDepartmentHead, clusterAdministrator} {
				refused(t, write(t.Context(), b.as(who), draft.Name, "spec", whole), "申請できるのは", "所管部長")
			}
			refusedToOperator(t, write(t.Context(), b.as(operatorItself), draft.Name, "spec", whole), "申請できるのは")
			must(t, write(t.Context(), b.as(departmentHead), draft.Name, "spec", whole))
			submitted := get(t, &v1alpha1.ChangeApproval{}, "", draft.Name)
			if s := submitted.Spec.Submission; s == nil || s.By != b.officers[departmentHead].username ||
				s.As != v1alpha1.RoleDepartmentHead ||
				s.At.Year() == 2020 || submitted.Spec.Title != "改めた件名" {
				t.Errorf("submitted as %+v", submitted.Spec)
			}
		})
	}
	for name, forged := range map[string]*v1alpha1.Submission{
		"as somebody else": {By: "forger", As: v1alpha1.RoleDepartmentHead, At: metav1.Now()},
		"at another time": {By: b.officers[departmentHead].username, As: v1alpha1.RoleDepartmentHead,
			At: metav1.NewTime(time.Unix(0, 0))},
		"in another office": {By: b.officers[departmentHead].username, As: v1alpha1.RoleUsingSectionHead, At: metav1.Now()},
	} {
		application := b.application(v1alpha1.ChangeIntroduction)
		application.Spec.Submission = forged
		if err := b.as(departmentHead).Create(t.Context(), application); err == nil {
			t.Errorf("created %s", name)
		} else {
			refused(t, err, "spec.submission", "第12条")
		}
	}
}

// refusedToOperator sees that a write of the operator's own account was refused, by RBAC where it has not even the right, and
// otherwise by Kitei in these words.
func refusedToOperator(t *testing.T, err error, words ...string) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), `User "`+v1alpha1.OperatorUsername+`" cannot`) {
		return
	}
	refused(t, err, words...)
}
