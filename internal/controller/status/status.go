// Package status writes the status of Kitei's kinds: what a controller wants it to be, once, by server-side apply, and only
// if it changed.
package status

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// fieldManager owns what the operator writes into a status.
const fieldManager = "kitei-status"

// Condition makes a condition. It is true where the reason is one of the good ones.
func Condition(kind string, holds bool, reason, message string) metav1.Condition {
	state := metav1.ConditionFalse
	if holds {
		state = metav1.ConditionTrue
	}
	const longest = 32768 // the API's bound on a condition's message
	if len(message) > longest {
		message = message[:longest]
	}
	return metav1.Condition{Type: kind, Status: state, Reason: reason, Message: message}
}

// Set puts conditions into a list: their times of transition are kept where their state is.
func Set(conditions *[]metav1.Condition, generation int64, wanted ...metav1.Condition) {
	for _, condition := range wanted {
		condition.ObservedGeneration = generation
		meta.SetStatusCondition(conditions, condition)
	}
}

// Apply writes a status if it differs from what was observed. The object is named by its key; of its status only the fields
// that are set in status are owned, so that a field which people write, such as a decision, stays theirs.
func Apply[S any](ctx context.Context, c client.Client, object client.Object, observed, status S) error {
	if equality.Semantic.DeepEqual(observed, status) {
		return nil
	}
	_, err := ApplyAs(ctx, c, fieldManager, object, "", status)
	return client.IgnoreNotFound(err)
}

// ApplyAs writes a status for an owner of its own, and returns the object's version afterwards. Where a version is given, it
// writes on that version or, with a conflict, not at all.
func ApplyAs[S any](ctx context.Context, c client.Client, owner string, object client.Object, version string, status S,
) (string, error) {
	kind, err := apiutil.GVKForObject(object, c.Scheme())
	if err != nil {
		return "", fmt.Errorf("find the kind of %s: %w", object.GetName(), err)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&struct {
		Status S `json:"status"`
	}{status})
	if err != nil {
		return "", fmt.Errorf("encode the status of %s %s: %w", kind.Kind, object.GetName(), err)
	}
	desired := &unstructured.Unstructured{Object: content}
	desired.SetGroupVersionKind(kind)
	desired.SetName(object.GetName())
	desired.SetResourceVersion(version)
	err = c.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(desired), client.FieldOwner(owner),
		client.ForceOwnership)
	if err != nil {
		return "", fmt.Errorf("apply the status of %s %s: %w", kind.Kind, object.GetName(), err)
	}
	return desired.GetResourceVersion(), nil // desired holds the answer now
}
