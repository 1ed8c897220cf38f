package image

import corev1 "k8s.io/api/core/v1"

// OfPodSpec lists every image that a Pod would run or mount, in the order in which the admission policies list them:
// containers, init containers, ephemeral containers, image volumes.
func OfPodSpec(spec *corev1.PodSpec) []string {
	var images []string
	for i := range spec.Containers {
		images = append(images, spec.Containers[i].Image)
	}
	for i := range spec.InitContainers {
		images = append(images, spec.InitContainers[i].Image)
	}
	for i := range spec.EphemeralContainers {
		images = append(images, spec.EphemeralContainers[i].Image)
	}
	for i := range spec.Volumes {
		if source := spec.Volumes[i].Image; source != nil {
			images = append(images, source.Reference)
		}
	}
	return images
}
