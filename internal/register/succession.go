package register

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// Predecessors of a section, read from an indexed cache: itself and every section that it follows, at once or through
// others, whether the day has come or not.
func Predecessors(ctx context.Context, cache client.Reader, section string) ([]string, error) {
	all := []string{section}
	for at := 0; at < len(all); at++ {
		var list v1alpha1.ManagingSectionList
		if err := cache.List(ctx, &list, client.MatchingFields{FieldSuccessor: all[at]}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("list the predecessors of section %s: %w", all[at], err)
		}
		for i := range list.Items {
			if name := list.Items[i].Name; !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all, nil
}

// Successors are the section that is named and every section that follows it, whether the day has come or not.
func Successors(ctx context.Context, reader client.Reader, ref *v1alpha1.NameReference) ([]string, error) {
	var line []string
	for ref != nil && !slices.Contains(line, ref.Name) {
		line = append(line, ref.Name)
		var section v1alpha1.ManagingSection
		switch err := reader.Get(ctx, client.ObjectKey{Name: ref.Name}, &section); {
		case apierrors.IsNotFound(err):
			return line, nil
		case err != nil:
			return nil, fmt.Errorf("get managing section %s: %w", ref.Name, err)
		}
		ref = section.Spec.SuccessorRef
	}
	return line, nil
}

// SystemsOf a section, read from an indexed cache: those that it manages, or may come to manage by a transfer or as a
// successor.
func SystemsOf(ctx context.Context, cache client.Reader, section string) ([]*v1alpha1.ElectronicSystem, error) {
	sections, err := Predecessors(ctx, cache, section)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var systems []*v1alpha1.ElectronicSystem
	for _, name := range sections {
		var list v1alpha1.ElectronicSystemList
		if err := cache.List(ctx, &list, client.MatchingFields{FieldManagingSection: name}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("list the systems of section %s: %w", name, err)
		}
		for i := range list.Items {
			if system := &list.Items[i]; !seen[system.Name] {
				seen[system.Name] = true
				systems = append(systems, system)
			}
		}
	}
	return systems, nil
}
