package clearance

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// Widening is what an application would let a system do that no approval in effect lets it do.
type Widening struct {
	// Images are the patterns that name a repository not yet approved.
	Images []string
	// Namespaces not yet approved.
	Namespaces []string
	// DataCategories that the system does not handle yet.
	DataCategories []string
	// Classification says that it sets another class than the system has.
	Classification bool
}

// Any says whether it widens anything.
func (w Widening) Any() bool {
	return len(w.Images)+len(w.Namespaces)+len(w.DataCategories) > 0 || w.Classification
}

// held is what the approvals in effect let a system do.
type held struct {
	images     []v1alpha1.ImagePattern
	namespaces []string
	categories []v1alpha1.DataCategory
	// anyImage and everywhere say that an approval names no image, or no namespace, and so covers all.
	anyImage, everywhere bool
}

// Widens compares an application with what its system is approved for now (article 13: only what widens nothing is minor).
func Widens(application *v1alpha1.ChangeApproval, organisation regulation.Organisation, system *v1alpha1.ElectronicSystem,
	cases []procedure.Case,
) Widening {
	approved := held{categories: system.Spec.DataCategories}
	for _, c := range cases {
		if other := c.Application; other.Name != application.Name && other.Spec.SystemRef.Name == system.Name &&
			Approval(c, organisation) == StateInEffect {
			approved.add(other)
		}
	}
	if approved.everywhere {
		approved.namespaces = append(approved.namespaces, system.Spec.Namespaces...)
	}
	return approved.widenedBy(&application.Spec.Scope, system.Spec.Classification)
}

func (h *held) add(approval *v1alpha1.ChangeApproval) {
	scope, minor := &approval.Spec.Scope, approval.Spec.Type == v1alpha1.ChangeMinor
	h.images = append(h.images, scope.Images...)
	h.anyImage = h.anyImage || len(scope.Images) == 0 && !minor
	h.categories = slices.Concat(h.categories, scope.DataCategories)
	h.everywhere = h.everywhere || len(scope.Namespaces) == 0 && introduces(approval.Spec.Type)
	if !minor {
		h.namespaces = append(h.namespaces, scope.Namespaces...)
	}
}

func (h *held) widenedBy(scope *v1alpha1.ApprovalScope, class *v1alpha1.Classification) Widening {
	var widening Widening
	if !h.anyImage {
		for _, pattern := range image.NewRepositories(scope.Images, h.images) {
			widening.Images = append(widening.Images, string(pattern))
		}
	}
	for _, namespace := range scope.Namespaces {
		if !slices.Contains(h.namespaces, namespace) {
			widening.Namespaces = append(widening.Namespaces, namespace)
		}
	}
	for _, category := range scope.DataCategories {
		if !slices.Contains(h.categories, category) {
			widening.DataCategories = append(widening.DataCategories, string(category))
		}
	}
	widening.Classification = scope.Classification != nil && (class == nil || *scope.Classification != *class)
	return widening
}

// WideningText writes what an application widens.
func WideningText(w Widening, p message.Printer) string {
	var parts []string
	add := func(id message.ID, names []string) {
		if len(names) > 0 {
			parts = append(parts, p.Say(id, p.List(names)))
		}
	}
	add(message.WidensImages, w.Images)
	add(message.WidensNamespaces, w.Namespaces)
	add(message.WidensData, w.DataCategories)
	if w.Classification {
		parts = append(parts, p.Say(message.WidensClass))
	}
	return p.List(parts)
}
