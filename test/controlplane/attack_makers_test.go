package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// This file is about who makes a Pod, and how the request for it is written.

// The Job that Kubernetes' own controller makes from a CronJob's schedule has its Pod held too.
func TestScheduledJobIsHeld(t *testing.T) {
	s := newSystem(t)
	user := s.owner(t)
	paused := true
	cron := &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "nightly", Labels: classLabels()},
		Spec: batchv1.CronJobSpec{Schedule: "0 * * * *", Suspend: &paused, JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{
			Template: corev1.PodTemplateSpec{Spec: s.pod("", web).Spec}}}},
	}
	cron.Spec.JobTemplate.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	must(t, user.Create(t.Context(), cron))
	// An hour was missed, so that the controller catches up at once when it may go on.
	last := metav1.NewTime(time.Now().Add(-2 * time.Hour))
	cron.Status.LastScheduleTime = &last
	must(t, user.Status().Update(t.Context(), cron))
	must(t, user.Patch(t.Context(), cron, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"suspend":false}}`))))
	s.havePods(t, 1, 0)
}

// foreignKind is the kind of another project, whose controller makes Pods of its own.
var foreignKind = schema.GroupVersionKind{Group: "attack.example.com", Version: "v1", Kind: "Rollout"}

// installForeignKind makes the API server serve the kind for the rest of a test.
func installForeignKind(t *testing.T) {
	t.Helper()
	anything := true
	crd := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "rollouts." + foreignKind.Group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: foreignKind.Group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "rollouts", Singular: "rollout", Kind: foreignKind.Kind,
				ListKind: "RolloutList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: foreignKind.Version, Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: &anything}}}},
		},
	}
	c := extensions(t)
	must(t, c.Create(t.Context(), crd))
	t.Cleanup(func() {
		if err := c.Delete(context.Background(), crd); err != nil {
			t.Errorf("take the foreign kind away: %v", err)
		}
	})
}

// extensions is a client of the administrator that knows CustomResourceDefinitions.
func extensions(t *testing.T) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	must(t, apiextensionsv1.AddToScheme(scheme))
	c, err := client.New(env.cluster.Config(), client.Options{Scheme: scheme})
	must(t, err)
	return c
}

// Another project's controller, under its own account and with Pods that its own kind owns, gets no further than anybody else:
// held without an approval, refused with an image that none covers.
func TestForeignControllersPodsAreHeld(t *testing.T) {
	installForeignKind(t)
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "rollouts"}}))
	must(t, env.admin.Create(t.Context(), &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "rollouts"},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.name, Name: "rollouts"}}}))
	controller := asServiceAccount(t, s.name, "rollouts")
	rollout := &unstructuredObject{}
	rollout.SetGroupVersionKind(foreignKind)
	rollout.SetNamespace(s.name)
	rollout.SetName("web")
	eventually(t, "the foreign object is made", func(ctx context.Context) error { return controller.Create(ctx, rollout) })

	pod := func(name, image string) *corev1.Pod {
		pod := s.pod(name, image)
		pod.Labels = nil // a controller is not asked for a class
		pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(rollout, foreignKind)}
		return pod
	}
	must(t, controller.Create(t.Context(), pod("web-1", web)))
	must(t, controller.Create(t.Context(), pod("evil-1", evil)))
	s.havePods(t, 2, 0)
	named := pod("named", web)
	named.Spec.NodeName = "node-0"
	refused(t, controller.Create(t.Context(), named), "spec.nodeName", "第12条")

	s.introduce(t, covered)
	s.havePods(t, 1, 1) // evil-1 stays held
	s.settles(t, true)
	refused(t, controller.Create(t.Context(), pod("evil-2", evil)), evil, "第12条")
	must(t, controller.Create(t.Context(), pod("web-2", web)))
	s.havePods(t, 1, 2)
}

// The namespace of a request is that of its URL, whatever its body says or leaves out.
func TestNamespaceOfTheBodyIsNoWayRound(t *testing.T) {
	held, approved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	approved.settles(t, true)
	c, err := kubernetes.NewForConfig(configOf(t, "namespace-admin"))
	must(t, err)
	post := func(namespace string, pod *corev1.Pod) error {
		object, err := plain(pod)
		must(t, err)
		raw, err := json.Marshal(object)
		must(t, err)
		return c.CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").SetHeader("Content-Type", "application/json").
			Body(raw).Do(t.Context()).Error()
	}
	nowhere := held.pod("nowhere", web)
	nowhere.Namespace = ""
	must(t, post(held.name, nowhere))
	held.havePods(t, 1, 0)

	refused(t, post(held.name, approved.pod("elsewhere", web)), "namespace")
	bad := approved.pod("bad", evil)
	bad.Namespace = ""
	refused(t, post(approved.name, bad), evil, "第12条")
	held.havePods(t, 1, 0)
	approved.havePods(t, 0, 0)
}

// A name that the API server makes up changes no verdict.
func TestGeneratedNameIsNoWayRound(t *testing.T) {
	s := newSystem(t)
	generated := func(image string) *corev1.Pod {
		pod := s.pod("", image)
		pod.GenerateName = "web-"
		return pod
	}
	user := as(t, "namespace-admin")
	must(t, user.Create(t.Context(), generated(web)))
	s.havePods(t, 1, 0)
	named := generated(web)
	named.Spec.NodeName = "node-0"
	refused(t, user.Create(t.Context(), named), "spec.nodeName", "第12条")
	s.introduce(t, covered)
	s.havePods(t, 0, 1)
	s.settles(t, true)
	refused(t, user.Create(t.Context(), generated(evil)), evil, "第12条")
	forged := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: s.name + "-",
		Labels: map[string]string{v1alpha1.LabelClearance: string(v1alpha1.ClearanceCleared)}}}
	refused(t, env.admin.Create(t.Context(), forged), "governance.kitei.dev/", "第12条")
	s.havePods(t, 0, 1)
}

// A dry run meets the verdict of the request itself, in the same words, and leaves nothing behind: no Pod, no event.
func TestDryRunOfPods(t *testing.T) {
	s := newSystem(t)
	user := as(t, "namespace-admin")
	tried := s.pod("tried", web)
	must(t, user.Create(t.Context(), tried, client.DryRunAll))
	if !gated(tried) {
		t.Error("a dry run does not show that the Pod would be held")
	}
	named := s.pod("named", web)
	named.Spec.NodeName = "node-0"
	sameVerdict(t, func(options ...client.CreateOption) error {
		return user.Create(t.Context(), named.DeepCopy(), options...)
	})
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name + "-forged",
		Labels: map[string]string{v1alpha1.LabelClearance: string(v1alpha1.ClearanceCleared)}}}
	sameVerdict(t, func(options ...client.CreateOption) error {
		return env.admin.Create(t.Context(), namespace.DeepCopy(), options...)
	})

	must(t, user.Create(t.Context(), s.pod("real", web)))
	s.event(t, "Pod", "real", "Held")
	var events eventsv1.EventList
	must(t, env.admin.List(t.Context(), &events, client.InNamespace(s.name)))
	for _, event := range events.Items {
		if event.Regarding.Name == "tried" {
			t.Errorf("a dry run left an event: %s", event.Note)
		}
	}
	s.havePods(t, 1, 0)

	s.introduce(t, covered)
	s.settles(t, true)
	sameVerdict(t, func(options ...client.CreateOption) error {
		return user.Create(t.Context(), s.pod("evil", evil), options...)
	})
	sameVerdict(t, func(options ...client.CreateOption) error {
		return user.Create(t.Context(), s.deployment(evil, 1), options...)
	})
	s.havePods(t, 0, 1)
}

// sameVerdict sees that a create is refused, and its dry run in the same words.
func sameVerdict(t *testing.T, create func(...client.CreateOption) error) {
	t.Helper()
	tried, done := create(client.DryRunAll), create()
	if tried == nil || done == nil || tried.Error() != done.Error() || !strings.Contains(fmt.Sprint(done), "第12条") {
		t.Errorf("a dry run says %v, and the request %v", tried, done)
	}
}
