package controlplane

import (
	"context"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Scaling is never refused, and every Pod that it makes is held: by spec.replicas in every kind of write, by /scale in every kind
// of write and of every kind that has it, and by autoscalers of both versions.
func TestScalingIsNoWayRound(t *testing.T) {
	s := newSystem(t)
	user := s.owner(t)
	wanted := 0
	grown := func(t *testing.T) {
		t.Helper()
		wanted++
		s.havePods(t, wanted, 0)
	}
	must(t, user.Create(t.Context(), s.deployment(web, 0)))
	for name, write := range writes() {
		t.Run("spec.replicas by "+name, func(t *testing.T) {
			eventually(t, "scaled", func(ctx context.Context) error { // the controller writes too
				before := get(t, &appsv1.Deployment{}, s.name, "web")
				after := before.DeepCopy()
				*after.Spec.Replicas = int32(wanted + 1)
				return write(ctx, user, before, after, "")
			})
			grown(t)
		})
	}
	for kind, patch := range map[types.PatchType]string{
		types.JSONPatchType:           `[{"op":"replace","path":"/spec/replicas","value":%d}]`,
		types.MergePatchType:          `{"spec":{"replicas":%d}}`,
		types.StrategicMergePatchType: `{"spec":{"replicas":%d}}`,
		types.ApplyPatchType:          `{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web"},"spec":{"replicas":%d}}`,
	} {
		t.Run("scale by "+string(kind), func(t *testing.T) {
			var options []client.SubResourcePatchOption
			if kind == types.ApplyPatchType {
				options = append(options, client.FieldOwner("attacker"), client.ForceOwnership)
			}
			must(t, user.SubResource("scale").Patch(t.Context(), s.deployment(web, 0),
				client.RawPatch(kind, fmt.Appendf(nil, patch, wanted+1)), options...))
			grown(t)
		})
	}
	template := s.deployment(web, 0).Spec.Template
	none := int32(0)
	for name, object := range map[string]client.Object{
		"statefulset": &appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: &none, Template: named(template, "statefulset"),
			Selector: selectorOf("statefulset")}},
		"replicaset": &appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Replicas: &none, Template: named(template, "replicaset"),
			Selector: selectorOf("replicaset")}},
		"replicationcontroller": &corev1.ReplicationController{Spec: corev1.ReplicationControllerSpec{Replicas: &none,
			Template: new(named(template, "replicationcontroller")), Selector: map[string]string{"app": "replicationcontroller"}}},
	} {
		t.Run("scale of a "+name, func(t *testing.T) {
			object.SetNamespace(s.name)
			object.SetName(name)
			object.SetLabels(classLabels())
			must(t, user.Create(t.Context(), object))
			must(t, user.SubResource("scale").Update(t.Context(), object, client.WithSubResourceBody(&autoscalingv1.Scale{
				ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: name}, Spec: autoscalingv1.ScaleSpec{Replicas: 1}})))
			grown(t)
		})
	}
	t.Run("autoscalers", func(t *testing.T) {
		for _, name := range []string{"autoscaled-v1", "autoscaled-v2"} {
			deployment := s.deployment(web, 1)
			deployment.Name, deployment.Spec.Selector, deployment.Spec.Template = name, selectorOf(name), named(template, name)
			must(t, user.Create(t.Context(), deployment))
		}
		two := int32(2)
		must(t, user.Create(t.Context(), &autoscalingv1.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "autoscaled-v1"},
			Spec: autoscalingv1.HorizontalPodAutoscalerSpec{MinReplicas: &two, MaxReplicas: 3,
				ScaleTargetRef: autoscalingv1.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment",
					Name: "autoscaled-v1"}}}))
		must(t, user.Create(t.Context(), &autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "autoscaled-v2"},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: &two, MaxReplicas: 3,
				ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment",
					Name: "autoscaled-v2"}}}))
		wanted += 4
		s.havePods(t, wanted, 0)
	})
}

func selectorOf(app string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}
}

// named is a template whose Pods carry another label "app".
func named(template corev1.PodTemplateSpec, app string) corev1.PodTemplateSpec {
	template = *template.DeepCopy()
	template.Labels["app"] = app
	return template
}
