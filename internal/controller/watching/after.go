package watching

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// After has a reconciler read nothing before a wait is over, which is over once and for all. A reconciler that waits by itself has
// read something by then.
func After(wait func(context.Context) error, then reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
		if err := wait(ctx); err != nil {
			return ctrl.Result{}, err
		}
		return then.Reconcile(ctx, request)
	})
}
