package classification

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"

	domain "kitei.dev/kitei/internal/classification"
)

// kind is one kind of object that is asked for its class.
type kind struct {
	metav1.GroupVersionKind
	// object and list make empty ones. Only kinds that mount claims have a list.
	object func() client.Object
	list   func() client.ObjectList
}

// kinds that are asked. The rules of the webhook name the same.
var kinds = []kind{
	{
		metav1.GroupVersionKind{Version: "v1", Kind: domain.KindClaim},
		func() client.Object { return &corev1.PersistentVolumeClaim{} },
		nil,
	},
	{
		metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"},
		func() client.Object { return &appsv1.Deployment{} },
		func() client.ObjectList { return &appsv1.DeploymentList{} },
	},
	{
		metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "StatefulSet"},
		func() client.Object { return &appsv1.StatefulSet{} },
		func() client.ObjectList { return &appsv1.StatefulSetList{} },
	},
	{
		metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "DaemonSet"},
		func() client.Object { return &appsv1.DaemonSet{} },
		func() client.ObjectList { return &appsv1.DaemonSetList{} },
	},
	{
		metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"},
		func() client.Object { return &appsv1.ReplicaSet{} },
		func() client.ObjectList { return &appsv1.ReplicaSetList{} },
	},
	{
		metav1.GroupVersionKind{Version: "v1", Kind: "ReplicationController"},
		func() client.Object { return &corev1.ReplicationController{} },
		func() client.ObjectList { return &corev1.ReplicationControllerList{} },
	},
	{
		metav1.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"},
		func() client.Object { return &batchv1.Job{} },
		func() client.ObjectList { return &batchv1.JobList{} },
	},
	{
		metav1.GroupVersionKind{Group: "batch", Version: "v1", Kind: "CronJob"},
		func() client.Object { return &batchv1.CronJob{} },
		func() client.ObjectList { return &batchv1.CronJobList{} },
	},
	{
		metav1.GroupVersionKind{Version: "v1", Kind: "Pod"},
		func() client.Object { return &corev1.Pod{} },
		func() client.ObjectList { return &corev1.PodList{} },
	},
}

// makers are the controllers of Kubernetes, by the kind that they make. Each is asked itself, and lets go of what is not its
// own; so nothing gets out of being asked by naming one of them as its owner.
var makers = map[string][]string{
	"Pod":        {"ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"},
	"ReplicaSet": {"Deployment"},
	"Job":        {"CronJob"},
}

// controlled says whether an object of a kind had a controller before an update, and keeps it.
func controlled(kindName string, before, after client.Object) bool {
	owner, kept := metav1.GetControllerOf(before), metav1.GetControllerOf(after)
	if owner == nil || kept == nil || owner.UID != kept.UID || !slices.Contains(makers[kindName], owner.Kind) {
		return false
	}
	return slices.ContainsFunc(kinds, func(known kind) bool {
		version, name := schema.GroupVersionKind(known.GroupVersionKind).ToAPIVersionAndKind()
		return owner.APIVersion == version && owner.Kind == name
	})
}

// podSpec of the Pods that an object makes, and the path to it; nil where there is none.
func podSpec(object client.Object) (spec *corev1.PodSpec, path string) {
	switch o := object.(type) {
	case *corev1.Pod:
		return &o.Spec, "spec"
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template.Spec, "spec.jobTemplate.spec.template.spec"
	}
	template := podTemplate(object)
	if template == nil {
		return nil, ""
	}
	return &template.Spec, "spec.template.spec"
}

func podTemplate(object client.Object) *corev1.PodTemplateSpec {
	switch o := object.(type) {
	case *appsv1.Deployment:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		return &o.Spec.Template
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *corev1.ReplicationController:
		return o.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	}
	return nil
}

// decode reads an object of a request. A kind that the webhook does not know is refused, not passed over: its rules would
// not name it without reason.
func decode(gvk metav1.GroupVersionKind, raw []byte) (client.Object, domain.Asset, error) {
	for _, known := range kinds {
		if known.GroupVersionKind != gvk {
			continue
		}
		object := known.object()
		if err := json.Unmarshal(raw, object); err != nil {
			return nil, domain.Asset{}, fmt.Errorf("decode %s: %w", gvk.Kind, err)
		}
		return object, assetOf(known.Kind, object), nil
	}
	return nil, domain.Asset{}, fmt.Errorf("kind %s of group %q, version %s, is not known", gvk.Kind, gvk.Group, gvk.Version)
}

// assetOf is what of an object matters to its class.
func assetOf(name string, object client.Object) domain.Asset {
	asset := domain.Asset{
		Kind:  name,
		Name:  cmp.Or(object.GetName(), object.GetGenerateName()+"*"),
		Class: domain.ClassOf(object.GetLabels()),
	}
	if set, is := object.(*appsv1.StatefulSet); is {
		asset.Templates = setTemplates(set)
	}
	spec, path := podSpec(object)
	if spec == nil {
		return asset
	}
	for i := range spec.Volumes {
		volume := &spec.Volumes[i]
		if claim := volume.PersistentVolumeClaim; claim != nil {
			asset.Claims = append(asset.Claims, claim.ClaimName)
		}
		if volume.Ephemeral != nil && volume.Ephemeral.VolumeClaimTemplate != nil {
			asset.Templates = append(asset.Templates, domain.Template{
				Path:  path + ".volumes[" + volume.Name + "].ephemeral.volumeClaimTemplate",
				Class: domain.ClassOf(volume.Ephemeral.VolumeClaimTemplate.Labels),
			})
		}
	}
	slices.Sort(asset.Claims)
	asset.Claims = slices.Compact(asset.Claims)
	return asset
}

// setTemplates are the templates of a StatefulSet's claims. Its controller puts the labels of the selector over theirs.
func setTemplates(set *appsv1.StatefulSet) []domain.Template {
	templates := make([]domain.Template, 0, len(set.Spec.VolumeClaimTemplates))
	for _, claim := range set.Spec.VolumeClaimTemplates {
		labels := map[string]string{}
		maps.Copy(labels, claim.Labels)
		if set.Spec.Selector != nil {
			maps.Copy(labels, set.Spec.Selector.MatchLabels)
		}
		template := domain.Template{Path: "spec.volumeClaimTemplates[" + claim.Name + "]", Class: domain.ClassOf(labels)}
		if set.Name != "" {
			template.ClaimPrefix = claim.Name + "-" + set.Name + "-"
		}
		templates = append(templates, template)
	}
	return templates
}
