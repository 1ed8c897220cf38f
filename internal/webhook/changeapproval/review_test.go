package changeapproval

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// key seals what the tests stamp.
var key = func() ledger.Key {
	key, err := ledger.NewKey()
	if err != nil {
		panic(err)
	}
	return key
}()

// The people of the property test. Each holds at most one office, named as such, but for "two-hats", who is head of
// department finance and chief information officer at once. The register makes the operator itself chief information
// officer too: it decides nothing all the same.
var people = []regulation.Identity{
	{Username: "cio-old"}, {Username: "cio-new"}, {Username: "two-hats"}, {Username: "digital-head"}, {Username: "tax-head"},
	{Username: "finance-head"},
	{Username: "welfare-head"}, {Username: "a-care-head", Groups: []string{"care-heads", "system:authenticated"}},
	{Username: "stranger"}, {Username: "admin", Groups: []string{"system:masters"}},
	{Username: v1alpha1.OperatorUsername, Groups: []string{"system:serviceaccounts"}}, {Username: ""},
	{Username: "system:serviceaccount:care:robot"}, {Username: "care-heads"},
}

// entitledToApply and entitledToDecide are the table of articles 12 and 13, written out for the people above.
func entitledToApply(system string, change v1alpha1.ChangeType, who string) bool {
	careHead := who == "a-care-head" || who == "system:serviceaccount:care:robot"
	switch {
	case change == v1alpha1.ChangeMinor && system == "payroll":
		return careHead || who == "tax-head"
	case change == v1alpha1.ChangeMinor && system == "levy":
		return careHead || who == "tax-head"
	case system == "payroll":
		return who == "digital-head" || who == "welfare-head" || who == "finance-head" || who == "two-hats"
	case system == "levy":
		return who == "finance-head" || who == "two-hats"
	}
	return false
}

func entitledToDecide(system string, change v1alpha1.ChangeType, cio, who string) bool {
	switch {
	case change != v1alpha1.ChangeMinor:
		return who == cio || who == "two-hats"
	case system == "payroll":
		return who == "digital-head"
	}
	return system == "levy" && who == "tax-head"
}

func organisation(cio string) regulation.Organisation {
	user := func(names ...string) v1alpha1.OfficeHolder {
		var head v1alpha1.OfficeHolder
		for _, name := range names {
			head.Subjects = append(head.Subjects, v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: name})
		}
		return head
	}
	o := regulation.Organisation{
		Regulation: &v1alpha1.Regulation{Spec: v1alpha1.RegulationSpec{
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"},
		}},
		Departments: map[string]*v1alpha1.Department{},
		Sections:    map[string]*v1alpha1.ManagingSection{},
		Now:         time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
	}
	for name, head := range map[string]v1alpha1.OfficeHolder{
		"management": user(cio, "two-hats", v1alpha1.OperatorUsername), "finance": user("finance-head", "two-hats"),
		"welfare": user("welfare-head"),
	} {
		o.Departments[name] = &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.DepartmentSpec{DisplayName: name, Head: head}}
	}
	care := v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectGroup, Name: "care-heads"},
		{Kind: v1alpha1.SubjectServiceAccount, Namespace: "care", Name: "robot"}}}
	for name, section := range map[string]v1alpha1.ManagingSectionSpec{
		"digital": {Head: user("digital-head"), DepartmentRef: &v1alpha1.NameReference{Name: "management"}},
		"tax":     {Head: user("tax-head"), DepartmentRef: &v1alpha1.NameReference{Name: "finance"}},
		"care":    {Head: care, DepartmentRef: &v1alpha1.NameReference{Name: "welfare"}},
	} {
		o.Sections[name] = &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: section}
	}
	return o
}

// systems are payroll, which digital promotion manages and tax and care use, and levy, which tax manages and care uses.
func systems() map[string]*v1alpha1.ElectronicSystem {
	return map[string]*v1alpha1.ElectronicSystem{
		"payroll": {ObjectMeta: metav1.ObjectMeta{Name: "payroll"}, Spec: v1alpha1.ElectronicSystemSpec{
			ManagingSectionRef: &v1alpha1.NameReference{Name: "digital"},
			UsingSectionRefs:   []v1alpha1.NameReference{{Name: "tax"}, {Name: "care"}}}},
		"levy": {ObjectMeta: metav1.ObjectMeta{Name: "levy"}, Spec: v1alpha1.ElectronicSystemSpec{
			ManagingSectionRef: &v1alpha1.NameReference{Name: "tax"}, UsingSectionRefs: []v1alpha1.NameReference{{Name: "care"}}}},
	}
}

// world is one application as the API server would keep it, with what really happened to it.
type world struct {
	random *rand.Rand
	cio    string
	object *v1alpha1.ChangeApproval

	// committee says that the regulation names a steering committee; papers are what there is beside the application, and
	// debts what the section owes the committee.
	committee bool
	papers    procedure.Case
	debts     []string

	submittedBy, decidedBy string
	submitted              v1alpha1.ChangeApprovalSpec
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.Intn(len(from))] }

// step is one write by somebody, or a change in who holds the office of the chief information officer.
func (w *world) step(t *testing.T) {
	if w.random.Intn(15) == 0 {
		w.cio = pick(w.random, "cio-old", "cio-new")
	}
	w.file()
	request := write{old: w.object, identity: pick(w.random, people...), organisation: w.organisation(), key: key,
		papers: w.papers, debts: w.debts}
	request.papers.Application = w.object
	switch {
	case w.object == nil:
		request.object = &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: v1alpha1.ChangeApprovalSpec{
			SystemRef: v1alpha1.NameReference{Name: pick(w.random, "payroll", "levy", "gone")},
			Type: pick(w.random, v1alpha1.ChangeIntroduction, v1alpha1.ChangeComputerization, v1alpha1.ChangeModification,
				v1alpha1.ChangeMinor),
			Criteria:   &v1alpha1.Criteria{ResidentWelfare: "a", AdministrativeEfficiency: "b", PersonalInformationProtection: "c"},
			FiscalYear: 2027, Necessity: "a", Cost: "b", Effect: "c", Alternatives: pick(w.random, "d", "d", "d", ""),
			Urgency: pick(w.random, nil, nil, &v1alpha1.Urgency{Reason: "法令改正"}),
			DataUse: pick(w.random, nil, nil, nil, []v1alpha1.DataUse{use()}),
			Stage:   pick(w.random, v1alpha1.StageDraft, v1alpha1.StageSubmitted)}}
		w.forgeStatus(&request.object.Status)
	case w.random.Intn(2) == 0:
		request.object = w.object.DeepCopy()
		w.changeSpec(&request.object.Spec)
		w.forgeStatus(&request.object.Status)
	default:
		request.status, request.object = true, w.object.DeepCopy()
		if w.random.Intn(4) > 0 {
			request.object.Status.Decision = pick(w.random, v1alpha1.DecisionApproved, v1alpha1.DecisionApproved, v1alpha1.DecisionDenied,
				v1alpha1.DecisionReturned, v1alpha1.DecisionRevoked, "")
		}
		if w.random.Intn(3) == 0 {
			w.forgeStatus(&request.object.Status)
		}
		if w.random.Intn(4) == 0 { // what the status subresource carries of the spec counts for nothing
			w.changeSpec(&request.object.Spec)
		}
	}
	reference := request.object.Spec.SystemRef.Name
	if request.status {
		reference = w.object.Spec.SystemRef.Name
	}
	request.system = systems()[reference]
	stamped, refused := review(request)
	if refused != nil {
		if text := message.In("en").Say(refused.ID, refused.Arguments...); text == "" || text == string(refused.ID) {
			t.Errorf("the refusal %s says nothing", refused.ID)
		}
		return
	}
	w.keep(request, stamped)
}

// keep does what the API server does with an accepted object.
func (w *world) keep(request write, stamped *v1alpha1.ChangeApproval) {
	kept := stamped.DeepCopy()
	switch {
	case w.object == nil:
		kept.Status, kept.Generation = v1alpha1.ChangeApprovalStatus{}, 1
	case request.status:
		kept.Spec = w.object.Spec
		if kept.Status.Decision != w.object.Status.Decision {
			w.decidedBy = request.identity.Username
		}
	default:
		kept.Status = w.object.Status
		if !equality.Semantic.DeepEqual(kept.Spec, w.object.Spec) {
			kept.Generation++
		}
	}
	if kept.Spec.Stage == v1alpha1.StageSubmitted && (w.object == nil || w.object.Spec.Stage != v1alpha1.StageSubmitted) {
		w.submittedBy, w.submitted = request.identity.Username, *kept.Spec.DeepCopy()
	}
	w.object = kept
}

func (w *world) changeSpec(spec *v1alpha1.ChangeApprovalSpec) {
	for range 1 + w.random.Intn(2) {
		switch w.random.Intn(8) {
		case 0, 1, 2:
			spec.Stage = v1alpha1.StageSubmitted
		case 3:
			spec.Stage = v1alpha1.StageDraft
		case 4: // its seal is missing
			spec.Submission = pick(w.random, nil, &v1alpha1.Submission{By: pick(w.random, people...).Username,
				As: v1alpha1.RoleDepartmentHead, At: metav1.NewTime(organisation("").Now)})
		case 5:
			spec.Scope.Images = pick(w.random, nil, []v1alpha1.ImagePattern{"registry.example/levy/web"}, []v1alpha1.ImagePattern{"bad"})
		case 6:
			spec.Type = pick(w.random, v1alpha1.ChangeIntroduction, v1alpha1.ChangeMinor)
		case 7:
			spec.SystemRef.Name = pick(w.random, "payroll", "levy", "gone")
		}
	}
}

func (w *world) forgeStatus(status *v1alpha1.ChangeApprovalStatus) {
	at := metav1.NewTime(organisation("").Now)
	switch w.random.Intn(10) {
	case 9:
		var stamp ledger.Stamp
		if w.object != nil {
			stamp, _ = ledger.Submission(w.object)
		}
		status.Seal = pick(w.random, "", "forged", key.Seal(stamp.Entry))
	case 7:
		status.MeetingRef = pick(w.random, nil, &v1alpha1.NameReference{Name: "m0"})
	case 8:
		status.RatifyBy = pick(w.random, nil, &at)
	case 0:
		status.DecidedBy = pick(w.random, people...).Username
	case 1:
		status.DecidedAs = pick(w.random, v1alpha1.RoleChiefInformationOfficer, v1alpha1.RoleManagingSectionHead)
	case 2:
		status.DecidedAt = pick(w.random, nil, &at)
	case 3:
		status.DecidedGeneration = int64(w.random.Intn(3))
	case 4:
		status.Conditions = []metav1.Condition{{Type: "Effective", Status: "True"}}
	case 5:
		status.PastDecisions = pick(w.random, nil, []v1alpha1.PastDecision{{Decision: "Approved", By: "cio-old", At: at, Generation: 1}})
	case 6: // all of a stamp at once
		*status = v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecidedBy: "cio-old",
			DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedAt: &at, DecidedGeneration: 1}
	}
}

// No sequence of writes, by anybody, makes an approval other than: an office entitled to apply submitted exactly this, and
// another person, in an office entitled to decide it at that moment, approved it.
func TestOnlyTheRightOfficesReachAnApproval(t *testing.T) {
	reached := map[v1alpha1.Decision]int{}
	by, ways := map[string]int{}, map[string]int{}
	property := func(seed int64) bool {
		w := &world{random: rand.New(rand.NewSource(seed)), cio: "cio-old", committee: seed%2 == 0}
		for range 60 {
			var before v1alpha1.Decision
			if w.object != nil {
				before = w.object.Status.Decision
			}
			w.step(t)
			if w.object == nil {
				continue
			}
			if after := w.object.Status.Decision; after != before {
				reached[after]++
				if after == v1alpha1.DecisionApproved {
					by[w.decidedBy]++
					ways[w.way()]++
				}
				if problem := w.wrong(before, after); problem != "" {
					t.Errorf("seed %d: %s: %+v", seed, problem, w.object)
					return false
				}
			}
			if w.object.Spec.Stage != v1alpha1.StageSubmitted && w.object.Spec.Submission != nil {
				t.Errorf("seed %d: a draft says that it was submitted: %+v", seed, w.object.Spec)
				return false
			}
			if w.object.Spec.Stage == v1alpha1.StageSubmitted && !equality.Semantic.DeepEqual(w.object.Spec, w.submitted) {
				t.Errorf("seed %d: the spec changed after it was submitted: %+v", seed, w.object.Spec)
				return false
			}
		}
		return !t.Failed()
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 1500}); err != nil {
		t.Error(err)
	}
	for _, decision := range []v1alpha1.Decision{"Approved", "Denied", "Returned", "Revoked"} {
		if reached[decision] == 0 {
			t.Errorf("no sequence reached %s: the property was tried on nothing", decision)
		}
	}
	for _, way := range []string{"by a meeting", "in urgency", "without a committee"} {
		if ways[way] == 0 {
			t.Errorf("nothing was approved %s: %v", way, ways)
		}
	}
	for _, who := range []string{"cio-old", "cio-new", "two-hats", "digital-head", "tax-head"} {
		if by[who] == 0 {
			t.Errorf("%s approved nothing: %v", who, by)
		}
	}
}

// wrong says what is wrong with a decision that was just accepted.
func (w *world) wrong(before, after v1alpha1.Decision) string {
	spec, status := &w.object.Spec, &w.object.Status
	system, change := spec.SystemRef.Name, spec.Type
	legal := map[v1alpha1.Decision][]v1alpha1.Decision{"": {"Approved", "Denied", "Returned"}, "Approved": {"Revoked"}}
	papers := w.papers
	papers.Application = w.object
	state := clearance.Approval(papers, w.organisation())
	if attested := key.Approval(w.object); attested != w.object {
		return "the stamp bears no seal"
	}
	switch {
	case !slices.Contains(legal[before], after):
		return fmt.Sprintf("the decision went from %q to %q", before, after)
	case spec.Stage != v1alpha1.StageSubmitted || spec.Submission == nil || spec.Submission.By != w.submittedBy:
		return "what was decided is not what " + w.submittedBy + " submitted"
	case !entitledToApply(system, change, w.submittedBy):
		return w.submittedBy + " may not apply for it"
	case !entitledToDecide(system, change, w.cio, w.decidedBy):
		return w.decidedBy + " may not decide it"
	case w.decidedBy == w.submittedBy && !w.met(after):
		return w.decidedBy + " decided what they applied for"
	case w.committee && change != v1alpha1.ChangeMinor && after == v1alpha1.DecisionDenied && !w.met(after):
		return "no meeting denied it"
	case w.committee && change != v1alpha1.ChangeMinor && after == v1alpha1.DecisionApproved && !w.met(after) &&
		(spec.Urgency == nil || len(w.debts) > 0 || status.RatifyBy == nil ||
			w.met(v1alpha1.DecisionDenied) || w.met(v1alpha1.DecisionReturned)):
		return "no meeting approved it, and no urgency let it come before one"
	case after == v1alpha1.DecisionApproved && len(spec.DataUse) > 0 && !w.consented():
		return "nobody consented to the use of their data"
	case after == v1alpha1.DecisionApproved && w.met(after) != (status.MeetingRef != nil):
		return "the stamp does not name the meeting"
	case status.DecidedBy != w.decidedBy || status.DecidedGeneration != w.object.Generation || status.DecidedAt == nil:
		return "the stamp is not of " + w.decidedBy
	case after == v1alpha1.DecisionApproved && (state != clearance.StateInEffect || len(status.PastDecisions) > 0):
		return "the approval is " + string(state)
	case after == v1alpha1.DecisionRevoked && (len(status.PastDecisions) != 1 ||
		status.PastDecisions[0].Decision != v1alpha1.DecisionApproved):
		return "the revocation keeps no record of the approval"
	}
	return ""
}

// The reason is given with its own decision: a merge patch that says nothing of it does not carry the approval's over.
func TestReasonOfARevocation(t *testing.T) {
	at := metav1.NewTime(organisation("").Now.Add(-time.Hour))
	before := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: "a", Generation: 3},
		Spec: v1alpha1.ChangeApprovalSpec{SystemRef: v1alpha1.NameReference{Name: "levy"}, Type: v1alpha1.ChangeIntroduction,
			Stage: v1alpha1.StageSubmitted, Submission: &v1alpha1.Submission{By: "finance-head", As: v1alpha1.RoleDepartmentHead, At: at}},
		Status: v1alpha1.ChangeApprovalStatus{Decision: v1alpha1.DecisionApproved, DecisionReason: "必要と認める", DecidedBy: "cio-old",
			DecidedAs: v1alpha1.RoleChiefInformationOfficer, DecidedAt: &at, DecidedGeneration: 3, Seal: "of the approval"}}
	for reason, want := range map[string]string{"必要と認める": "", "": "", "漏えいがあった": "漏えいがあった"} {
		after := before.DeepCopy()
		after.Status.Decision, after.Status.DecisionReason = v1alpha1.DecisionRevoked, reason
		stamped, refused := review(write{old: before, object: after, status: true, identity: regulation.Identity{Username: "cio-new"},
			organisation: organisation("cio-new"), system: systems()["levy"], key: key})
		if refused != nil {
			t.Fatalf("refused: %s %v", refused.ID, refused.Arguments)
		}
		record := stamped.Status.PastDecisions[0]
		if stamped.Status.DecisionReason != want || record.Reason != "必要と認める" || record.By != "cio-old" || !record.At.Equal(&at) ||
			record.Generation != 3 || record.Seal != "of the approval" || record.As != v1alpha1.RoleChiefInformationOfficer ||
			stamped.Status.DecidedBy != "cio-new" {
			t.Errorf("reason %q: got %+v", reason, stamped.Status)
		}
	}
}

// The conditions, and how a decision was told, are the operator's to write, and nobody else's; it writes nothing else.
func TestConditions(t *testing.T) {
	before := &v1alpha1.ChangeApproval{Spec: v1alpha1.ChangeApprovalSpec{Type: v1alpha1.ChangeIntroduction}}
	conditions := before.DeepCopy()
	conditions.Status.Conditions = []metav1.Condition{{Type: "Effective", Status: "True"}}
	told := before.DeepCopy()
	told.Status.Notifications = []v1alpha1.NotificationRecord{{Decision: "Approved", Channel: "Mail", State: "Delivered"}}
	more, both := conditions.DeepCopy(), told.DeepCopy()
	more.Status.DecisionReason, both.Status.Decision = "x", "Approved"
	for _, test := range []struct {
		who  string
		what *v1alpha1.ChangeApproval
		want message.ID
	}{
		{v1alpha1.OperatorUsername, conditions, ""}, {v1alpha1.OperatorUsername, more, message.NotEntitledToDecide},
		{"cio-old", conditions, message.ConditionsNotYours}, {"admin", conditions, message.ConditionsNotYours},
		{v1alpha1.OperatorUsername + "x", conditions, message.ConditionsNotYours},
		{v1alpha1.OperatorUsername, told, ""}, {v1alpha1.OperatorUsername, both, message.NotEntitledToDecide},
		{"cio-old", told, message.StampForged}, {"cio-old", both, message.StampForged}, {"admin", told, message.StampForged},
	} {
		_, refused := review(write{old: before, object: test.what, status: true, identity: regulation.Identity{Username: test.who},
			organisation: organisation("cio-old"), key: key})
		if refused == nil {
			refused = &refusal{}
		}
		if refused.ID != test.want {
			t.Errorf("%s: refused as %q, want %q", test.who, refused.ID, test.want)
		}
	}
}

// A system that was taken off the register can be approved no more, but its approvals can be revoked.
func TestSystemThatLeftTheRegister(t *testing.T) {
	at := metav1.NewTime(organisation("").Now)
	for _, test := range []struct {
		from, to v1alpha1.Decision
		want     message.ID
	}{{"", "Approved", message.SystemNotFound}, {"", "Denied", ""}, {"", "Returned", ""}, {"Approved", "Revoked", ""}} {
		before := &v1alpha1.ChangeApproval{Spec: v1alpha1.ChangeApprovalSpec{Type: v1alpha1.ChangeIntroduction,
			Stage:      v1alpha1.StageSubmitted,
			Submission: &v1alpha1.Submission{By: "finance-head"}},
			Status: v1alpha1.ChangeApprovalStatus{Decision: test.from, DecidedAt: &at}}
		after := before.DeepCopy()
		after.Status.Decision = test.to
		_, refused := review(write{old: before, object: after, status: true, identity: regulation.Identity{Username: "cio-old"},
			organisation: organisation("cio-old"), key: key})
		if refused == nil {
			refused = &refusal{}
		}
		if refused.ID != test.want {
			t.Errorf("%q to %q: refused as %q, want %q", test.from, test.to, refused.ID, test.want)
		}
	}
}
