package controlplane

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/hack/devcluster"
)

// plugin runs kubectl-kitei as a user, the administrator for a nil one, and returns what it prints. It must end well.
func plugin(t *testing.T, config *rest.Config, arguments ...string) string {
	t.Helper()
	output, code := pluginExit(t, config, arguments...)
	if code != 0 {
		t.Fatalf("kubectl kitei %v: exit code %d\n%s", arguments, code, output)
	}
	return output
}

// pluginExit runs kubectl-kitei and returns what it prints, on both streams, and its exit code.
func pluginExit(t *testing.T, config *rest.Config, arguments ...string) (output string, code int) {
	t.Helper()
	return run(t, config, env.plugin, arguments...)
}

// kubectl runs kubectl in the same way.
func kubectl(t *testing.T, config *rest.Config, arguments ...string) (output string, code int) {
	t.Helper()
	return run(t, config, env.cluster.Kubectl(), arguments...)
}

func run(t *testing.T, config *rest.Config, program string, arguments ...string) (string, int) {
	t.Helper()
	if config == nil {
		config = env.cluster.Config()
	}
	content, err := devcluster.Kubeconfig("user", map[string]*rest.Config{"user": config})
	must(t, err)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, os.WriteFile(kubeconfig, content, 0o600))
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return output.String(), command.ProcessState.ExitCode()
}

// withoutWebhooks takes Kitei's webhooks away while do runs.
func withoutWebhooks(t *testing.T, do func()) {
	t.Helper()
	validating := get(t, &admissionregistrationv1.ValidatingWebhookConfiguration{}, "", "kitei-validating")
	mutating := get(t, &admissionregistrationv1.MutatingWebhookConfiguration{}, "", "kitei-mutating")
	for _, object := range []client.Object{validating, mutating} {
		must(t, env.admin.Delete(t.Context(), object.DeepCopyObject().(client.Object)))
	}
	defer func() {
		for _, object := range []client.Object{validating, mutating} {
			object.SetResourceVersion("")
			object.SetUID("")
			if err := env.admin.Create(context.Background(), object); err != nil {
				t.Fatalf("put the webhooks back: %v", err)
			}
		}
	}()
	do()
}
