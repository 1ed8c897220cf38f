package regulation

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/config"
)

const (
	admissionGroup = admissionregistrationv1.GroupName
	// guardPrefix starts the name of every policy, binding and webhook configuration of Kitei's.
	guardPrefix = "kitei-"
	// WebhookService names the Service by which the API server reaches the webhooks.
	WebhookService = "kitei-webhook"
)

// Guards are the objects through which the API server enforces the regulation, as they are installed. Those that hold Pods are
// among them only where the API server can.
func Guards(scheme *runtime.Scheme, hold bool) ([]client.Object, error) {
	var guards []client.Object
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	err := fs.WalkDir(config.Enforcement, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "kustomization.yaml" {
			return err
		}
		content, err := config.Enforcement.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content))); ; {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fmt.Errorf("read %s: %w", path, err)
			}
			object, kind, err := decoder.Decode(document, nil, nil)
			if err != nil {
				return fmt.Errorf("decode %s: %w", path, err)
			}
			if !strings.HasPrefix(kind.Kind, "MutatingAdmissionPolicy") || hold {
				object.GetObjectKind().SetGroupVersionKind(*kind)
				guards = append(guards, object.(client.Object))
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the manifests of the enforcement: %w", err)
	}
	return guards, nil
}

// Slim drops from the cache what policies and webhooks of others say: only Kitei's own are compared.
func Slim(object any) (any, error) {
	if named, is := object.(client.Object); !is || strings.HasPrefix(named.GetName(), guardPrefix) {
		return object, nil
	}
	switch object := object.(type) {
	case *admissionregistrationv1.ValidatingAdmissionPolicy:
		object.Spec, object.Status = admissionregistrationv1.ValidatingAdmissionPolicySpec{},
			admissionregistrationv1.ValidatingAdmissionPolicyStatus{}
	case *admissionregistrationv1.MutatingAdmissionPolicy:
		object.Spec = admissionregistrationv1.MutatingAdmissionPolicySpec{}
	case *admissionregistrationv1.ValidatingWebhookConfiguration:
		object.Webhooks = nil
	case *admissionregistrationv1.MutatingWebhookConfiguration:
		object.Webhooks = nil
	}
	return object, nil
}

// saysTheSame says whether an object in the cluster says what it was installed with. Labels and annotations may differ, and so
// may the certificate by which the API server knows the webhooks.
func saysTheSame(wanted, current client.Object, hosts []string) (bool, error) {
	var said [2]map[string]any
	for i, object := range []client.Object{wanted, current} {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return false, fmt.Errorf("encode: %w", err)
		}
		said[i] = map[string]any{"spec": content["spec"], "webhooks": content["webhooks"]}
		webhooks, _ := content["webhooks"].([]any)
		for _, webhook := range webhooks {
			if clientConfig, is := webhook.(map[string]any)["clientConfig"].(map[string]any); is {
				asInstalled(clientConfig, hosts)
			}
		}
	}
	return equality.Semantic.DeepEqual(said[0], said[1]), nil
}

// asInstalled brings what a webhook is called by to the form of the manifests: without the certificate, and by the Service where
// it is called by a host that the operator was told is its own. A webhook that is called elsewhere stays as it is.
func asInstalled(clientConfig map[string]any, hosts []string) {
	delete(clientConfig, "caBundle")
	address, _ := clientConfig["url"].(string)
	called, err := url.Parse(address)
	if err != nil || !slices.Contains(hosts, called.Hostname()) {
		return
	}
	delete(clientConfig, "url")
	clientConfig["service"] = map[string]any{
		"namespace": v1alpha1.OperatorNamespace, "name": WebhookService, "path": called.Path, "port": int64(443),
	}
}
