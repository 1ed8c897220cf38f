package classification

import (
	"context"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	domain "kitei.dev/kitei/internal/classification"
	"kitei.dev/kitei/internal/paging"
)

// claims that exist of those that the asset mounts. One that does not exist is asked for its class when it is created.
func (h *Handler) claims(ctx context.Context, read subject) ([]domain.Claim, error) {
	var claims []domain.Claim
	for _, name := range read.asset.Claims {
		claim := metadata(domain.KindClaim)
		switch err := h.Live.Get(ctx, client.ObjectKey{Namespace: read.namespace, Name: name}, claim); {
		case err == nil:
			claims = append(claims, domain.Claim{Name: name, Class: domain.ClassOf(claim.Labels)})
		case !apierrors.IsNotFound(err):
			return nil, fmt.Errorf("get persistent volume claim %s/%s: %w", read.namespace, name, err)
		}
	}
	if !slices.ContainsFunc(read.asset.Templates, func(t domain.Template) bool { return t.ClaimPrefix != "" }) {
		return claims, nil
	}
	// A StatefulSet takes the claims that have the names of its own, whoever made them and whatever their class.
	list := metadataList(domain.KindClaim)
	err := paging.Each(ctx, h.Live, list, func(claim client.Object) error {
		name := claim.GetName()
		if read.asset.Mounts(name) && !slices.Contains(read.asset.Claims, name) {
			claims = append(claims, domain.Claim{Name: name, Class: domain.ClassOf(claim.GetLabels())})
		}
		return nil
	}, client.InNamespace(read.namespace))
	return claims, err
}

// workloads that mount the claim. Those that a controller of Kubernetes made are passed over, as what it made them from is
// looked at itself; so are those that have finished.
func (h *Handler) workloads(ctx context.Context, read subject) ([]domain.Asset, error) {
	var workloads []domain.Asset
	for _, known := range kinds {
		if known.list == nil {
			continue
		}
		err := paging.Each(ctx, h.Live, known.list(), func(object client.Object) error {
			if controlled(known.Kind, object, object) || finished(object) {
				return nil
			}
			if asset := assetOf(known.Kind, object); asset.Mounts(read.asset.Name) {
				workloads = append(workloads, asset)
			}
			return nil
		}, client.InNamespace(read.namespace))
		if err != nil {
			return nil, err
		}
	}
	return workloads, nil
}

// finished says whether a workload has ended, so that it mounts nothing any more.
func finished(object client.Object) bool {
	switch workload := object.(type) {
	case *corev1.Pod:
		return workload.Status.Phase == corev1.PodSucceeded || workload.Status.Phase == corev1.PodFailed
	case *batchv1.Job:
		return slices.ContainsFunc(workload.Status.Conditions, func(condition batchv1.JobCondition) bool {
			return condition.Status == corev1.ConditionTrue &&
				(condition.Type == batchv1.JobComplete || condition.Type == batchv1.JobFailed)
		})
	}
	return false
}

func metadata(kindName string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kindName))
	return object
}

func metadataList(kindName string) *metav1.PartialObjectMetadataList {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kindName + "List"))
	return list
}
