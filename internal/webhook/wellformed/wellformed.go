// Package wellformed keeps from the webhooks' handlers what no API server sends: they judge what a request says, and must not
// have to think of one that says nothing.
package wellformed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// Only has a handler answer well-formed requests only; others are refused.
func Only(handler admission.Handler) admission.Handler {
	return admission.HandlerFunc(func(ctx context.Context, request admission.Request) admission.Response {
		if err := check(request); err != nil {
			return admission.Errored(http.StatusBadRequest, fmt.Errorf("the request is malformed: %w", err))
		}
		return handler.Handle(ctx, request)
	})
}

// check sees that a request brings the objects that its operation has, each of the kind that it says.
func check(request admission.Request) error {
	object, old := is(request.Kind, request.Object.Raw), is(request.Kind, request.OldObject.Raw)
	switch request.Operation {
	case admissionv1.Create:
		if request.SubResource == "status" {
			return errors.New("a status is updated, not created")
		}
		return named("object", object)
	case admissionv1.Update:
		return cmp.Or(named("object", object), named("oldObject", old))
	case admissionv1.Delete:
		return named("oldObject", old)
	case admissionv1.Connect:
	}
	return fmt.Errorf("operation %q is not answered", request.Operation)
}

func named(field string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

// is says why content is no object of a kind. One that does not name its kind may be.
func is(kind metav1.GroupVersionKind, content []byte) error {
	var object *metav1.TypeMeta
	if err := json.Unmarshal(content, &object); err != nil {
		return err
	}
	if object == nil {
		return errors.New("there is none")
	}
	version, name := schema.GroupVersionKind(kind).ToAPIVersionAndKind()
	if object.Kind != "" && object.Kind != name || object.APIVersion != "" && object.APIVersion != version {
		return fmt.Errorf("it is a %s of %s, and the request says %s of %s", object.Kind, object.APIVersion, name, version)
	}
	return nil
}
