// Package datauseconsent answers for every write of a DataUseConsent: Kitei makes it from a submitted application, the head of
// the section whose data it is decides it, and a decision stays (article 14). Nobody is exempt. Its spec never changes: the
// kind itself sees to that.
//
// rules.go holds the rules as pure functions; load.go reads what they depend on.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=departments;managingsections,verbs=list
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;changeapprovals,verbs=get
package datauseconsent

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/webhook/attest"
)

// New makes the handler.
func New(live client.Reader, decoder admission.Decoder, time clock.PassiveClock, key ledger.Key) *attest.Handler[*v1alpha1.DataUseConsent] {
	return &attest.Handler[*v1alpha1.DataUseConsent]{
		Live: live, Decoder: decoder, Clock: time, Key: key, Unexpected: message.ConsentStampUnexpected,
		New:   func() *v1alpha1.DataUseConsent { return &v1alpha1.DataUseConsent{} },
		Rules: load,
	}
}

// load reads the application that the consent is for.
func load(ctx context.Context, live client.Reader, w write) (attest.Rules[*v1alpha1.DataUseConsent], error) {
	if w.Unread {
		return rules{}, nil
	}
	spec := &w.Object.Spec
	if w.Status {
		spec = &w.Old.Spec
	}
	var application v1alpha1.ChangeApproval
	switch err := live.Get(ctx, client.ObjectKey{Name: spec.ApplicationRef.Name}, &application); {
	case apierrors.IsNotFound(err):
		return rules{}, nil
	case err != nil:
		return nil, fmt.Errorf("get change approval %s: %w", spec.ApplicationRef.Name, err)
	case string(application.UID) != spec.ApplicationUID: // another one of the same name
		return rules{}, nil
	}
	return rules{application: &application}, nil
}
