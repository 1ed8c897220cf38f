package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

const install = "make install IMAGE=" + current

// Whatever a person puts in first, kube-system and the operator start, and "make install" makes a whole of it.
func TestInstallInAnyOrder(t *testing.T) {
	for _, order := range []struct {
		name  string
		steps []string
	}{
		{"policies and webhooks first", []string{
			"kubectl apply --server-side -k config/policy", "kubectl apply -k config/webhook",
			"kubectl apply --server-side -k config/crd", install,
		}},
		{"records before the operator", []string{
			"kubectl apply --server-side -k config/crd",
			"kubectl wait --for=condition=Established --timeout=60s -f config/crd/bases",
			"kubectl apply --server-side -k config/samples/arakawa",
			install,
		}},
		{"all at once", []string{
			"kubectl apply -k config/default", "kubectl apply -k config/default",
			"kubectl rollout status -n kitei-system deployment/kitei-controller-manager --timeout=5m",
		}},
		{"all at once, twice, and as written", []string{
			"kubectl apply --server-side -k config/default", "kubectl apply --server-side -k config/default", install, install,
		}},
	} {
		t.Run(order.name, func(t *testing.T) {
			startClean(t)
			must(t, env.Tag(lasting(t), current, "docker.io/library/kitei:dev")) // what config/default names
			for _, step := range order.steps {
				do(t, step)
				startsPod(t, "kube-system")
			}
			itWorks(t)
		})
	}
}

// An image that is not there yet holds up the operator and nothing else, even with the policies in force; when it is there, the
// installation goes on by itself.
func TestInstallWithoutItsImage(t *testing.T) {
	startClean(t)
	do(t, "kubectl apply --server-side -k config/policy")
	must(t, env.Forget(lasting(t), current))
	installed := make(chan error)
	go func() {
		_, err := sh(t, env.root, install)
		installed <- err
	}()
	eventually(t, "the operator's image is missed", func(ctx context.Context) error {
		var pods corev1.PodList
		if err := env.admin.List(ctx, &pods, client.InNamespace(v1alpha1.OperatorNamespace)); err != nil {
			return err
		}
		if text := describe(pods.Items); !strings.Contains(text, "ImagePull") {
			return fmt.Errorf("the operator's Pods: %s", text)
		}
		return nil
	})
	startsPod(t, "kube-system")
	must(t, env.Import(lasting(t), "current"))
	must(t, <-installed)
	itWorks(t)
}

// itWorks walks the sample from held to running, and asks the webhooks on the way.
func itWorks(t *testing.T) {
	t.Helper()
	applySample(t, env.root)
	// Through the Service: an unclassed workload is refused by the classification webhook, a person without the office by that
	// of decisions.
	refused(t, "kubectl create deployment unclassed -n tax --image="+webImage, "governance.kitei.dev/confidentiality")
	refused(t, "kubectl kitei approve r8-tax -m no --as=nobody --as-group=system:masters --lang=en", "nobody")
	approve(t, "r8-tax")
	havePods(t, "tax", 0, 3)
}

// refused runs a command line that must be refused for a reason that names a word.
func refused(t *testing.T, line, word string) {
	t.Helper()
	output, err := sh(t, env.root, line)
	if err == nil {
		t.Errorf("not refused: %s: %s", line, output)
	} else if !strings.Contains(output, word) {
		t.Errorf("%s: the refusal does not say %q: %s", line, word, output)
	}
}
