package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const everythingAtOnce = "kubectl delete -k config/default --timeout=5m"

// Whatever a person takes away first, and whoever is alive afterwards: what was approved ran on all the time, nothing is stuck,
// "make install" puts back what is missing, and "make uninstall" takes out the rest and lets go what is held.
func TestUninstallInAnyOrder(t *testing.T) {
	for _, order := range []struct{ name, first string }{
		{"kinds first", "kubectl delete -k config/crd --timeout=5m"},
		{"all at once", everythingAtOnce},
		{"namespace first", "kubectl delete namespace kitei-system --timeout=5m"},
		{"operator first", "kubectl delete deployment -n kitei-system kitei-controller-manager --cascade=foreground --timeout=5m"},
		{"kinds after the operator", "kubectl scale -n kitei-system deployment/kitei-controller-manager --replicas=0 && " +
			"kubectl wait -n kitei-system pod --all --for=delete --timeout=5m && kubectl delete -k config/crd --timeout=5m"},
		{"policies and webhooks first", "kubectl delete -k config/policy --timeout=5m && kubectl delete -k config/webhook --timeout=5m"},
		{"rights first", "kubectl delete -k config/rbac --timeout=5m"},
		{"as written, twice", "make uninstall"},
	} {
		t.Run(order.name, func(t *testing.T) {
			startClean(t)
			do(t, install)
			applyBoth(t, env.root)
			before := names(t, "tax")

			do(t, order.first)
			nothingIsStuck(t)
			do(t, install) // over what is left
			do(t, "kubectl delete namespace residents --timeout=5m")
			applyRegister(t, env.root)
			applyResidents(t)

			do(t, order.first)
			nothingIsStuck(t)
			if order.first == everythingAtOnce { // and nobody runs "make uninstall"
				writesPass(t)
			}
			do(t, "make uninstall")
			havePods(t, "residents", 0, 3)
			havePods(t, "tax", 0, 3)
			if after := names(t, "tax"); after != before {
				t.Errorf("approved Pods did not run on: %s before, %s now", before, after)
			}
			nothingIsMarked(t)
			writesPass(t)
		})
	}
}

// names, states and restarts of the Pods of a namespace.
func names(t *testing.T, namespace string) string {
	t.Helper()
	var pods corev1.PodList
	must(t, env.admin.List(lasting(t), &pods, client.InNamespace(namespace)))
	return describe(pods.Items)
}
