package electronicsystem

import (
	"slices"
	"testing"
	"time"

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
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/webhook/admissiontest"
)

var fuzzKind = v1alpha1.GroupVersion.WithKind("ElectronicSystem")

// fuzzUsers are the heads of each office, and one who holds none. Section "tax" manages "levy", which has namespace "levy".
var fuzzUsers = []string{"cio", "digital-head", "tax-head", "care-head", "stranger", ""}

func fuzzHandler(f *testing.F) *Handler {
	f.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		f.Fatal(err)
	}
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	head := func(user string) v1alpha1.OfficeHolder {
		return v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: user}}}
	}
	objects := []client.Object{
		&v1alpha1.Regulation{ObjectMeta: meta(v1alpha1.RegulationName), Spec: v1alpha1.RegulationSpec{
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: "management"},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: "digital"}}},
		&v1alpha1.Department{ObjectMeta: meta("management"), Spec: v1alpha1.DepartmentSpec{Head: head("cio")}},
		&v1alpha1.ElectronicSystem{ObjectMeta: meta("levy"), Spec: v1alpha1.ElectronicSystemSpec{
			ManagingSectionRef: &v1alpha1.NameReference{Name: "tax"}, Namespaces: []string{"levy"}}},
	}
	for _, name := range []string{"digital", "tax", "care"} {
		objects = append(objects, &v1alpha1.ManagingSection{ObjectMeta: meta(name),
			Spec: v1alpha1.ManagingSectionSpec{Head: head(name + "-head")}})
	}
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&v1alpha1.ElectronicSystem{}, register.FieldNamespace, func(o client.Object) []string {
			return o.(*v1alpha1.ElectronicSystem).Spec.Namespaces
		}).Build()
	return &Handler{Cache: reader, Live: reader, Decoder: admission.NewDecoder(scheme),
		Clock: testingclock.NewFakePassiveClock(time.Date(2026, 4, 1, 3, 0, 0, 0, time.UTC))}
}

// FuzzHandle sends whatever review: it is answered, and what is let through takes no namespace from another system, and is the
// write of an office that answers for the system.
func FuzzHandle(f *testing.F) {
	handler := fuzzHandler(f)
	f.Fuzz(func(t *testing.T, operation string, who uint8, object, old string) {
		q := admissiontest.Question{Kind: fuzzKind, Operation: operation, User: fuzzUsers[int(who)%len(fuzzUsers)],
			Object: object, Old: old}
		if !admissiontest.Ask(t, handler, q).Allowed || q.Spoils() {
			return
		}
		if operation != string(admissionv1.Create) && operation != string(admissionv1.Update) {
			t.Fatalf("operation %q was let through", operation)
		}
		if !admissiontest.Is(object, fuzzKind) || operation == string(admissionv1.Update) && !admissiontest.Is(old, fuzzKind) {
			t.Fatal("what is no system was let through")
		}
		var before, after v1alpha1.ElectronicSystem
		if err := kjson.Unmarshal([]byte(object), &after); err != nil {
			t.Fatal(err)
		}
		responsible := after.Spec.ManagingSectionRef
		if operation == string(admissionv1.Update) {
			if err := kjson.Unmarshal([]byte(old), &before); err != nil {
				t.Fatal(err)
			}
			responsible = before.Spec.ManagingSectionRef
		}
		if slices.Contains(after.Spec.Namespaces, "levy") && !slices.Contains(before.Spec.Namespaces, "levy") && after.Name != "levy" {
			t.Fatal("a namespace was taken from the system that has it")
		}
		if same(operation, &before, &after) || slices.Contains([]string{"cio", "digital-head"}, q.User) {
			return
		}
		if responsible == nil || q.User != responsible.Name+"-head" || q.User == "" {
			t.Fatalf("%q wrote an entry of %v", q.User, responsible)
		}
	})
}

// same says whether a write changes nothing that an office answers for.
func same(operation string, before, after *v1alpha1.ElectronicSystem) bool {
	a, b := before.Spec, after.Spec
	if operation == string(admissionv1.Create) {
		return len(b.Namespaces) == 0
	}
	slices.Sort(a.Namespaces)
	slices.Sort(b.Namespaces)
	a.Namespaces, b.Namespaces = slices.Compact(a.Namespaces), slices.Compact(b.Namespaces)
	return equality.Semantic.DeepEqual(a.Namespaces, b.Namespaces) &&
		equality.Semantic.DeepEqual(a.ManagingSectionRef, b.ManagingSectionRef) &&
		equality.Semantic.DeepEqual(a.UsingSectionRefs, b.UsingSectionRefs) &&
		equality.Semantic.DeepEqual(a.Classification, b.Classification) &&
		equality.Semantic.DeepEqual(a.DataCategories, b.DataCategories)
}
