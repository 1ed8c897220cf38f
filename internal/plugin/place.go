package plugin

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
)

// place reads a namespace, and the register about it. A namespace that does not exist is no error, nor is a register that
// the reader may not read, as long as the namespace says what it says. The labels are those of a namespace that is yet to be
// made.
func (c *connection) place(ctx context.Context, name string, planned map[string]string) (place, error) {
	at := place{name: name, labels: namespaceLabels(name, planned)}
	var namespace corev1.Namespace
	switch err := c.Get(ctx, client.ObjectKey{Name: name}, &namespace); {
	case err == nil:
		at.exists, at.labels = true, namespace.Labels
		at.recorded = standingOf(namespace.Labels, namespace.Annotations)
	case !apierrors.IsNotFound(err):
		return at, fmt.Errorf("get namespace %s: %w", name, err)
	}
	input, err := register.Input(ctx, c, c.source(ctx), name, at.labels, c.now)
	switch {
	case err == nil:
		at.register = newView(input)
	case unreadable(err):
		at.unread = err
	default:
		return at, fmt.Errorf("read the register: %w", err)
	}
	return at, nil
}

// namespaceLabels are the labels that a namespace has once it is made.
func namespaceLabels(name string, planned map[string]string) map[string]string {
	labels := map[string]string{corev1.LabelMetadataName: name}
	for key, value := range planned {
		if key != v1alpha1.LabelClearance && key != v1alpha1.LabelSystem { // only the operator writes these
			labels[key] = value
		}
	}
	return labels
}

// unreadable says that the reader may not read the register, or that there is none.
func unreadable(err error) bool {
	return apierrors.IsForbidden(err) || notInstalled(err)
}

// notInstalled says that the API server does not know our kinds.
func notInstalled(err error) bool {
	return meta.IsNoMatchError(err)
}

// plain says an error as short as it can be said: what was tried is plain from where it stands.
func plain(err error, p message.Printer) string {
	if notInstalled(err) {
		return p.Say(message.PluginNotInstalled)
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Message
	}
	return err.Error()
}
