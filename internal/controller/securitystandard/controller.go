// Package securitystandard keeps the status of every SecurityStandard: whether the Regulation names it (article 27).
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;securitystandards,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=securitystandards/status,verbs=patch
package securitystandard

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
)

// Reconciler keeps one standard's status.
type Reconciler struct {
	Client client.Client
}

// Reconcile computes the status and writes it if it changed.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var standard v1alpha1.SecurityStandard
	if err := r.Client.Get(ctx, request.NamespacedName, &standard); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var current v1alpha1.Regulation
	if err := client.IgnoreNotFound(r.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current)); err != nil {
		return ctrl.Result{}, fmt.Errorf("get regulation: %w", err)
	}
	p := message.In(current.Spec.Language)
	inForce := status.Condition(v1alpha1.ConditionInForce, false, v1alpha1.ReasonNotNamed, p.Say(message.StandardNotInForce))
	if ref := current.Spec.SecurityStandardRef; ref != nil && ref.Name == standard.Name {
		inForce = status.Condition(v1alpha1.ConditionInForce, true, v1alpha1.ReasonNamed, p.Say(message.StandardInForce))
	}
	wanted := v1alpha1.SecurityStandardStatus{
		Confidentiality: names(standard.Spec.Confidentiality),
		Integrity:       names(standard.Spec.Integrity),
		Availability:    names(standard.Spec.Availability),
		Conditions:      append([]metav1.Condition(nil), standard.Status.Conditions...),
	}
	status.Set(&wanted.Conditions, standard.Generation, inForce)
	return ctrl.Result{}, status.Apply(ctx, r.Client, &standard, standard.Status, wanted)
}

func names(levels []v1alpha1.LevelDefinition) string {
	written := make([]string, 0, len(levels))
	for _, level := range levels {
		written = append(written, string(level.Name))
	}
	return strings.Join(written, " > ")
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(manager).
		Named("securitystandard").
		For(&v1alpha1.SecurityStandard{}, specChanged).
		Watches(&v1alpha1.Regulation{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the security standard controller: %w", err)
	}
	return nil
}

func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.SecurityStandardList{}, watching.Every[*v1alpha1.SecurityStandard])
}
