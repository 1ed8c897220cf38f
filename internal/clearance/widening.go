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

// Widens compares an application with what its system is approved for now (article 13: only what widens nothing is minor).
func Widens(application *v1alpha1.ChangeApproval, organisation regulation.Organisation, system *v1alpha1.ElectronicSystem,
	cases []procedure.Case,
) Widening {
	var approved struct {
		images          []v1alpha1.ImagePattern
		namespaces      []string
		categories      []v1alpha1.DataCategory
		anyImage, every bool
	}
	approved.categories = system.Spec.DataCategories
	for _, c := range cases {
		other := c.Application
		if other.Name == application.Name || other.Spec.SystemRef.Name != system.Name || Approval(c, organisation) != StateInEffect {
			continue
		}
		scope := &other.Spec.Scope
		minor := other.Spec.Type == v1alpha1.ChangeMinor
		approved.images = append(approved.images, scope.Images...)
		approved.anyImage = approved.anyImage || len(scope.Images) == 0 && !minor
		approved.categories = slices.Concat(approved.categories, scope.DataCategories)
		approved.every = approved.every || len(scope.Namespaces) == 0 && introduces(other.Spec.Type)
		if !minor {
			approved.namespaces = append(approved.namespaces, scope.Namespaces...)
		}
	}
	if approved.every {
		approved.namespaces = append(approved.namespaces, system.Spec.Namespaces...)
	}
	scope := &application.Spec.Scope
	var widening Widening
	if !approved.anyImage {
		for _, pattern := range image.NewRepositories(scope.Images, approved.images) {
			widening.Images = append(widening.Images, string(pattern))
		}
	}
	for _, namespace := range scope.Namespaces {
		if !slices.Contains(approved.namespaces, namespace) {
			widening.Namespaces = append(widening.Namespaces, namespace)
		}
	}
	for _, category := range scope.DataCategories {
		if !slices.Contains(approved.categories, category) {
			widening.DataCategories = append(widening.DataCategories, string(category))
		}
	}
	widening.Classification = scope.Classification != nil &&
		(system.Spec.Classification == nil || *scope.Classification != *system.Spec.Classification)
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
