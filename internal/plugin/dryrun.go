package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// checkManager is the field manager of dry runs: a name of its own, so that what the plugin writes never counts as its.
const checkManager = fieldManager + "-check"

// dryRun has the API server apply an object without keeping it. An object whose name is still to be made cannot be applied,
// only created.
func (c *connection) dryRun(ctx context.Context, object located) error {
	copied := object.DeepCopy()
	unstructured.RemoveNestedField(copied.Object, "metadata", "managedFields")
	unstructured.RemoveNestedField(copied.Object, "metadata", "resourceVersion")
	unstructured.RemoveNestedField(copied.Object, "status")
	var err error
	if copied.GetName() == "" {
		err = c.Create(ctx, copied, client.DryRunAll, client.FieldOwner(checkManager))
	} else {
		err = c.Apply(ctx, client.ApplyConfigurationFromUnstructured(copied), client.DryRunAll, client.ForceOwnership,
			client.FieldOwner(checkManager))
	}
	if err != nil {
		return fmt.Errorf("dry run of %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// outcome of a dry run.
type outcome string

const (
	outcomeAdmitted  outcome = "admitted"
	outcomeRefused   outcome = "refused"
	outcomeForbidden outcome = "forbidden" // the reader may not ask
	outcomeFailed    outcome = "failed"    // no verdict
)

// outcomeOf tells a verdict on the object from a failure of the check.
func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return outcomeAdmitted
	case byRBAC(err):
		return outcomeForbidden
	case isVerdict(err):
		return outcomeRefused
	}
	return outcomeFailed
}

// isVerdict says whether an error is the API server's word on the object.
func isVerdict(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false // nobody answered
	}
	switch code := status.Status().Code; code {
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	default:
		if code >= http.StatusBadRequest && code < http.StatusInternalServerError {
			return true
		}
	}
	// An object that does not fit its schema cannot be applied, which the API server calls an internal error.
	return apierrors.IsInternalError(err) && strings.Contains(err.Error(), "failed to create typed patch object")
}

// ownWarning says whether a warning is the one of Kitei's policy that a workload is not approved.
func ownWarning(text string) bool { return strings.Contains(text, "'kitei-warnings'") }
