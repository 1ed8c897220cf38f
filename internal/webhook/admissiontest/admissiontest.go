// Package admissiontest asks a webhook's handler as the API server does, over HTTP and in JSON, for the fuzz tests of the
// handlers: what they are sent need not be what an API server would send.
package admissiontest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/internal/webhook/wellformed"
)

// Question is a request of which any part may be odd.
type Question struct {
	Kind                                schema.GroupVersionKind
	Operation, SubResource, User, Group string
	Namespace, Name                     string
	// Object and Old are put into the review as they are, valid JSON or not; empty for none.
	Object, Old string
}

// Ask has a handler answer a question. It fails where the handler panics, and where a refusal says nothing or does not say
// what it is.
func Ask(t *testing.T, handler admission.Handler, q Question) *admissionv1.AdmissionResponse {
	t.Helper()
	log.SetLogger(logr.Discard())
	let := false
	webhook := &admission.Webhook{Handler: wellformed.Only(handler), RecoverPanic: &let}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(q.review(t)))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	webhook.ServeHTTP(recorder, request)

	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &review); err != nil {
		t.Fatalf("the answer is no review: %v\n%s", err, recorder.Body)
	}
	response := review.Response
	switch {
	case response == nil:
		t.Fatalf("no answer: %s", recorder.Body)
	case response.Allowed:
	case response.Result == nil || response.Result.Code < http.StatusBadRequest:
		t.Fatalf("a refusal without a code of one: %s", recorder.Body)
	case response.Result.Message == "",
		strings.Contains(response.Result.Message, "%!") && !strings.Contains(q.review(t), "%"):
		t.Fatalf("a refusal that says nothing: %s", recorder.Body)
	case strings.ContainsFunc(response.Result.Message, unicode.IsControl):
		t.Fatalf("a refusal with control characters: %s", recorder.Body)
	}
	return response
}

// review is the body of the request.
func (q Question) review(t *testing.T) string {
	t.Helper()
	encoded := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	body := `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1"` +
		`,"kind":` + encoded(map[string]string{"group": q.Kind.Group, "version": q.Kind.Version, "kind": q.Kind.Kind}) +
		`,"operation":` + encoded(q.Operation) + `,"subResource":` + encoded(q.SubResource) +
		`,"namespace":` + encoded(q.Namespace) + `,"name":` + encoded(q.Name) +
		`,"userInfo":` + encoded(map[string]any{"username": q.User, "groups": []string{q.Group}})
	if q.Object != "" {
		body += `,"object":` + q.Object
	}
	if q.Old != "" {
		body += `,"oldObject":` + q.Old
	}
	return body + "}}"
}

// Spoils says whether the question's texts are such that the review around them is not what it looks like: a text that is not
// JSON by itself may end the review early, and begin another.
func (q Question) Spoils() bool {
	return q.Object != "" && !json.Valid([]byte(q.Object)) || q.Old != "" && !json.Valid([]byte(q.Old))
}

// Is says whether a text is an object of a kind, or of one that it does not name, read without any of the code under test.
// Whatever else is no object that a webhook could judge.
func Is(text string, kind schema.GroupVersionKind) bool {
	var object map[string]any
	if kjson.Unmarshal([]byte(text), &object) != nil || object == nil {
		return false
	}
	version, name := kind.ToAPIVersionAndKind()
	for key, want := range map[string]string{"apiVersion": version, "kind": name} {
		if got, given := object[key]; given && got != nil && got != "" && got != want {
			return false
		}
	}
	return true
}
