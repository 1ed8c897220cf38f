package plugin

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/internal/image"
)

func TestPodSpecOf(t *testing.T) {
	cases := map[string]struct {
		object string
		want   []string // nil for an object that makes no Pods
	}{
		"Deployment": {
			object: `{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {containers: [{image: a}],
				initContainers: [{image: b}]}}}}`,
			want: []string{"a", "b"},
		},
		"CronJob with an image volume": {
			object: `{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a}],
				volumes: [{name: v, image: {reference: c}}, {name: w, emptyDir: {}}]}}}}}}`,
			want: []string{"a", "c"},
		},
		"Pod with an ephemeral container": {
			object: `{apiVersion: v1, kind: Pod, spec: {containers: [{image: a}], ephemeralContainers: [{image: d}]}}`,
			want:   []string{"a", "d"},
		},
		"PodTemplate": {
			object: `{apiVersion: v1, kind: PodTemplate, template: {spec: {containers: [{image: a}]}}}`,
			want:   []string{"a"},
		},
		"workload of another project": {
			object: `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {template: {spec: {containers: [{image: a}]}}}}`,
			want:   []string{"a"},
		},
		"template of no Pod": {
			object: `{apiVersion: kubevirt.io/v1, kind: VirtualMachine, spec: {template: {spec: {domain: {}}}}}`,
		},
		"ConfigMap": {object: `{apiVersion: v1, kind: ConfigMap, data: {spec: x}}`},
		"spec of another shape": {
			object: `{apiVersion: example.com/v1, kind: Thing, spec: {template: a name}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var object unstructured.Unstructured
			if err := yaml.Unmarshal([]byte(c.object), &object.Object); err != nil {
				t.Fatal(err)
			}
			spec, err := podSpecOf(&object)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if spec != nil {
				got = image.OfPodSpec(spec)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPodSpecOfRefusesWhatIsNoPodTemplate(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{"kind": "Deployment", "apiVersion": "apps/v1",
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{"web"}}}}}}
	if _, err := podSpecOf(object); err == nil {
		t.Error("a container that is a string was read")
	}
}
