// Package datauseconsent asks for the consents that submitted applications need, and keeps the condition of each: whether the
// head of the section whose data it is decided, or that they must (article 14). The decision is that person's to write and
// the webhook's to stamp.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;changeapprovals,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=datauseconsents,verbs=list;watch;create
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=datauseconsents/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package datauseconsent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

// Asker makes the consents that an application needs.
type Asker struct {
	Client client.Client
}

// Reconcile makes a consent for each use of another section's data that has none.
func (r *Asker) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var application v1alpha1.ChangeApproval
	if err := r.Client.Get(ctx, request.NamespacedName, &application); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if application.Spec.Stage != v1alpha1.StageSubmitted {
		return ctrl.Result{}, nil
	}
	asked, err := register.Consents(ctx, r.Client, application.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	// Without its papers a case lacks every consent that it needs.
	for _, needed := range (procedure.Case{Application: &application}).MissingConsents() {
		wanted := v1alpha1.DataUseConsentSpec{ApplicationRef: v1alpha1.NameReference{Name: application.Name},
			ApplicationUID: string(application.UID), Use: needed.Use}
		if slices.ContainsFunc(asked, func(c v1alpha1.DataUseConsent) bool { return equality.Semantic.DeepEqual(c.Spec, wanted) }) {
			continue
		}
		if err := r.ask(ctx, wanted); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, nil
}

// ask makes a consent. Its name is the same each time, so that none is asked for twice. Where another consent has the name,
// which takes hyphens in the right places or an application that somebody made anew, it gets its longer one.
func (r *Asker) ask(ctx context.Context, spec v1alpha1.DataUseConsentSpec) error {
	for _, name := range names(spec) {
		consent := &v1alpha1.DataUseConsent{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}
		err := r.Client.Create(ctx, consent)
		if !apierrors.IsAlreadyExists(err) {
			if err != nil {
				return fmt.Errorf("create data use consent %s: %w", name, err)
			}
			return nil
		}
		var other v1alpha1.DataUseConsent
		if err := r.Client.Get(ctx, client.ObjectKey{Name: name}, &other); err != nil {
			return fmt.Errorf("get data use consent %s, which exists: %w", name, err) // until the cache has it
		}
		if equality.Semantic.DeepEqual(other.Spec, spec) {
			return nil
		}
	}
	return fmt.Errorf("no name is free for the consent of application %s to use %s", spec.ApplicationRef.Name, spec.Use.Name)
}

// names of a consent, in the order in which they are tried: <application>-<use>, and then one that no other use has.
func names(spec v1alpha1.DataUseConsentSpec) []string {
	const longest, hash = 63, 8
	plain := spec.ApplicationRef.Name + "-" + spec.Use.Name
	sum := sha256.Sum256([]byte(spec.ApplicationUID + "/" + spec.Use.Name))
	cut := strings.TrimRight(plain[:min(len(plain), longest-1-hash)], "-.")
	unique := cut + "-" + hex.EncodeToString(sum[:])[:hash]
	if len(plain) > longest {
		return []string{unique}
	}
	return []string{plain, unique}
}

// SetupWithManager starts the controller with the manager. A consent that somebody deletes undecided is asked for again.
func (r *Asker) SetupWithManager(manager ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(manager).
		Named("datauseconsent-asker").
		For(&v1alpha1.ChangeApproval{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.DataUseConsent{}, handler.EnqueueRequestsFromMapFunc(ofConsent),
			builder.WithPredicates(watching.Deleted())).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the asker for data use consents: %w", err)
	}
	return nil
}

func ofConsent(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Names(object.(*v1alpha1.DataUseConsent).Spec.ApplicationRef.Name)
}
