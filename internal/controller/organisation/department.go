package organisation

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
)

// DepartmentReconciler keeps one department's status.
type DepartmentReconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// Reconcile computes the status and writes it if it changed.
func (r *DepartmentReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var department v1alpha1.Department
	if err := r.Client.Get(ctx, request.NamespacedName, &department); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	organisation, err := register.Organisation(ctx, r.Client, r.Clock.Now())
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted := v1alpha1.DepartmentStatus{Conditions: append([]metav1.Condition(nil), department.Status.Conditions...)}
	for _, section := range organisation.Sections {
		if ref := section.Spec.DepartmentRef; ref != nil && ref.Name == department.Name && !organisation.Abolished(section) {
			wanted.ManagingSections++
		}
	}
	p := message.In(organisation.Language())
	ready := status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound))
	if len(department.Spec.Head.Subjects) == 0 {
		ready = status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.NobodyHolds, department.Spec.DisplayName))
	}
	status.Set(&wanted.Conditions, department.Generation, ready)
	return ctrl.Result{}, status.Apply(ctx, r.Client, &department, department.Status, wanted)
}

// SetupWithManager starts the controller with the manager.
func (r *DepartmentReconciler) SetupWithManager(manager ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(manager).
		Named("department").
		For(&v1alpha1.Department{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		// A section that is abolished on a day changes its own status on that day.
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(ofSection)).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the department controller: %w", err)
	}
	return nil
}

func ofSection(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Referenced(object.(*v1alpha1.ManagingSection).Spec.DepartmentRef)
}
