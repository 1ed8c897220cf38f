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

// HoldServed says whether the API server can hold Pods at all: whether it serves MutatingAdmissionPolicy v1.
func HoldServed(mapper meta.RESTMapper) (bool, error) {
	_, err := mapper.RESTMapping(schema.GroupKind{Group: admissionGroup, Kind: "MutatingAdmissionPolicy"}, "v1")
	switch {
	case meta.IsNoMatchError(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("ask whether the API server serves MutatingAdmissionPolicy: %w", err)
	}
	return true, nil
}

// enforced is the condition Enforced.
func (r *Reconciler) enforced(ctx context.Context, p message.Printer) (metav1.Condition, error) {
	missing, changed, err := r.compare(ctx)
	if err != nil {
		return metav1.Condition{}, err
	}
	sayChanged := func() string { return p.Say(message.EnforcementChanged, p.List(changed)) }
	switch {
	case len(missing) > 0:
		said := p.Say(message.EnforcementMissing, p.List(missing))
		if len(changed) > 0 {
			said = sayChanged() + " " + said
		}
		return status.Condition(v1alpha1.ConditionEnforced, false, v1alpha1.ReasonPolicyMissing, said), nil
	case len(changed) > 0:
		return status.Condition(v1alpha1.ConditionEnforced, false, v1alpha1.ReasonPolicyChanged, sayChanged()), nil
	case !r.HoldServed:
		return status.Condition(v1alpha1.ConditionEnforced, true, v1alpha1.ReasonHoldUnavailable, p.Say(message.HoldNotServed)), nil
	}
	return status.Condition(v1alpha1.ConditionEnforced, true, v1alpha1.ReasonEnforced, p.Say(message.EnforcedWhole)), nil
}

// compare finds the guards that the cluster lacks, and those that say something else there.
func (r *Reconciler) compare(ctx context.Context) (missing, changed []string, err error) {
	for _, wanted := range r.guards {
		kind := wanted.GetObjectKind().GroupVersionKind()
		name := kind.Kind + "/" + wanted.GetName()
		object, err := r.Client.Scheme().New(kind)
		if err != nil {
			return nil, nil, fmt.Errorf("make a %s: %w", kind.Kind, err)
		}
		current := object.(client.Object)
		err = r.Client.Get(ctx, client.ObjectKeyFromObject(wanted), current)
		if apierrors.IsNotFound(err) {
			missing = append(missing, name)
			continue
		} else if err != nil {
			return nil, nil, fmt.Errorf("get %s: %w", name, err)
		}
		same, err := saysTheSame(wanted, current, r.WebhookHosts)
		if err != nil {
			return nil, nil, fmt.Errorf("compare %s: %w", name, err)
		}
		if !same {
			changed = append(changed, name)
		}
	}
	slices.Sort(missing)
	slices.Sort(changed)
	return missing, changed, nil
}
