package image

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestOfPodSpec(t *testing.T) {
	debug := corev1.EphemeralContainerCommon{Image: "a.example/debug"}
	container := func(ref string) corev1.Container { return corev1.Container{Image: ref} }
	cases := map[string]struct {
		spec corev1.PodSpec
		want []string
	}{
		"containers only": {
			spec: corev1.PodSpec{Containers: []corev1.Container{container("a.example/x"), container("a.example/x")}},
			want: []string{"a.example/x", "a.example/x"},
		},
		"every place, in the order of the policies": {
			spec: corev1.PodSpec{
				InitContainers:      []corev1.Container{container("a.example/init")},
				Containers:          []corev1.Container{container("a.example/main")},
				EphemeralContainers: []corev1.EphemeralContainer{{EphemeralContainerCommon: debug}},
				Volumes: []corev1.Volume{
					{VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
					{VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: "a.example/data"}}},
				},
			},
			want: []string{"a.example/main", "a.example/init", "a.example/debug", "a.example/data"},
		},
		"a container without an image": {
			spec: corev1.PodSpec{Containers: []corev1.Container{container("")}},
			want: []string{""},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, OfPodSpec(&c.spec)); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}
