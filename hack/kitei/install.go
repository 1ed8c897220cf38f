// Package kitei installs Kitei on a control plane of this machine and runs the operator beside it, as a process: for "make
// run" and for the tests. What it installs is a kustomization of config itself, but for the objects that only make sense
// where the operator is a Pod.
package kitei

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldManager of the installation.
const fieldManager = "kitei-install"

// podOnly are the kinds that make sense only where the operator is a Pod.
var podOnly = []string{"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"}

// Render reads a kustomization as kubectl does.
func Render(ctx context.Context, kubectl, dir string) ([]*unstructured.Unstructured, error) {
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, kubectl, "kustomize", dir)
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("kubectl kustomize %s: %w: %s", dir, err, stderr.String())
	}
	return Decode(output)
}

// Decode reads a stream of YAML documents.
func Decode(stream []byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(stream), 4096); ; {
		object := &unstructured.Unstructured{}
		switch err := decoder.Decode(object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("read manifests: %w", err)
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}

// Kustomizations of the repository that install Kitei.
const (
	// Default is for API servers that serve MutatingAdmissionPolicy.
	Default = "config/default"
	// OlderServer is for those that do not.
	OlderServer = "config/older-server"
)

// Install applies a kustomization of the repository at root: kinds first, policies last, as the README says. Its webhooks are
// called at webhookURL.
func Install(ctx context.Context, kubectl string, config *rest.Config, root, kustomization, webhookURL string) error {
	objects, err := Render(ctx, kubectl, filepath.Join(root, kustomization))
	if err != nil {
		return err
	}
	objects = slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool { return slices.Contains(podOnly, o.GetKind()) })
	for _, object := range objects {
		if err := pointWebhooks(object, webhookURL); err != nil {
			return err
		}
	}
	isKind := func(o *unstructured.Unstructured) bool { return o.GetKind() == "CustomResourceDefinition" }
	kinds := slices.DeleteFunc(slices.Clone(objects), func(o *unstructured.Unstructured) bool { return !isKind(o) })
	if err := Apply(ctx, config, kinds); err != nil {
		return err
	}
	if err := established(ctx, config, kinds); err != nil {
		return err
	}
	return Apply(ctx, config, slices.DeleteFunc(objects, isKind))
}

// pointWebhooks makes a webhook configuration call a URL instead of a Service.
func pointWebhooks(object *unstructured.Unstructured, url string) error {
	if !strings.HasSuffix(object.GetKind(), "WebhookConfiguration") {
		return nil
	}
	hooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
	if err != nil {
		return fmt.Errorf("read webhooks of %s: %w", object.GetName(), err)
	}
	for _, hook := range hooks {
		clientConfig := hook.(map[string]any)["clientConfig"].(map[string]any)
		path := clientConfig["service"].(map[string]any)["path"].(string)
		delete(clientConfig, "service")
		clientConfig["url"] = url + path
	}
	return unstructured.SetNestedSlice(object.Object, hooks, "webhooks")
}

// Apply applies objects by server-side apply, in their order. It waits a little for kinds that the API server is about to
// know.
func Apply(ctx context.Context, config *rest.Config, objects []*unstructured.Unstructured) error {
	c, err := client.New(config, client.Options{})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for _, object := range objects {
		err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object.DeepCopy()), client.FieldOwner(fieldManager),
				client.ForceOwnership)
			if meta.IsNoMatchError(err) {
				return false, nil
			}
			return true, err
		})
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

func established(ctx context.Context, config *rest.Config, kinds []*unstructured.Unstructured) error {
	scheme := runtime.NewScheme()
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return fmt.Errorf("learn the kinds: %w", err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for _, kind := range kinds {
		err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			var current apiextensionsv1.CustomResourceDefinition
			if err := c.Get(ctx, client.ObjectKeyFromObject(kind), &current); err != nil {
				return false, err
			}
			return slices.ContainsFunc(current.Status.Conditions, func(condition apiextensionsv1.CustomResourceDefinitionCondition) bool {
				return condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue
			}), nil
		})
		if err != nil {
			return fmt.Errorf("wait for the kind %s: %w", kind.GetName(), err)
		}
	}
	return nil
}
