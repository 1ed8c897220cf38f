package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// startClean begins a test on a cluster without Kitei, with the operator's image on the node, and uninstalls after it,
// records and all, whatever the test did.
func startClean(t *testing.T) {
	t.Helper()
	if left := do(t, everything); left != "" {
		t.Fatalf("an earlier test left\n%s", left)
	}
	must(t, env.Import(lasting(t), "current"))
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(state(t))
		}
		do(t, "make uninstall RECORDS=delete")
		do(t, "kubectl delete namespace tax residents --ignore-not-found --timeout=5m")
		do(t, "kubectl delete clusterrolebindings -l app.kubernetes.io/part-of=arakawa-register")
		nothingIsLeft(t)
	})
}

// everything of Kitei that a cluster may hold, the namespaces' marks and the Pods' gates apart.
const everything = "kubectl get namespace,clusterrole,clusterrolebinding,customresourcedefinition,mutatingwebhookconfiguration," +
	"validatingwebhookconfiguration,mutatingadmissionpolicy,mutatingadmissionpolicybinding,validatingadmissionpolicy," +
	"validatingadmissionpolicybinding --output=name | grep -i kitei || true"

// nothingIsLeft asserts that the cluster is as if Kitei had never been there.
func nothingIsLeft(t *testing.T) {
	t.Helper()
	if left := do(t, everything); left != "" {
		t.Errorf("what is left of Kitei:\n%s", left)
	}
	nothingIsStuck(t)
	nothingIsMarked(t)
	writesPass(t)
}

// nothingIsStuck asserts that nothing waits for a finalizer.
func nothingIsStuck(t *testing.T) {
	t.Helper()
	eventually(t, "no namespace or kind is being deleted", func(context.Context) error {
		stuck := do(t, `kubectl get namespaces,customresourcedefinitions --output=jsonpath='`+
			`{range .items[?(@.metadata.deletionTimestamp)]}{.kind}/{.metadata.name} {.metadata.finalizers} {.status}{"\n"}{end}'`)
		if stuck != "" {
			return fmt.Errorf("stuck: %s", stuck)
		}
		return nil
	})
}

// nothingIsMarked asserts that no namespace has a mark of the operator and no Pod its gate.
func nothingIsMarked(t *testing.T) {
	t.Helper()
	var namespaces corev1.NamespaceList
	must(t, env.admin.List(lasting(t), &namespaces))
	for _, n := range namespaces.Items {
		for _, marks := range []map[string]string{n.Labels, n.Annotations} {
			for key := range marks {
				if strings.HasPrefix(key, "governance.kitei.dev/") {
					t.Errorf("namespace %s is marked with %s", n.Name, key)
				}
			}
		}
	}
	var pods corev1.PodList
	must(t, env.admin.List(lasting(t), &pods))
	for _, pod := range pods.Items {
		if gated(&pod) {
			t.Errorf("Pod %s/%s is held", pod.Namespace, pod.Name)
		}
	}
}

// writesPass asserts that a namespace can be made, runs something, is written to in every way that Kitei has to do with, and
// goes again.
func writesPass(t *testing.T) {
	t.Helper()
	const name = "anybody"
	do(t, "kubectl create namespace "+name)
	startsPod(t, name)
	do(t, "kubectl label namespace "+name+" governance.kitei.dev/system=any governance.kitei.dev/clearance=held")
	do(t, "kubectl create deployment any -n "+name+" --image="+webImage)
	do(t, "kubectl delete namespace "+name+" --timeout=5m")
}

// startsPod asserts that a new Pod runs in a namespace.
func startsPod(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, "the service account of "+namespace, func(ctx context.Context) error {
		return env.admin.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "default"}, &corev1.ServiceAccount{})
	})
	do(t, "kubectl run probe --restart=Never -n "+namespace+" --image="+webImage)
	do(t, "kubectl wait pod/probe -n "+namespace+" --for=condition=Ready --timeout=5m")
	do(t, "kubectl delete pod probe -n "+namespace+" --grace-period=1")
}

// state of the cluster, for a test that failed.
func state(t *testing.T) string {
	text, err := sh(t, env.root, `kubectl get pods -A -o wide; kubectl get namespaces --show-labels; kubectl get events -A | tail -40
		kubectl logs -n kitei-system -l app.kubernetes.io/component=controller-manager --tail=30 --prefix`)
	return fmt.Sprintln(text, err)
}
