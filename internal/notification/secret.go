package notification

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// +kubebuilder:rbac:groups="",namespace=kitei-system,resources=secrets,resourceNames=kitei-smtp;kitei-cloudevents,verbs=get

// credentials reads keys of a Secret, anew for each attempt: a password that was changed is used at once.
func credentials(ctx context.Context, live client.Reader, name string, keys ...string) ([]string, error) {
	var secret corev1.Secret
	err := live.Get(ctx, client.ObjectKey{Namespace: v1alpha1.OperatorNamespace, Name: name}, &secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil, failure(v1alpha1.FailureMisconfigured, "there is no Secret %s in %s", name, v1alpha1.OperatorNamespace)
	case err != nil:
		return nil, fmt.Errorf("get the Secret %s: %w", name, err)
	}
	values := make([]string, 0, len(keys))
	for _, key := range keys {
		if len(secret.Data[key]) == 0 {
			return nil, failure(v1alpha1.FailureMisconfigured, "the Secret %s has no %s", name, key)
		}
		values = append(values, string(secret.Data[key]))
	}
	return values, nil
}
