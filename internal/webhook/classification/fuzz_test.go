package classification

import (
	"slices"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/util/json"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/webhook/admissiontest"
)

// levelsBelowSystem are the levels of each label that an asset of the world's system, classed 3B/2/2, may have.
var levelsBelowSystem = map[string][]string{
	v1alpha1.LabelConfidentiality: {"3B", "3C", "2", "1"},
	v1alpha1.LabelIntegrity:       {"2", "1"},
	v1alpha1.LabelAvailability:    {"2", "1"},
}

func fuzzHandler(f *testing.F) *Handler {
	f.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			f.Fatal(err)
		}
	}
	w := newWorld()
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(&corev1.Namespace{ObjectMeta: w.namespace.ObjectMeta},
		w.regulation, w.standard, w.system, claim("secret", "3B/2/2"), claim("data-set-0", "3B/2/2"), claim("plain", ""),
		deployment("low", "1/1/1", "shared")).Build()
	return &Handler{Cache: reader, Live: reader,
		Clock: testingclock.NewFakePassiveClock(time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))}
}

// FuzzHandle sends whatever review: it is answered, and nothing new is let through but an object of a kind that is asked, with
// three labels of levels that are not above the system's.
func FuzzHandle(f *testing.F) {
	handler := fuzzHandler(f)
	f.Fuzz(func(t *testing.T, operation, subResource string, which uint8, object, old string) {
		kind := schema.GroupVersionKind(kinds[int(which)%len(kinds)].GroupVersionKind)
		if which == 255 {
			kind = schema.GroupVersionKind{Group: "example", Version: "v1", Kind: "Robot"}
		}
		q := admissiontest.Question{Kind: kind, Operation: operation, SubResource: subResource, Namespace: "tax",
			Object: object, Old: old}
		if !admissiontest.Ask(t, handler, q).Allowed || q.Spoils() || subResource != "" && subResource != "status" {
			return
		}
		if kind.Kind == "Robot" || !admissiontest.Is(object, kind) ||
			operation != string(admissionv1.Create) && operation != string(admissionv1.Update) {
			t.Fatalf("%s of %s was let through: %s", operation, kind, object)
		}
		var made metav1.PartialObjectMetadata
		if err := kjson.Unmarshal([]byte(object), &made); err != nil {
			t.Fatal(err)
		}
		if operation == string(admissionv1.Update) {
			if !admissiontest.Is(old, kind) {
				t.Fatal("what was no object was let through")
			}
			return // an update that changes neither class nor volumes passes
		}
		for label, allowed := range levelsBelowSystem {
			if made.DeletionTimestamp == nil && !slices.Contains(allowed, made.Labels[label]) {
				t.Fatalf("%s is %q: %s", label, made.Labels[label], object)
			}
		}
	})
}
