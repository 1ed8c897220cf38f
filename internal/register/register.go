// Package register reads from a cluster what a decision depends on: the regulation, its offices, the systems and the
// applications made for them with their papers. It is the only bridge between the API and the pure packages regulation,
// clearance and procedure.
//
// What it lists from a cache is the cache's own, not a copy: a decision looks at some hundred objects and changes none, and
// neither may a caller.
package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/paging"
	"kitei.dev/kitei/internal/regulation"
)

// Fields by which the operator's cache is indexed. [FieldSystem] and [FieldApplication] are selectable fields of the API server
// too.
const (
	// FieldSystem of a ChangeApproval: the system that it is for.
	FieldSystem = "spec.systemRef.name"
	// FieldNamespace of an ElectronicSystem: each namespace that it claims.
	FieldNamespace = "spec.namespaces"
	// FieldManagingSection of an ElectronicSystem: the section that manages it, and the one that it is transferred to.
	FieldManagingSection = "spec.managingSectionRef.name"
	// FieldSuccessor of a ManagingSection: who follows it.
	FieldSuccessor = "spec.successorRef.name"
	// FieldDepartment of a ManagingSection: its department.
	FieldDepartment = "spec.departmentRef.name"
	// FieldApplication of a DataUseConsent: the application that needs it.
	FieldApplication = "spec.applicationRef.name"
	// FieldAgenda of a CommitteeMeeting: each application on its agenda.
	FieldAgenda = "spec.agenda.applicationRef.name"
)

// Index makes the fields of this package available in a cache.
func Index(ctx context.Context, indexer client.FieldIndexer) error {
	for _, index := range []struct {
		object  client.Object
		field   string
		extract client.IndexerFunc
	}{
		{&v1alpha1.ChangeApproval{}, FieldSystem, func(o client.Object) []string {
			return []string{o.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name}
		}},
		{&v1alpha1.ElectronicSystem{}, FieldNamespace, func(o client.Object) []string {
			return o.(*v1alpha1.ElectronicSystem).Spec.Namespaces
		}},
		{&v1alpha1.ElectronicSystem{}, FieldManagingSection, func(o client.Object) []string {
			spec := &o.(*v1alpha1.ElectronicSystem).Spec
			sections := referenced(spec.ManagingSectionRef)
			if spec.Transfer != nil && !slices.Contains(sections, spec.Transfer.SectionRef.Name) {
				sections = append(sections, spec.Transfer.SectionRef.Name)
			}
			return sections
		}},
		{&v1alpha1.ManagingSection{}, FieldSuccessor, func(o client.Object) []string {
			return referenced(o.(*v1alpha1.ManagingSection).Spec.SuccessorRef)
		}},
		{&v1alpha1.ManagingSection{}, FieldDepartment, func(o client.Object) []string {
			return referenced(o.(*v1alpha1.ManagingSection).Spec.DepartmentRef)
		}},
		{&v1alpha1.DataUseConsent{}, FieldApplication, func(o client.Object) []string {
			return []string{o.(*v1alpha1.DataUseConsent).Spec.ApplicationRef.Name}
		}},
		{&v1alpha1.CommitteeMeeting{}, FieldAgenda, func(o client.Object) []string {
			return Agenda(o.(*v1alpha1.CommitteeMeeting))
		}},
	} {
		if err := indexer.IndexField(ctx, index.object, index.field, index.extract); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

func referenced(ref *v1alpha1.NameReference) []string {
	if ref == nil {
		return nil
	}
	return []string{ref.Name}
}

// Organisation reads the regulation, the departments and the sections as they are at a moment. A cluster without a
// Regulation is no error.
func Organisation(ctx context.Context, reader client.Reader, now time.Time) (regulation.Organisation, error) {
	organisation := regulation.Organisation{
		Departments: map[string]*v1alpha1.Department{},
		Sections:    map[string]*v1alpha1.ManagingSection{},
		Now:         now,
	}
	var current v1alpha1.Regulation
	switch err := reader.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); {
	case err == nil:
		organisation.Regulation = &current
	case !apierrors.IsNotFound(err):
		return organisation, fmt.Errorf("get regulation: %w", err)
	}
	var departments v1alpha1.DepartmentList
	if err := reader.List(ctx, &departments, client.UnsafeDisableDeepCopy); err != nil {
		return organisation, fmt.Errorf("list departments: %w", err)
	}
	for i := range departments.Items {
		organisation.Departments[departments.Items[i].Name] = &departments.Items[i]
	}
	var sections v1alpha1.ManagingSectionList
	if err := reader.List(ctx, &sections, client.UnsafeDisableDeepCopy); err != nil {
		return organisation, fmt.Errorf("list managing sections: %w", err)
	}
	for i := range sections.Items {
		organisation.Sections[sections.Items[i].Name] = &sections.Items[i]
	}
	return organisation, nil
}

// Applications made for a system.
func Applications(ctx context.Context, reader client.Reader, system string) ([]v1alpha1.ChangeApproval, error) {
	var list v1alpha1.ChangeApprovalList
	if err := reader.List(ctx, &list, client.MatchingFields{FieldSystem: system}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list change approvals of system %s: %w", system, err)
	}
	return list.Items, nil
}

// Claims are the systems that claim a namespace, read from an indexed cache.
func Claims(ctx context.Context, cache client.Reader, namespace string) ([]v1alpha1.ElectronicSystem, error) {
	var list v1alpha1.ElectronicSystemList
	if err := cache.List(ctx, &list, client.MatchingFields{FieldNamespace: namespace}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list electronic systems of namespace %s: %w", namespace, err)
	}
	return list.Items, nil
}

// LiveClaims are the systems that claim a namespace, read from the API server, which knows no index of them.
func LiveClaims(ctx context.Context, reader client.Reader, namespace string) ([]v1alpha1.ElectronicSystem, error) {
	var claims []v1alpha1.ElectronicSystem
	err := paging.Each(ctx, reader, &v1alpha1.ElectronicSystemList{}, func(system *v1alpha1.ElectronicSystem) error {
		if slices.Contains(system.Spec.Namespaces, namespace) {
			claims = append(claims, *system)
		}
		return nil
	})
	return claims, err
}

// LiveSystems names the systems that a section manages now, read from the API server, which knows no index of them.
func LiveSystems(ctx context.Context, reader client.Reader, organisation regulation.Organisation, section string) ([]string, error) {
	var systems []string
	err := paging.Each(ctx, reader, &v1alpha1.ElectronicSystemList{}, func(system *v1alpha1.ElectronicSystem) error {
		if manages, _ := organisation.ManagingSection(system); manages != nil && manages.Name == section {
			systems = append(systems, system.Name)
		}
		return nil
	})
	return systems, err
}

// Input gathers what the clearance of a namespace depends on.
func Input(ctx context.Context, reader client.Reader, source Source, namespace string, labels map[string]string,
	now time.Time,
) (clearance.Input, error) {
	input := clearance.Input{Namespace: namespace, Labels: labels}
	var err error
	if input.Organisation, err = Organisation(ctx, reader, now); err != nil {
		return input, err
	}
	if input.Claims, err = source.claims(ctx, reader, namespace); err != nil {
		return input, err
	}
	for i := range input.Claims {
		cases, err := source.Cases(ctx, reader, input.Claims[i].Name)
		if err != nil {
			return input, err
		}
		input.Cases = append(input.Cases, cases...)
	}
	return input, nil
}
