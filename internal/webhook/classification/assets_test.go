package classification

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	domain "kitei.dev/kitei/internal/classification"
)

// TestDecode sees that of each kind the same is read: its own labels, the claims that its Pods mount, the templates.
func TestDecode(t *testing.T) {
	pods := corev1.PodSpec{Volumes: append(volumes("z", "a", "a"), corev1.Volume{
		Name: "scratch", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{
			VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{ObjectMeta: metav1.ObjectMeta{Labels: labels("2/1/1")}},
		}},
	})}
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels("1/1/1")}, Spec: pods}
	of := named("web", "3A/2/2")

	objects := map[string]client.Object{
		"Deployment":            &appsv1.Deployment{ObjectMeta: of, Spec: appsv1.DeploymentSpec{Template: template}},
		"StatefulSet":           &appsv1.StatefulSet{ObjectMeta: of, Spec: appsv1.StatefulSetSpec{Template: template}},
		"DaemonSet":             &appsv1.DaemonSet{ObjectMeta: of, Spec: appsv1.DaemonSetSpec{Template: template}},
		"ReplicaSet":            &appsv1.ReplicaSet{ObjectMeta: of, Spec: appsv1.ReplicaSetSpec{Template: template}},
		"ReplicationController": &corev1.ReplicationController{ObjectMeta: of, Spec: corev1.ReplicationControllerSpec{Template: &template}},
		"Job":                   &batchv1.Job{ObjectMeta: of, Spec: batchv1.JobSpec{Template: template}},
		"CronJob": &batchv1.CronJob{ObjectMeta: of, Spec: batchv1.CronJobSpec{
			JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template}},
		}},
		"Pod":            &corev1.Pod{ObjectMeta: of, Spec: pods},
		domain.KindClaim: &corev1.PersistentVolumeClaim{ObjectMeta: of},
	}
	for _, known := range kinds {
		t.Run(known.Kind, func(t *testing.T) {
			raw, err := json.Marshal(objects[known.Kind])
			if err != nil {
				t.Fatal(err)
			}
			_, got, err := decode(known.GroupVersionKind, raw)
			if err != nil {
				t.Fatal(err)
			}
			want := domain.Asset{
				Kind: known.Kind, Name: "web",
				Class: v1alpha1.Classification{Confidentiality: "3A", Integrity: "2", Availability: "2"},
			}
			if known.Kind != domain.KindClaim {
				path := map[string]string{"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}[known.Kind]
				if path == "" {
					path = "spec.template.spec"
				}
				want.Claims = []string{"a", "z"}
				want.Templates = []domain.Template{{
					Path:  path + ".volumes[scratch].ephemeral.volumeClaimTemplate",
					Class: v1alpha1.Classification{Confidentiality: "2", Integrity: "1", Availability: "1"},
				}}
			}
			if !got.Equal(want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestAssetOf(t *testing.T) {
	set := &appsv1.StatefulSet{ObjectMeta: named("web", "")}
	set.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{v1alpha1.LabelConfidentiality: "1"}}
	set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: labels("3A/2/2")}}}

	t.Run("the labels of the selector stand over the template's", func(t *testing.T) {
		got := assetOf("StatefulSet", set).Templates
		want := []domain.Template{{
			Path: "spec.volumeClaimTemplates[data]", ClaimPrefix: "data-web-",
			Class: v1alpha1.Classification{Confidentiality: "1", Integrity: "2", Availability: "2"},
		}}
		if !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if set.Spec.VolumeClaimTemplates[0].Labels[v1alpha1.LabelConfidentiality] != "3A" {
			t.Error("reading a template changed it")
		}
	})
	t.Run("a generated name", func(t *testing.T) {
		set := set.DeepCopy()
		set.Name, set.GenerateName = "", "web-"
		if got := assetOf("StatefulSet", set); got.Name != "web-*" || got.Templates[0].ClaimPrefix != "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a ReplicationController without a template", func(t *testing.T) {
		if got := assetOf("ReplicationController", &corev1.ReplicationController{}); got.Claims != nil || got.Templates != nil {
			t.Errorf("got %+v", got)
		}
	})
}

// TestKindsAreTheRules sees that the webhook is sent what it knows, and knows what it is sent.
func TestKindsAreTheRules(t *testing.T) {
	manifests, err := os.ReadFile("../../../config/webhook/manifests.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var webhooks int
	var rules []string
	for _, document := range strings.Split(string(manifests), "\n---\n") {
		var configuration admissionregistrationv1.ValidatingWebhookConfiguration
		if err := yaml.Unmarshal([]byte(document), &configuration); err != nil {
			t.Fatal(err)
		}
		for _, webhook := range configuration.Webhooks {
			if webhook.ClientConfig.Service == nil || *webhook.ClientConfig.Service.Path != "/validate-classification" {
				continue
			}
			webhooks++ // one where the regulation is enforced, one where it is only observed
			for _, rule := range webhook.Rules {
				for _, resource := range rule.Resources {
					rules = append(rules, schema.GroupResource{Group: rule.APIGroups[0], Resource: resource}.String())
				}
			}
		}
	}
	known := make([]string, 0, 2*len(kinds))
	for _, k := range kinds {
		guessed, _ := apimeta.UnsafeGuessKindToResource(schema.GroupVersionKind(k.GroupVersionKind))
		resource, status := guessed.GroupResource(), guessed.GroupResource()
		status.Resource += "/status" // a status update can carry labels
		known = append(known, resource.String(), status.String())
	}
	known = slices.Repeat(known, webhooks)
	slices.Sort(rules)
	slices.Sort(known)
	if webhooks == 0 {
		t.Error("no webhook calls the handler")
	}
	if !slices.Equal(rules, known) {
		t.Errorf("the rules name %q, the handler knows %q", rules, known)
	}
}

// TestPages sees that every page of a long list is looked at.
func TestPages(t *testing.T) {
	w := newWorld(with(deployment("web", "3C/2/2", "data")))
	pages := 0
	reader := interceptor.NewClient(w.reader(t, true), interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			applied := (&client.ListOptions{}).ApplyOptions(options)
			_, paged := list.(*appsv1.DeploymentList)
			if paged && applied.Continue == "" { // the first page is empty
				pages++
				list.SetContinue("second")
				return nil
			}
			if err := c.List(ctx, list, options...); err != nil {
				return err
			}
			if paged {
				pages++
			}
			list.SetContinue("")
			return nil
		},
	})
	h := handler(t, w, w)
	h.Live = reader
	if got := h.Handle(t.Context(), request(t, claims, claim("data", "3B/2/2"), nil)); got.Allowed || pages != 4 { // twice two
		t.Errorf("allowed %v after %d pages", got.Allowed, pages)
	}
}
