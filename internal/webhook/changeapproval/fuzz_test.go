package changeapproval

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/webhook/admissiontest"
	"kitei.dev/kitei/internal/webhook/attest"
)

var fuzzKind = v1alpha1.GroupVersion.WithKind("ChangeApproval")

// fuzzHandler is the handler in the world of the property test, with "cio-old" in office.
func fuzzHandler(f *testing.F) *attest.Handler[*v1alpha1.ChangeApproval] {
	f.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		f.Fatal(err)
	}
	o := organisation("cio-old")
	o.Regulation.Name = v1alpha1.RegulationName
	objects := []client.Object{o.Regulation}
	for name, section := range o.Sections {
		section.Name = name
		objects = append(objects, section)
	}
	for _, department := range o.Departments {
		objects = append(objects, department)
	}
	for _, system := range systems() {
		objects = append(objects, system)
	}
	// Its live reads select by fields of which the API server knows some.
	live := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&v1alpha1.ChangeApproval{}, register.FieldSystem, func(o client.Object) []string {
			return []string{o.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name}
		}).
		WithIndex(&v1alpha1.DataUseConsent{}, register.FieldApplication, func(o client.Object) []string {
			return []string{o.(*v1alpha1.DataUseConsent).Spec.ApplicationRef.Name}
		}).Build()
	return New(live, admission.NewDecoder(scheme), testingclock.NewFakePassiveClock(o.Now), key)
}

// FuzzReview sends both webhooks whatever review: neither panics, a refusal says why, nothing malformed is let through, what
// the first stamps the second takes, and what they let through is a step that the regulation lets this person make.
func FuzzReview(f *testing.F) {
	handler := fuzzHandler(f)
	f.Fuzz(func(t *testing.T, operation, subResource string, who uint8, object, old string) {
		user := people[int(who)%len(people)]
		q := admissiontest.Question{Kind: fuzzKind, Operation: operation, SubResource: subResource, User: user.Username,
			Name: "a", Object: sealed(object), Old: sealed(old)}
		if len(user.Groups) > 0 {
			q.Group = user.Groups[0]
		}
		validated := admissiontest.Ask(t, admission.HandlerFunc(handler.Validate), q)
		if validated.Allowed && !q.Spoils() {
			checkAllowed(t, q)
		}
		if operation == string(admissionv1.Delete) || q.Spoils() {
			return // the mutating webhook is not asked
		}
		mutated := admissiontest.Ask(t, admission.HandlerFunc(handler.Mutate), q)
		if !mutated.Allowed {
			if validated.Allowed {
				t.Fatalf("stamped, it was taken, but not to be stamped again: %s", mutated.Result.Message)
			}
			return
		}
		given := read(t, q.Object)
		q.Object = patched(t, q.Object, mutated.Patch)
		if subResource != "status" {
			checkKept(t, given, read(t, q.Object))
		}
		if again := admissiontest.Ask(t, admission.HandlerFunc(handler.Validate), q); !again.Allowed {
			t.Fatalf("what was stamped is refused: %s\n%s", again.Result.Message, q.Object)
		}
		checkAllowed(t, q)
	})
}

// sealed gives a submission the seal without which nothing is approved: no corpus could know it.
func sealed(text string) string {
	var content map[string]any
	var application v1alpha1.ChangeApproval
	if kjson.Unmarshal([]byte(text), &content) != nil || kjson.Unmarshal([]byte(text), &application) != nil {
		return text
	}
	spec, _ := content["spec"].(map[string]any)
	submission, _ := spec["submission"].(map[string]any)
	stamp, submitted := ledger.Submission(&application)
	if submission == nil || !submitted {
		return text
	}
	submission["seal"] = key.Seal(stamp.Entry)
	whole, err := json.Marshal(content)
	if err != nil {
		return text
	}
	return string(whole)
}

func patched(t *testing.T, object string, patch []byte) string {
	t.Helper()
	if len(patch) == 0 {
		return object
	}
	decoded, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		t.Fatalf("%v: %s", err, patch)
	}
	result, err := decoded.Apply([]byte(object))
	if err != nil {
		t.Fatalf("%v: %s", err, patch)
	}
	return string(result)
}

// checkAllowed sees that what was let through may be.
func checkAllowed(t *testing.T, q admissiontest.Question) {
	t.Helper()
	if q.Operation == string(admissionv1.Delete) {
		if !admissiontest.Is(q.Old, fuzzKind) || read(t, q.Old).Spec.Stage == v1alpha1.StageSubmitted {
			t.Fatal("a record goes")
		}
		return
	}
	if !admissiontest.Is(q.Object, fuzzKind) {
		t.Fatalf("this is no application: %s", q.Object)
	}
	final, old := read(t, q.Object), (*v1alpha1.ChangeApproval)(nil)
	if q.Operation == string(admissionv1.Update) {
		if !admissiontest.Is(q.Old, fuzzKind) {
			t.Fatalf("this was no application: %s", q.Old)
		}
		old = read(t, q.Old)
	}
	if q.SubResource == "status" {
		checkStatus(t, q.User, old, final)
	} else {
		checkSpec(t, q.User, old, final)
	}
}

// checkKept sees that the stamp is all that the webhook writes: nothing that was asked for becomes something else.
func checkKept(t *testing.T, given, stamped *v1alpha1.ChangeApproval) {
	t.Helper()
	second := func(at *metav1.Time) int64 {
		if at == nil {
			return 0
		}
		return at.Unix()
	}
	a, b := given.Spec.Scope, stamped.Spec.Scope
	if second(a.NotBefore) != second(b.NotBefore) || second(a.NotAfter) != second(b.NotAfter) {
		t.Fatalf("from %s to %s became from %s to %s", a.NotBefore, a.NotAfter, b.NotBefore, b.NotAfter)
	}
	given, stamped = given.DeepCopy(), stamped.DeepCopy()
	for _, application := range []*v1alpha1.ChangeApproval{given, stamped} {
		application.Spec.Submission, application.Spec.Scope.NotBefore, application.Spec.Scope.NotAfter = nil, nil, nil
	}
	if !equality.Semantic.DeepEqual(given.Spec, stamped.Spec) {
		t.Fatalf("%+v became %+v", given.Spec, stamped.Spec)
	}
}

func checkSpec(t *testing.T, user string, old, final *v1alpha1.ChangeApproval) {
	t.Helper()
	submission := final.Spec.Submission
	switch {
	case old != nil && old.Spec.Stage == v1alpha1.StageSubmitted:
		if !equality.Semantic.DeepEqual(old.Spec, final.Spec) {
			t.Fatalf("what was submitted changed: %+v", final.Spec)
		}
	case final.Spec.Stage != v1alpha1.StageSubmitted:
		if submission != nil {
			t.Fatal("a draft says that it was submitted")
		}
	case submission == nil || submission.By != user || !entitledToApply(final.Spec.SystemRef.Name, final.Spec.Type, user):
		t.Fatalf("%q submitted as %+v", user, submission)
	}
}

func checkStatus(t *testing.T, user string, old, final *v1alpha1.ChangeApproval) {
	t.Helper()
	if old == nil {
		t.Fatal("the status of what is not there yet was written")
	}
	before, after := old.Status, final.Status
	if before.Decision == after.Decision {
		before.Conditions, after.Conditions = nil, nil
		if !equality.Semantic.DeepEqual(before, after) {
			t.Fatalf("the record of a decision changed: %+v", after)
		}
		return
	}
	moves := map[v1alpha1.Decision][]v1alpha1.Decision{"": {"Approved", "Denied", "Returned"}, "Approved": {"Revoked"}}
	switch {
	case !slices.Contains(moves[before.Decision], after.Decision):
		t.Fatalf("the decision went from %q to %q", before.Decision, after.Decision)
	case old.Spec.Submission == nil || old.Spec.Submission.By == user || user == v1alpha1.OperatorUsername:
		t.Fatalf("%q decided what %+v submitted", user, old.Spec.Submission)
	case !entitledToDecide(old.Spec.SystemRef.Name, old.Spec.Type, "cio-old", user) && !orphan(old):
		t.Fatalf("%q decided", user)
	case after.DecidedBy != user || after.DecidedAt == nil || after.DecidedGeneration != old.Generation:
		t.Fatalf("the stamp of %q is %+v", user, after)
	case after.DecidedAt.Sub(organisation("").Now).Abs() > attest.MaxStampAge+time.Second:
		t.Fatalf("decided at %s", after.DecidedAt)
	case before.DecidedAt != nil && len(after.PastDecisions) != len(before.PastDecisions)+1:
		t.Fatalf("the record of %q is lost: %+v", before.Decision, after.PastDecisions)
	}
}

// orphan says whether the application is for a system that the register lacks, of which the table of the test knows nothing.
func orphan(a *v1alpha1.ChangeApproval) bool { return systems()[a.Spec.SystemRef.Name] == nil }

func read(t *testing.T, text string) *v1alpha1.ChangeApproval {
	t.Helper()
	var a v1alpha1.ChangeApproval
	if err := kjson.Unmarshal([]byte(text), &a); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if _, err := json.Marshal(a); err != nil {
		t.Fatalf("it cannot be written again: %v: %s", err, text)
	}
	return &a
}
