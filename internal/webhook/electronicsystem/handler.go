// Package electronicsystem answers for every write of an ElectronicSystem's spec: a namespace belongs to one system, and only
// an office that answers for a system says which namespaces it has, who manages and uses it, and how it is classed (articles
// 4, 7 and 26). Moving a namespace therefore takes an office of each of the two systems. An entry that claims no namespace
// may be made by anybody whom RBAC lets: nothing runs by it.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;electronicsystems,verbs=get
package electronicsystem

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// Handler answers the webhook.
type Handler struct {
	// Cache finds the systems that claim a namespace.
	Cache client.Reader
	// Live reads offices, and confirms a claim before a refusal, from the API server.
	Live client.Reader
	// Decoder of the requests' objects.
	Decoder admission.Decoder
	// Clock tells which sections stand.
	Clock clock.PassiveClock
}

// Handle decides one write.
func (h *Handler) Handle(ctx context.Context, request admission.Request) admission.Response {
	var old, system v1alpha1.ElectronicSystem
	if err := h.Decoder.DecodeRaw(request.Object, &system); err != nil {
		return admission.Errored(http.StatusBadRequest, fmt.Errorf("decode the system: %w", err))
	}
	if request.Operation == admissionv1.Update {
		if err := h.Decoder.DecodeRaw(request.OldObject, &old); err != nil {
			return admission.Errored(http.StatusBadRequest, fmt.Errorf("decode the system as it was: %w", err))
		}
	}
	added, removed := difference(old.Spec.Namespaces, system.Spec.Namespaces)
	registered := request.Operation == admissionv1.Update && !equality.Semantic.DeepEqual(guarded(old.Spec), guarded(system.Spec))
	if len(added)+len(removed) == 0 && !registered {
		return admission.Allowed("")
	}
	organisation, err := register.Organisation(ctx, h.Live, h.Clock.Now())
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	p := message.In(organisation.Language())
	for _, namespace := range added {
		other, err := h.claimant(ctx, namespace, system.Name)
		if err != nil {
			return admission.Errored(http.StatusInternalServerError, err)
		}
		if other != nil {
			return admission.Denied(p.Say(message.NamespaceClaimed, namespace, clearance.SystemName(other, p),
				registrars(organisation, other, p)))
		}
	}
	if organisation.Regulation == nil { // no offices yet, and nothing is enforced
		return admission.Allowed("")
	}
	identity := regulation.Identity{Username: request.UserInfo.Username, Groups: request.UserInfo.Groups}
	if request.Operation != admissionv1.Update {
		old = system
	}
	if _, entitled := identity.Among(organisation.Registrars(&old)); entitled {
		return admission.Allowed("")
	}
	if registered {
		return admission.Denied(p.Say(message.NotEntitledToRegister, identity.Username, clearance.SystemName(&old, p),
			registrars(organisation, &old, p)))
	}
	return admission.Denied(p.Say(message.NotEntitledToClaim, identity.Username, p.List(append(added, removed...)),
		clearance.SystemName(&old, p), registrars(organisation, &old, p)))
}

// guarded is the part of an entry, beside its namespaces, that an office answers for: not what only describes the system.
func guarded(spec v1alpha1.ElectronicSystemSpec) v1alpha1.ElectronicSystemSpec {
	spec.DisplayName, spec.Duty, spec.Note, spec.Namespaces = "", "", "", nil
	return spec
}

// claimant is another system that claims the namespace, as the API server knows it.
func (h *Handler) claimant(ctx context.Context, namespace, self string) (*v1alpha1.ElectronicSystem, error) {
	claims, err := register.Claims(ctx, h.Cache, namespace)
	if err != nil {
		return nil, err
	}
	for _, claim := range claims {
		if claim.Name == self {
			continue
		}
		var current v1alpha1.ElectronicSystem
		switch err := h.Live.Get(ctx, client.ObjectKey{Name: claim.Name}, &current); {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return nil, fmt.Errorf("get electronic system %s: %w", claim.Name, err)
		case slices.Contains(current.Spec.Namespaces, namespace):
			return &current, nil
		}
	}
	return nil, nil
}

func registrars(organisation regulation.Organisation, system *v1alpha1.ElectronicSystem, p message.Printer) string {
	return clearance.Offices(organisation.Registrars(system), v1alpha1.RoleManagingSectionHead, p)
}

// difference lists what is only in the second list, and what is only in the first.
func difference(old, current []string) (added, removed []string) {
	for _, name := range current {
		if !slices.Contains(old, name) {
			added = append(added, name)
		}
	}
	for _, name := range old {
		if !slices.Contains(current, name) {
			removed = append(removed, name)
		}
	}
	slices.SortFunc(added, strings.Compare)
	slices.SortFunc(removed, strings.Compare)
	return added, removed
}
