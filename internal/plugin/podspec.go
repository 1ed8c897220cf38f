package plugin

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// templatePaths are where a Pod's spec stands in a workload of any kind, the most particular first, as in the policies.
var templatePaths = [][]string{
	{"spec", "jobTemplate", "spec", "template", "spec"}, // CronJob
	{"spec", "template", "spec"},                        // every other workload, those of other projects too
	{"template", "spec"},                                // PodTemplate
}

// podSpecOf is the spec of the Pods that an object makes, or of the Pod that it is; nil for an object that makes none.
func podSpecOf(object *unstructured.Unstructured) (*corev1.PodSpec, error) {
	paths := templatePaths
	if isPod(object) {
		paths = [][]string{{"spec"}}
	}
	for _, path := range paths {
		content, found, err := unstructured.NestedMap(object.Object, path...)
		if err != nil || !found {
			continue // another shape: not a Pod's
		}
		if _, is := content["containers"].([]any); !is {
			continue // a template of something else, for example of a virtual machine
		}
		var spec corev1.PodSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &spec); err != nil {
			return nil, fmt.Errorf("read the Pod template of %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		return &spec, nil
	}
	return nil, nil
}

func isPod(object *unstructured.Unstructured) bool {
	return object.GetKind() == "Pod" && object.GetAPIVersion() == "v1"
}
