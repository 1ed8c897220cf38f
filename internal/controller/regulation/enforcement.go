package regulation

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/message"
)

// guards are the objects, by kind, through which the API server enforces the regulation.
var guards = map[string][]string{
	"ValidatingAdmissionPolicy":        {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces", "kitei-bindings"},
	"ValidatingAdmissionPolicyBinding": {"kitei-pods", "kitei-workloads", "kitei-warnings", "kitei-namespaces", "kitei-bindings"},
	"ValidatingWebhookConfiguration":   {"kitei-validating"},
	"MutatingWebhookConfiguration":     {"kitei-mutating"},
}

// holdGuards hold Pods, on API servers that can.
var holdGuards = map[string][]string{
	"MutatingAdmissionPolicy":        {"kitei-hold"},
	"MutatingAdmissionPolicyBinding": {"kitei-hold"},
}

// HoldServed says whether the API server can hold Pods at all: whether it serves MutatingAdmissionPolicy v1.
func HoldServed(mapper meta.RESTMapper) (bool, error) {
	_, err := mapper.RESTMapping(schema.GroupKind{Group: "admissionregistration.k8s.io", Kind: "MutatingAdmissionPolicy"}, "v1")
	switch {
	case meta.IsNoMatchError(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("ask whether the API server serves MutatingAdmissionPolicy: %w", err)
	}
	return true, nil
}

func guard(kind string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: kind})
	return object
}

// enforced is the condition Enforced.
func (r *Reconciler) enforced(ctx context.Context, p message.Printer) (metav1.Condition, error) {
	var missing []string
	for _, set := range r.guardSets() {
		for kind, names := range set {
			for _, name := range names {
				err := r.Client.Get(ctx, client.ObjectKey{Name: name}, guard(kind))
				if apierrors.IsNotFound(err) {
					missing = append(missing, kind+"/"+name)
				} else if err != nil {
					return metav1.Condition{}, fmt.Errorf("get %s %s: %w", kind, name, err)
				}
			}
		}
	}
	slices.Sort(missing)
	switch {
	case len(missing) > 0:
		return status.Condition(v1alpha1.ConditionEnforced, false, v1alpha1.ReasonPolicyMissing,
			p.Say(message.EnforcementMissing, p.List(missing))), nil
	case !r.HoldServed:
		return status.Condition(v1alpha1.ConditionEnforced, true, v1alpha1.ReasonHoldUnavailable, p.Say(message.HoldNotServed)), nil
	}
	return status.Condition(v1alpha1.ConditionEnforced, true, v1alpha1.ReasonEnforced, p.Say(message.EnforcedWhole)), nil
}

func (r *Reconciler) guardSets() []map[string][]string {
	if r.HoldServed {
		return []map[string][]string{guards, holdGuards}
	}
	return []map[string][]string{guards}
}
