package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// article262 is the article that asks for a class.
const article262 = "第26条第2項第2号"

// classed classes a system as low as 3C/1/1, so that an asset can be above it in each aspect.
func classed(class string) func(*v1alpha1.ElectronicSystem, *corev1.Namespace) {
	return func(entry *v1alpha1.ElectronicSystem, _ *corev1.Namespace) {
		levels := strings.Split(class, "/")
		entry.Spec.Classification = &v1alpha1.Classification{Confidentiality: v1alpha1.Level(levels[0]),
			Integrity: v1alpha1.Level(levels[1]), Availability: v1alpha1.Level(levels[2])}
	}
}

// class reads 3B/2/2 as labels; an empty level is no label.
func class(levels string) map[string]string {
	labels := map[string]string{}
	for i, level := range strings.Split(levels, "/") {
		if level != "" {
			labels[[]string{v1alpha1.LabelConfidentiality, v1alpha1.LabelIntegrity, v1alpha1.LabelAvailability}[i]] = level
		}
	}
	return labels
}

// workloads of every kind that makes Pods, with no replicas where they can have none. Their Pods mount the volumes.
func (s *system) workloads(name, levels string, volumes ...corev1.Volume) map[string]client.Object {
	meta := func() metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: s.name, Name: name, Labels: class(levels)}
	}
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: web}}, Volumes: volumes},
	}
	once := *template.DeepCopy()
	once.Spec.RestartPolicy = corev1.RestartPolicyNever
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}
	none, suspended := new(int32), true
	return map[string]client.Object{
		"deployment":  &appsv1.Deployment{ObjectMeta: meta(), Spec: appsv1.DeploymentSpec{Replicas: none, Selector: selector, Template: template}},
		"statefulset": &appsv1.StatefulSet{ObjectMeta: meta(), Spec: appsv1.StatefulSetSpec{Replicas: none, Selector: selector, Template: template}},
		"daemonset":   &appsv1.DaemonSet{ObjectMeta: meta(), Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}},
		"replicaset":  &appsv1.ReplicaSet{ObjectMeta: meta(), Spec: appsv1.ReplicaSetSpec{Replicas: none, Selector: selector, Template: template}},
		"replicationcontroller": &corev1.ReplicationController{ObjectMeta: meta(),
			Spec: corev1.ReplicationControllerSpec{Replicas: none, Selector: selector.MatchLabels, Template: &template}},
		"job": &batchv1.Job{ObjectMeta: meta(), Spec: batchv1.JobSpec{Suspend: &suspended, Template: once}},
		"cronjob": &batchv1.CronJob{ObjectMeta: meta(), Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *", Suspend: &suspended,
			JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: once}}}},
		"pod": &corev1.Pod{ObjectMeta: meta(), Spec: template.Spec},
	}
}

func (s *system) claim(name, levels string) *corev1.PersistentVolumeClaim {
	meta := metav1.ObjectMeta{Namespace: s.name, Name: name, Labels: class(levels)}
	return &corev1.PersistentVolumeClaim{ObjectMeta: meta, Spec: claimSpec(s.name)}
}

func claimSpec(storage string) corev1.PersistentVolumeClaimSpec {
	return corev1.PersistentVolumeClaimSpec{
		StorageClassName: &storage, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}
}

func mounted(claim string) corev1.Volume {
	return corev1.Volume{Name: claim, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}}
}

func ephemeral(name, levels string) corev1.Volume {
	template := &corev1.PersistentVolumeClaimTemplate{ObjectMeta: metav1.ObjectMeta{Labels: class(levels)}, Spec: claimSpec("fast")}
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: template}}}
}

var (
	manifestStep = regexp.MustCompile(`マニフェストの (\S+) に (\{[^}]*\}) を加え`)
	commandStep  = regexp.MustCompile(`kubectl label .*? --overwrite`)
)

// follow does what a refusal proposes, as a person would who only copies: it runs the commands, and returns the object with
// the labels of the manifest steps added.
func follow(t *testing.T, refusal error, object client.Object) *unstructured.Unstructured {
	t.Helper()
	text := refusal.Error()
	commands, steps := commandStep.FindAllString(text, -1), manifestStep.FindAllStringSubmatch(text, -1)
	if len(commands)+len(steps) == 0 {
		t.Fatalf("the refusal proposes nothing: %s", text)
	}
	for _, command := range commands {
		if output, code := kubectl(t, configOf(t, "namespace-admin"), strings.Fields(command)[1:]...); code != 0 {
			t.Fatalf("%s: %s", command, output)
		}
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	must(t, err)
	edited := &unstructured.Unstructured{Object: content}
	gvk, err := apiutil.GVKForObject(object, operator.Scheme())
	must(t, err)
	edited.SetGroupVersionKind(gvk)
	for _, step := range steps {
		var labels map[string]any
		must(t, yaml.Unmarshal([]byte(step[2]), &labels))
		maps.Copy(at(t, edited.Object, step[1]), labels)
	}
	return edited
}

// at is the map at a path such as spec.volumeClaimTemplates[data].metadata.labels.
func at(t *testing.T, object map[string]any, path string) map[string]any {
	t.Helper()
	for _, step := range strings.Split(path, ".") {
		field, name, listed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		if listed {
			items, _ := object[field].([]any)
			found := slices.IndexFunc(items, func(item any) bool {
				inMetadata, _, _ := unstructured.NestedString(item.(map[string]any), "metadata", "name")
				return item.(map[string]any)["name"] == name || inMetadata == name
			})
			if found < 0 {
				t.Fatalf("the refusal names %s, which is not there", path)
			}
			object = items[found].(map[string]any)
			continue
		}
		if object[field] == nil {
			object[field] = map[string]any{}
		}
		object = object[field].(map[string]any)
	}
	return object
}

// Every kind of asset is asked for its class, and passes with what the refusal proposes.
func TestEveryAssetIsAskedForItsClass(t *testing.T) {
	s := newSystem(t, classed("3C/1/1"))
	user := as(t, "namespace-admin")
	mistakes := map[string]struct {
		levels string
		says   []string
	}{
		"unlabelled":            {"//", []string{v1alpha1.LabelConfidentiality, v1alpha1.LabelIntegrity, v1alpha1.LabelAvailability}},
		"without-one":           {"3C/1/", []string{v1alpha1.LabelAvailability}},
		"unknown-level":         {"4/1/1", []string{v1alpha1.LabelConfidentiality, "「4」は対策基準になく", "3C, 2, 1"}},
		"above-confidentiality": {"3B/1/1", []string{"機密性は 3B でなく 3C 以下", "試験システム"}},
		"above-integrity":       {"3C/2/1", []string{"完全性は 2 でなく 1 以下"}},
		"above-availability":    {"1/1/2", []string{"可用性は 2 でなく 1 以下"}},
	}
	for mistake, test := range mistakes {
		objects := s.workloads(mistake, test.levels)
		objects["persistentvolumeclaim"] = s.claim(mistake, test.levels)
		for kind, object := range objects {
			t.Run(mistake+"/"+kind, func(t *testing.T) {
				err := user.Create(t.Context(), object, client.DryRunAll)
				refused(t, err, append(test.says, article262, mistake)...)
				refused(t, user.Create(t.Context(), object), article262)
				current := object.DeepCopyObject().(client.Object)
				if err := user.Get(t.Context(), client.ObjectKeyFromObject(object), current); !apierrors.IsNotFound(err) {
					t.Errorf("something was written: %v", err)
				}
				fixed := follow(t, err, object)
				must(t, user.Create(t.Context(), fixed.DeepCopy(), client.DryRunAll))
				must(t, user.Create(t.Context(), fixed))
			})
		}
	}
	t.Run("changed later", func(t *testing.T) {
		deployment := get(t, &appsv1.Deployment{}, s.name, "unlabelled")
		deployment.Labels[v1alpha1.LabelConfidentiality] = "3A"
		deployment.ResourceVersion = "" // so that it is not a conflict first
		err := user.Update(t.Context(), deployment)
		refused(t, err, "3A", article262, "kubectl label deployment unlabelled")
		follow(t, err, deployment)
		delete(deployment.Labels, v1alpha1.LabelConfidentiality)
		deployment.ResourceVersion = ""
		refused(t, user.Update(t.Context(), deployment), v1alpha1.LabelConfidentiality, article262)
	})
}

// A workload is not classed below the claim that it mounts, whichever of the two is written last.
func TestWorkloadIsNotBelowItsClaim(t *testing.T) {
	s := newSystem(t)
	user := as(t, "namespace-admin")
	must(t, user.Create(t.Context(), s.claim("ledger", "3B/2/2")))
	for kind, object := range s.workloads("below", "3C/1/2", mounted("ledger")) {
		t.Run(kind, func(t *testing.T) {
			err := user.Create(t.Context(), object)
			refused(t, err, "ledger", "機密性は 3C でなく 3B 以上", "完全性は 1 でなく 2 以上", article262)
			must(t, user.Create(t.Context(), follow(t, err, object)))
		})
	}
	for kind := range s.workloads("", "") {
		t.Run("a claim above a "+kind, func(t *testing.T) {
			name := "later-of-" + kind // each mounts a claim of its own, which is not there yet
			object := s.workloads("first", "2/1/1", mounted(name))[kind]
			must(t, user.Create(t.Context(), object))
			claim := s.claim(name, "3B/1/1")
			err := user.Create(t.Context(), claim)
			refused(t, err, "first", "機密性は 3B でなく 2 以下", article262)
			must(t, user.Create(t.Context(), follow(t, err, claim)))

			raise := func() error { return relabel(t, user, s.claim(name, "2/1/1"), v1alpha1.LabelConfidentiality, "3B") }
			err = raise()
			refused(t, err, "first", article262)
			follow(t, err, claim)
			must(t, relabel(t, user, object, v1alpha1.LabelConfidentiality, "3B")) // the other way that the refusal names
			must(t, raise())
			refused(t, relabel(t, user, object, v1alpha1.LabelConfidentiality, "2"), name, article262)
		})
	}
	t.Run("claims from before", func(t *testing.T) {
		withoutWebhooks(t, func() {
			eventually(t, "claims without a class pass", func(ctx context.Context) error {
				return client.IgnoreAlreadyExists(user.Create(ctx, s.claim("old", "//")))
			})
			must(t, client.IgnoreAlreadyExists(user.Create(t.Context(), s.claim("older", "3A/2/2"))))
		})
		deployment := s.workloads("mounts-old", "3C/2/2", mounted("old"), mounted("older"))["deployment"]
		eventually(t, "the webhook is asked again", func(ctx context.Context) error {
			if user.Create(ctx, deployment.DeepCopyObject().(client.Object), client.DryRunAll) == nil {
				return fmt.Errorf("it is not")
			}
			return nil
		})
		err := user.Create(t.Context(), deployment)
		refused(t, err, "old", "older", "3A", article262)
		must(t, user.Create(t.Context(), follow(t, err, deployment)))
	})
}

// relabel an object by a merge patch.
func relabel(t *testing.T, c client.Client, object client.Object, key, level string) error {
	t.Helper()
	return c.Patch(t.Context(), object.DeepCopyObject().(client.Object), labelPatch(t, key, level))
}

// labelPatch sets a label, or removes it for nil.
func labelPatch(t *testing.T, key string, value any) client.Patch {
	t.Helper()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]any{key: value}}})
	must(t, err)
	return client.RawPatch(types.MergePatchType, patch)
}

// Templates of claims are asked where they are written, because what controllers make from them is not.
func TestTemplatesOfClaimsAreAsked(t *testing.T) {
	s := newSystem(t)
	user := as(t, "namespace-admin")
	mistakes := map[string]string{"unlabelled": "//", "unknown": "4/1/1", "above-system": "3A/2/2", "above-workload": "3B/2/2"}
	for mistake, levels := range mistakes {
		for kind, object := range s.workloads("ephemeral-"+mistake, "3C/2/2", ephemeral("scratch", levels)) {
			t.Run(mistake+"/ephemeral volume of a "+kind, func(t *testing.T) {
				err := user.Create(t.Context(), object)
				refused(t, err, ".volumes[scratch].ephemeral.volumeClaimTemplate", article262)
				must(t, user.Create(t.Context(), follow(t, err, object)))
			})
		}
		t.Run(mistake+"/volumeClaimTemplates", func(t *testing.T) {
			set := s.workloads("set-"+mistake, "3C/2/2")["statefulset"].(*appsv1.StatefulSet)
			set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: class(levels)}, Spec: claimSpec(s.name)}}
			err := user.Create(t.Context(), set)
			refused(t, err, "spec.volumeClaimTemplates[data]", article262)
			must(t, user.Create(t.Context(), follow(t, err, set)))
		})
	}
	t.Run("a claim left over, of a higher class", func(t *testing.T) {
		must(t, user.Create(t.Context(), s.claim("data-heir-0", "3B/2/2")))
		set := s.workloads("heir", "2/1/1")["statefulset"].(*appsv1.StatefulSet)
		set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{
			ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: class("2/1/1")}, Spec: claimSpec(s.name)}}
		err := user.Create(t.Context(), set)
		refused(t, err, "data-heir-0", article262)
		must(t, user.Create(t.Context(), follow(t, err, set)))
	})
}
