package access

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
)

// concurrency of the reconciler: deciding is quick, writing waits for the API server.
const concurrency = 4

// CacheOptions keep of the bindings of others, of which a cluster may have many, no more than their names.
func CacheOptions() cache.ByObject {
	return cache.ByObject{Transform: func(object any) (any, error) {
		binding, is := object.(*rbacv1.ClusterRoleBinding)
		if !is {
			return object, nil // a tombstone
		}
		binding.ManagedFields = nil
		if !derived(binding) {
			binding.Labels, binding.Annotations, binding.Subjects, binding.RoleRef = nil, nil, nil, rbacv1.RoleRef{}
		}
		return binding, nil
	}}
}

// SetupWithManager starts the controller with the manager. A unit wakes its own bindings; those of no single unit may follow
// from any; the Regulation wakes all.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(manager).
		Named("access").
		For(&rbacv1.ClusterRoleBinding{}, builder.WithPredicates(predicate.NewPredicateFuncs(derived))).
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(
			func(_ context.Context, section client.Object) []ctrl.Request {
				return watching.Names(append(namesOfSection(section.GetName()), general...)...)
			}), specChanged).
		Watches(&v1alpha1.Department{}, handler.EnqueueRequestsFromMapFunc(
			func(_ context.Context, department client.Object) []ctrl.Request {
				return watching.Names(append(namesOfDepartment(department.GetName()), general...)...)
			}), specChanged).
		Watches(&v1alpha1.Regulation{}, handler.EnqueueRequestsFromMapFunc(r.all), specChanged).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the access controller: %w", err)
	}
	return nil
}

// all are the bindings of every unit.
func (r *Reconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	requests := watching.Names(general...)
	for _, of := range []struct {
		list  client.ObjectList
		names func(string) []string
	}{{&v1alpha1.ManagingSectionList{}, namesOfSection}, {&v1alpha1.DepartmentList{}, namesOfDepartment}} {
		for _, unit := range watching.Listed(ctx, r.Client, of.list, watching.Every[client.Object]) {
			requests = append(requests, watching.Names(of.names(unit.Name)...)...)
		}
	}
	return requests
}
