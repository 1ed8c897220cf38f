package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// This file tries every kind of write: update, JSON patch, merge patch, strategic merge patch and server-side apply.

// No kind of write brings an image that is not covered into a live Pod, be it of a container or of an ephemeral one; a covered one
// gets in by each.
func TestLivePodKeepsItsImagesInEveryWrite(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	s.settles(t, true)
	user := s.owner(t)
	pod := s.pod("web", web)
	pod.Spec.InitContainers = []corev1.Container{{Name: "init", Image: web}}
	must(t, user.Create(t.Context(), pod))
	s.havePods(t, 0, 1)
	for what, test := range map[string]struct {
		subresource string
		change      func(pod *corev1.Pod, image string)
	}{
		"container":      {change: func(p *corev1.Pod, image string) { p.Spec.Containers[0].Image = image }},
		"init container": {change: func(p *corev1.Pod, image string) { p.Spec.InitContainers[0].Image = image }},
		"ephemeral container": {"ephemeralcontainers", func(p *corev1.Pod, image string) {
			p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers, corev1.EphemeralContainer{
				EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: fmt.Sprintf("debug-%d", len(p.Spec.EphemeralContainers)),
					Image: image, TerminationMessagePolicy: corev1.TerminationMessageReadFile}})
		}},
	} {
		for name, write := range writes() {
			t.Run(what+" by "+name, func(t *testing.T) {
				try := func(c client.Client, image string) error {
					var err error
					eventually(t, "a write that meets no other", func(ctx context.Context) error {
						before := get(t, &corev1.Pod{}, s.name, "web")
						after := before.DeepCopy()
						test.change(after, image)
						if err = write(ctx, c, before, after, test.subresource); apierrors.IsConflict(err) {
							return err
						}
						return nil
					})
					return err
				}
				for _, c := range []client.Client{user, env.admin} {
					refused(t, try(c, evil), evil, "第12条", s.name+"-introduction")
				}
				must(t, try(user, fmt.Sprintf("%s-%d", web, serial.Add(1))))
			})
		}
	}
}

// What is no write of a Pod's spec does not become one: a subresource changes neither its images nor its gate.
func TestSubresourcesOfAPodAreNoWayRound(t *testing.T) {
	held, approved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	approved.settles(t, true)
	for _, s := range []*system{held, approved} {
		user := s.owner(t)
		must(t, user.Create(t.Context(), s.pod("web", web)))
		if s == approved {
			s.havePods(t, 0, 1)
		}
		for _, subresource := range []string{"status", "resize", "ephemeralcontainers"} {
			for name, write := range writes() {
				for what, change := range map[string]func(*corev1.Pod){
					"the gate":  func(p *corev1.Pod) { p.Spec.SchedulingGates = nil },
					"its image": func(p *corev1.Pod) { p.Spec.Containers[0].Image = evil },
					"its node":  func(p *corev1.Pod) { p.Spec.NodeName = "node-1" },
				} {
					before := get(t, &corev1.Pod{}, s.name, "web")
					after := before.DeepCopy()
					change(after)
					err := write(t.Context(), user, before, after, subresource)
					now := get(t, &corev1.Pod{}, s.name, "web")
					if now.Spec.Containers[0].Image != web || gated(now) != (s == held) || now.Spec.NodeName != before.Spec.NodeName {
						t.Fatalf("%s by %s of pods/%s: %v: the Pod is %+v", what, name, subresource, err, now.Spec)
					}
				}
			}
		}
	}
}

// Neither of the two ways to bind a Pod binds one that is held.
func TestHeldPodCannotBeBoundByEitherWay(t *testing.T) {
	s := newSystem(t)
	user := s.owner(t)
	must(t, user.Create(t.Context(), s.pod("web", web)))
	for _, config := range []string{s.name + "-owner", ""} {
		rest := env.cluster.Config()
		if config != "" {
			rest = configOf(t, config)
		}
		c, err := kubernetes.NewForConfig(rest)
		must(t, err)
		binding := func() *corev1.Binding {
			return &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web"},
				Target: corev1.ObjectReference{Kind: "Node", Name: "node-0"}}
		}
		refused(t, c.CoreV1().Pods(s.name).Bind(t.Context(), binding(), metav1.CreateOptions{}), "schedulingGates")
		refused(t, c.CoreV1().RESTClient().Post().Namespace(s.name).Resource("bindings").Body(binding()).Do(t.Context()).Error(),
			"schedulingGates")
		pod := get(t, &corev1.Pod{}, s.name, "web")
		pod.Spec.NodeName = "node-0"
		refused(t, user.Update(t.Context(), pod), "spec")
	}
	s.havePods(t, 1, 0)
}

// The template of a workload takes no image that is not covered, by any kind of write and in any kind of workload.
func TestWorkloadKeepsItsImagesInEveryWrite(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	s.settles(t, true)
	user := s.owner(t)
	template, none := s.deployment(web, 0).Spec.Template, int32(0)
	once := named(template, "once")
	once.Spec.RestartPolicy = corev1.RestartPolicyNever
	paused := true
	for name, test := range map[string]struct {
		object client.Object
		spec   func(client.Object) *corev1.PodSpec
	}{
		"deployment": {s.deployment(web, 0), func(o client.Object) *corev1.PodSpec { return &o.(*appsv1.Deployment).Spec.Template.Spec }},
		"statefulset": {&appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{Replicas: &none, Template: named(template, "s"),
			Selector: selectorOf("s")}}, func(o client.Object) *corev1.PodSpec { return &o.(*appsv1.StatefulSet).Spec.Template.Spec }},
		"daemonset": {&appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{Template: named(template, "d"), Selector: selectorOf("d")}},
			func(o client.Object) *corev1.PodSpec { return &o.(*appsv1.DaemonSet).Spec.Template.Spec }},
		"replicaset": {&appsv1.ReplicaSet{Spec: appsv1.ReplicaSetSpec{Replicas: &none, Template: named(template, "r"),
			Selector: selectorOf("r")}}, func(o client.Object) *corev1.PodSpec { return &o.(*appsv1.ReplicaSet).Spec.Template.Spec }},
		"replicationcontroller": {&corev1.ReplicationController{Spec: corev1.ReplicationControllerSpec{Replicas: &none,
			Template: new(named(template, "c")), Selector: map[string]string{"app": "c"}}},
			func(o client.Object) *corev1.PodSpec { return &o.(*corev1.ReplicationController).Spec.Template.Spec }},
		"job": {&batchv1.Job{Spec: batchv1.JobSpec{Suspend: &paused, Template: once}},
			func(o client.Object) *corev1.PodSpec { return &o.(*batchv1.Job).Spec.Template.Spec }},
		"cronjob": {&batchv1.CronJob{Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{
			Spec: batchv1.JobSpec{Template: once}}}},
			func(o client.Object) *corev1.PodSpec {
				return &o.(*batchv1.CronJob).Spec.JobTemplate.Spec.Template.Spec
			}},
	} {
		test.object.SetNamespace(s.name)
		test.object.SetName("every")
		test.object.SetLabels(classLabels())
		bad := test.object.DeepCopyObject().(client.Object)
		test.spec(bad).Containers[0].Image = evil
		refused(t, user.Create(t.Context(), bad), evil, "第12条")
		must(t, user.Create(t.Context(), test.object))
		for wayName, write := range writes() {
			t.Run(name+" by "+wayName, func(t *testing.T) {
				var err error
				eventually(t, "a write that meets no other", func(ctx context.Context) error {
					before := get(t, test.object.DeepCopyObject().(client.Object), s.name, "every")
					after := before.DeepCopyObject().(client.Object)
					test.spec(after).Containers[0].Image = evil
					if err = write(ctx, user, before, after, ""); apierrors.IsConflict(err) {
						return err
					}
					return nil
				})
				refused(t, err, evil) // Kubernetes itself refuses a changed template of a Job, too
			})
		}
	}
}

// A namespace's marks are written by nobody but the operator: by no kind of write of the Namespace or of its status, by no
// creation, and not in a dry run. Nor does an ordinary writer of namespaces exempt one.
func TestMarksOfANamespaceInEveryWrite(t *testing.T) {
	s := newSystem(t)
	writer := namespaceWriter(t, s.name+"-every-writer")
	was := get(t, &corev1.Namespace{}, "", s.name)
	set := func(key, value string) func(*corev1.Namespace) {
		return func(n *corev1.Namespace) { metav1.SetMetaDataLabel(&n.ObjectMeta, key, value) }
	}
	for what, change := range map[string]func(*corev1.Namespace){
		"another clearance": set(v1alpha1.LabelClearance, "cleared"),
		"another system":    set(v1alpha1.LabelSystem, "other"),
		"a mark unheard of": set(v1alpha1.Prefix+"new", "true"),
		"no clearance":      func(n *corev1.Namespace) { delete(n.Labels, v1alpha1.LabelClearance) },
		"no system":         func(n *corev1.Namespace) { delete(n.Labels, v1alpha1.LabelSystem) },
		"no reason":         func(n *corev1.Namespace) { delete(n.Annotations, v1alpha1.AnnotationReason) },
		"other images": func(n *corev1.Namespace) {
			metav1.SetMetaDataAnnotation(&n.ObjectMeta, v1alpha1.AnnotationImagesMatch, ".*")
		},
		"exemption": set(v1alpha1.LabelExempt, "true"),
	} {
		for name, write := range writes() {
			for _, subresource := range []string{"", "status"} {
				t.Run(what+" by "+name+" "+subresource, func(t *testing.T) {
					who := []client.Client{writer, env.admin}
					if what == "exemption" {
						who = who[:1] // an administrator has the verb
					}
					for _, c := range who {
						before := get(t, &corev1.Namespace{}, "", s.name)
						after := before.DeepCopy()
						change(after)
						err := write(t.Context(), c, before, after, subresource)
						if name == serverSideApply && strings.HasPrefix(what, "no ") {
							must(t, err) // one who applies less than there is removes nothing that is another's
							continue
						}
						refused(t, err, "governance.kitei.dev/")
					}
					now := get(t, &corev1.Namespace{}, "", s.name)
					if !sameMarks(was, now) {
						t.Errorf("the marks are %v %v", now.Labels, now.Annotations)
					}
				})
			}
		}
	}
	for what, mark := range map[string]func(*corev1.Namespace){
		"clearance": set(v1alpha1.LabelClearance, "cleared"), "exemption": set(v1alpha1.LabelExempt, "true"),
	} {
		t.Run("a new namespace with "+what, func(t *testing.T) {
			created := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name + "-new"}}
			mark(created)
			refused(t, writer.Create(t.Context(), created.DeepCopy()), "governance.kitei.dev/")
			refused(t, writer.Create(t.Context(), created.DeepCopy(), client.DryRunAll), "governance.kitei.dev/")
			refused(t, writes()[serverSideApply](t.Context(), writer, created, created, ""), "governance.kitei.dev/")
		})
	}
}

// namespaceWriter may do everything with namespaces, and nothing else.
func namespaceWriter(t *testing.T, name string) client.Client {
	t.Helper()
	must(t, env.admin.Create(t.Context(), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{""}, Resources: []string{"namespaces", "namespaces/status", "namespaces/finalize"}, Verbs: []string{"*"}}}}))
	must(t, env.admin.Create(t.Context(), &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}}}))
	writer := as(t, name)
	eventually(t, name+" may write namespaces", func(ctx context.Context) error {
		return writer.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, client.DryRunAll)
	})
	return writer
}

func sameMarks(a, b *corev1.Namespace) bool {
	marks := func(n *corev1.Namespace) string {
		return fmt.Sprint(n.Labels[v1alpha1.LabelClearance], n.Labels[v1alpha1.LabelSystem], n.Labels[v1alpha1.LabelExempt],
			n.Annotations[v1alpha1.AnnotationReason], n.Annotations[v1alpha1.AnnotationImagesMatch], n.Labels[v1alpha1.Prefix+"new"])
	}
	return marks(a) == marks(b)
}

// A second claim on a namespace is refused in every kind of write, an administrator's and that of a head without an office in the
// other system alike.
func TestSecondClaimInEveryWrite(t *testing.T) {
	approved, other := newSystem(t), newSystem(t)
	approved.introduce(t)
	for name, write := range writes() {
		if name == "strategic merge patch" {
			continue // the API server has none for kinds that were added to it
		}
		t.Run(name, func(t *testing.T) {
			for _, c := range []client.Client{as(t, approved.sectionHead), as(t, other.departmentHead), env.admin} {
				before := get(t, &v1alpha1.ElectronicSystem{}, "", approved.name)
				after := before.DeepCopy()
				after.Spec.Namespaces = append(after.Spec.Namespaces, other.name)
				refused(t, write(t.Context(), c, before, after, ""), "第4条", "試験課長")
			}
		})
	}
	must(t, other.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
}
