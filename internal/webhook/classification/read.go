package classification

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	domain "kitei.dev/kitei/internal/classification"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// verdict on an asset, with what it rests on.
type verdict struct {
	// system that the namespace belongs to; empty for none.
	system       string
	mode         v1alpha1.EnforcementMode
	organisation regulation.Organisation
	question     domain.Question
	findings     []domain.Finding
}

// judge reads what the asset is measured against and judges it. The regulation, the standard, the system and the namespace
// come from the reader; claims and workloads from the API server.
func (h *Handler) judge(ctx context.Context, reader client.Reader, read subject) (verdict, error) {
	var v verdict
	namespace := metadata("Namespace")
	if err := reader.Get(ctx, client.ObjectKey{Name: read.namespace}, namespace); err != nil {
		return v, fmt.Errorf("get namespace %s: %w", read.namespace, err)
	}
	v.system = namespace.Labels[v1alpha1.LabelSystem]
	if v.system == "" || !clearance.Governed(namespace.Name, namespace.Labels) {
		return v, nil
	}
	var err error
	if v.organisation, err = register.Organisation(ctx, reader, h.Clock.Now()); err != nil {
		return v, err
	}
	if v.organisation.Regulation == nil || v.organisation.Regulation.Spec.SecurityStandardRef == nil {
		return v, nil // no standard, no levels: nothing is asked for (article 27)
	}
	v.mode = clearance.Mode(v.organisation.Regulation, namespace.Labels)
	v.question = domain.Question{
		Namespace:    read.namespace,
		StandardName: v.organisation.Regulation.Spec.SecurityStandardRef.Name,
		SystemName:   v.system,
		Asset:        read.asset,
		Before:       read.before,
	}
	if v.question.Standard, err = get(ctx, reader, v.question.StandardName, &v1alpha1.SecurityStandard{}); err != nil {
		return v, err
	}
	if v.question.System, err = get(ctx, reader, v.system, &v1alpha1.ElectronicSystem{}); err != nil {
		return v, err
	}
	if v.question.Claims, err = h.claims(ctx, read); err != nil {
		return v, err
	}
	if v.question.AsksForWorkloads() {
		if v.question.Workloads, err = h.workloads(ctx, read); err != nil {
			return v, err
		}
	}
	v.findings = domain.Check(v.question)
	return v, nil
}

// get reads an object of the cluster; nil if there is none.
func get[T client.Object](ctx context.Context, reader client.Reader, name string, object T) (T, error) {
	err := reader.Get(ctx, client.ObjectKey{Name: name}, object)
	switch {
	case apierrors.IsNotFound(err):
		var none T
		return none, nil
	case err != nil:
		return object, fmt.Errorf("get %T %s: %w", object, name, err)
	}
	return object, nil
}
