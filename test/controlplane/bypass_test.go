package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// This file goes through the ways round the gate, each as an ordinary user who administers the namespace, and as a cluster
// administrator where that is the point.

// Whatever makes a Pod, the Pod is held: the policies match Pods and not their makers.
func TestEveryMakerOfPodsIsHeld(t *testing.T) {
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: web}}},
	}
	once := *template.DeepCopy()
	once.Spec.RestartPolicy = corev1.RestartPolicyNever
	selector := &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}
	one := int32(1)
	meta := metav1.ObjectMeta{Name: "web", Labels: classLabels()}
	makers := map[string]client.Object{
		"pod":                   &corev1.Pod{ObjectMeta: meta, Spec: template.Spec},
		"pod with generateName": &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "web-", Labels: classLabels()}, Spec: template.Spec},
		"deployment":            &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{Replicas: &one, Selector: selector, Template: template}},
		"replicaset":            &appsv1.ReplicaSet{ObjectMeta: meta, Spec: appsv1.ReplicaSetSpec{Replicas: &one, Selector: selector, Template: template}},
		"statefulset":           &appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Replicas: &one, Selector: selector, Template: template}},
		"replicationcontroller": &corev1.ReplicationController{ObjectMeta: meta, Spec: corev1.ReplicationControllerSpec{Replicas: &one,
			Selector: map[string]string{"app": "web"}, Template: &template}},
		"job": &batchv1.Job{ObjectMeta: meta, Spec: batchv1.JobSpec{Template: once}},
	}
	for name, object := range makers {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t)
			object.SetNamespace(s.name)
			must(t, as(t, "namespace-admin").Create(t.Context(), object))
			s.havePods(t, 1, 0)
		})
	}
	t.Run("daemonset", func(t *testing.T) {
		s := newSystem(t)
		must(t, as(t, "namespace-admin").Create(t.Context(), &appsv1.DaemonSet{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web", Labels: classLabels()},
			Spec:       appsv1.DaemonSetSpec{Selector: selector, Template: template},
		}))
		s.havePods(t, 3, 0) // one a node
	})
	t.Run("cronjob", func(t *testing.T) {
		s := newSystem(t)
		cron := &batchv1.CronJob{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web", Labels: classLabels()},
			Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *",
				JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: once}}},
		}
		must(t, as(t, "namespace-admin").Create(t.Context(), cron))
		output, code := kubectl(t, configOf(t, "namespace-admin"), "create", "job", "-n", s.name, "--from=cronjob/web", "now")
		if code == 0 {
			t.Errorf("a Job without a class was let in: %s", output) // kubectl does not copy the CronJob's labels
		}
		job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "now", Labels: classLabels(),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cron, batchv1.SchemeGroupVersion.WithKind("CronJob"))}},
			Spec: cron.Spec.JobTemplate.Spec}
		must(t, as(t, "namespace-admin").Create(t.Context(), job))
		s.havePods(t, 1, 0)
	})
}

func TestPodThatNamesItsNodeIsRefused(t *testing.T) {
	s := newSystem(t)
	pod := s.pod("web", web)
	pod.Spec.NodeName = "node-0"
	refused(t, as(t, "namespace-admin").Create(t.Context(), pod), "spec.nodeName", "第12条", "article 12")
}

func TestHeldPodCannotBeBound(t *testing.T) {
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.pod("web", web)))
	c, err := kubernetes.NewForConfig(env.cluster.Config())
	must(t, err)
	err = c.CoreV1().Pods(s.name).Bind(t.Context(), &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web"}, Target: corev1.ObjectReference{Kind: "Node", Name: "node-0"},
	}, metav1.CreateOptions{})
	refused(t, err, "schedulingGates")
}

// Our gate goes by no kind of write, an administrator's either; a foreign gate comes and goes as its owner likes.
func TestGateCannotBeRemoved(t *testing.T) {
	s := newSystem(t)
	pod := s.pod("web", web)
	pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/foreign"}}
	must(t, env.admin.Create(t.Context(), pod))
	key := client.ObjectKeyFromObject(pod)
	for name, remove := range map[string]func(c client.Client) error{
		"update": func(c client.Client) error {
			current := get(t, &corev1.Pod{}, s.name, "web")
			current.Spec.SchedulingGates = nil
			return c.Update(t.Context(), current)
		},
		"json patch": func(c client.Client) error {
			return c.Patch(t.Context(), podAt(key), client.RawPatch(types.JSONPatchType,
				[]byte(`[{"op":"remove","path":"/spec/schedulingGates"}]`)))
		},
		"merge patch": func(c client.Client) error {
			return c.Patch(t.Context(), podAt(key), client.RawPatch(types.MergePatchType, []byte(`{"spec":{"schedulingGates":null}}`)))
		},
		"strategic merge patch": func(c client.Client) error {
			return c.Patch(t.Context(), podAt(key), client.RawPatch(types.StrategicMergePatchType,
				[]byte(`{"spec":{"schedulingGates":[{"$patch":"delete","name":"governance.kitei.dev/approval"}]}}`)))
		},
		"server-side apply": func(c client.Client) error {
			object := map[string]any{"apiVersion": "v1", "kind": "Pod",
				"metadata": map[string]any{"name": "web", "namespace": s.name},
				"spec":     map[string]any{"schedulingGates": []any{}, "containers": []any{map[string]any{"name": "web", "image": web}}}}
			raw, err := json.Marshal(object)
			must(t, err)
			first := c.Patch(t.Context(), podAt(key), client.RawPatch(types.ApplyPatchType, []byte(fmt.Sprintf(
				`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":%q},"spec":{"schedulingGates":[{"name":"governance.kitei.dev/approval"}],"containers":[{"name":"web","image":%q}]}}`, s.name, web))),
				client.FieldOwner("attacker"), client.ForceOwnership)
			must(t, first)
			// What the attacker owns and no longer applies would go; but another owner, the creator, keeps it.
			if err := c.Patch(t.Context(), podAt(key), client.RawPatch(types.ApplyPatchType, raw), client.FieldOwner("attacker"),
				client.ForceOwnership); err != nil {
				return err
			}
			if gated(get(t, &corev1.Pod{}, s.name, "web")) {
				return apierrors.NewForbidden(corev1.Resource("pods"), "web", fmt.Errorf("第12条: kept by its other owner"))
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []client.Client{as(t, "namespace-admin"), env.admin} {
				refused(t, remove(c), "第12条")
			}
		})
	}
	must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current := get(t, &corev1.Pod{}, s.name, "web")
		current.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: v1alpha1.SchedulingGate}}
		return as(t, "namespace-admin").Update(t.Context(), current)
	}))
}

// Only ours is lifted on approval; a Pod that a foreign gate holds too waits for its owner.
func TestForeignGatesAreKept(t *testing.T) {
	s := newSystem(t)
	pod := s.pod("web", web)
	pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/first"}, {Name: "example.com/second"}}
	must(t, env.admin.Create(t.Context(), pod))
	if !gated(get(t, &corev1.Pod{}, s.name, "web")) {
		t.Fatal("the Pod is not held")
	}
	s.introduce(t, covered)
	eventually(t, "our gate is lifted and the foreign ones are kept", func(ctx context.Context) error {
		var current corev1.Pod
		if err := env.admin.Get(ctx, client.ObjectKeyFromObject(pod), &current); err != nil {
			return err
		}
		gates := current.Spec.SchedulingGates
		if len(gates) != 2 || gates[0].Name != "example.com/first" || gates[1].Name != "example.com/second" {
			return fmt.Errorf("gates are %v", gates)
		}
		return nil
	})
}

// In a system approved for some images no other image gets in, by whichever door: a new Pod of any kind of container or
// volume, a live Pod, a workload.
func TestUncoveredImageIsRefused(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	user := as(t, "namespace-admin")
	must(t, user.Create(t.Context(), s.pod("running", web)))
	must(t, user.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 0, 2)

	for name, change := range map[string]func(*corev1.PodSpec){
		"container":      func(p *corev1.PodSpec) { p.Containers[0].Image = evil },
		"init container": func(p *corev1.PodSpec) { p.InitContainers = []corev1.Container{{Name: "init", Image: evil}} },
		"sidecar": func(p *corev1.PodSpec) {
			always := corev1.ContainerRestartPolicyAlways
			p.InitContainers = []corev1.Container{{Name: "init", Image: evil, RestartPolicy: &always}}
		},
		"image volume": func(p *corev1.PodSpec) {
			p.Volumes = []corev1.Volume{imageVolume(evil)}
		},
		"short name":    func(p *corev1.PodSpec) { p.Containers[0].Image = "web:1.4.2" },
		"digest beside": func(p *corev1.PodSpec) { p.Containers[0].Image = web + "@sha256:" + fmt.Sprintf("%064d", 0) },
	} {
		t.Run(name, func(t *testing.T) {
			pod := s.pod("new", web)
			change(&pod.Spec)
			refused(t, user.Create(t.Context(), pod), "第12条", s.name+"-introduction")
			refused(t, user.Create(t.Context(), pod, client.DryRunAll), "第12条")

			deployment := get(t, &appsv1.Deployment{}, s.name, "web")
			before := deployment.DeepCopy()
			change(&deployment.Spec.Template.Spec)
			refused(t, user.Patch(t.Context(), deployment, client.MergeFrom(before)), "第12条", s.name+"-introduction")
		})
	}
	t.Run("live pod", func(t *testing.T) {
		pod := get(t, &corev1.Pod{}, s.name, "running")
		pod.Spec.Containers[0].Image = evil
		pod.ResourceVersion = "" // so that it is not a conflict first
		refused(t, user.Update(t.Context(), pod), evil, "第12条")
		must(t, user.Patch(t.Context(), podAt(client.ObjectKey{Namespace: s.name, Name: "running"}), client.RawPatch(types.MergePatchType,
			[]byte(`{"metadata":{"annotations":{"touched":"yes"}}}`)))) // everything else about it passes
	})
	t.Run("ephemeral container", func(t *testing.T) {
		pod := get(t, &corev1.Pod{}, s.name, "running")
		pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: "debug", Image: evil, TerminationMessagePolicy: corev1.TerminationMessageReadFile}}}
		refused(t, env.admin.SubResource("ephemeralcontainers").Update(t.Context(), pod), evil, "第12条")
		pod.Spec.EphemeralContainers[0].Image = web
		must(t, env.admin.SubResource("ephemeralcontainers").Update(t.Context(), pod))
	})
	s.havePods(t, 0, 2)
}

// A change of the running system's image needs an approved Modification; until then the old Pods run on.
func TestModificationLetsANewImageThrough(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	s.havePods(t, 0, 2)
	before, err := s.pods(t.Context())
	must(t, err)
	const next = "registry.example/tax/web:2.0.0"
	set := func() error {
		deployment := get(t, &appsv1.Deployment{}, s.name, "web")
		before := deployment.DeepCopy()
		deployment.Spec.Template.Spec.Containers[0].Image = next
		return as(t, "namespace-admin").Patch(t.Context(), deployment, client.MergeFrom(before))
	}
	refused(t, set(), next, "第12条")
	after, err := s.pods(t.Context())
	must(t, err)
	for i := range before {
		if len(after) != len(before) || after[i].UID != before[i].UID {
			t.Fatal("the refused change touched the running Pods")
		}
	}
	modification := s.submit(t, s.application("modification", v1alpha1.ChangeModification, "registry.example/tax/web:2.*"))
	refused(t, set(), next, "第12条") // submitted is not approved
	must(t, decide(cio(t), modification.Name, v1alpha1.DecisionApproved))
	eventually(t, "the new image is let through", func(context.Context) error { return set() })
	eventually(t, "the new image runs", func(ctx context.Context) error {
		pods, err := s.pods(ctx)
		if err != nil {
			return err
		}
		for i := range pods {
			if pods[i].Spec.Containers[0].Image != next || pods[i].Status.Phase != corev1.PodRunning {
				return fmt.Errorf("pod %s runs %s", pods[i].Name, pods[i].Spec.Containers[0].Image)
			}
		}
		return nil
	})
}

// A running workload whose approval was revoked is not rolled over into Pods that would be held: its change is refused, and
// its Pods run on.
func TestRunningWorkloadIsNotDegradedWithoutAnApproval(t *testing.T) {
	s := newSystem(t)
	approval := s.introduce(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	s.havePods(t, 0, 2)
	must(t, decide(cio(t), approval.Name, v1alpha1.DecisionRevoked))
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	eventually(t, "a rollout is refused", func(context.Context) error {
		output, code := kubectl(t, configOf(t, "namespace-admin"), "rollout", "restart", "-n", s.name, "deployment/web")
		if code == 0 {
			return fmt.Errorf("it was let through: %s", output)
		}
		return nil
	})
	s.havePods(t, 0, 2)
}

// A namespace's marks are the operator's alone, whichever of the four ways its metadata is written.
func TestClearanceCannotBeForged(t *testing.T) {
	s := newSystem(t)
	forge := func(object *corev1.Namespace) {
		object.Labels[v1alpha1.LabelClearance] = "cleared"
	}
	annotate := func(object *corev1.Namespace) {
		if object.Annotations == nil {
			object.Annotations = map[string]string{}
		}
		object.Annotations[v1alpha1.AnnotationImagesMatch] = ".*"
	}
	remove := func(object *corev1.Namespace) { delete(object.Labels, v1alpha1.LabelClearance) }
	c, err := kubernetes.NewForConfig(env.cluster.Config())
	must(t, err)
	for way, write := range map[string]func(*corev1.Namespace) error{
		"update": func(n *corev1.Namespace) error { return env.admin.Update(t.Context(), n) },
		"status": func(n *corev1.Namespace) error { return env.admin.Status().Update(t.Context(), n) },
		"finalize": func(n *corev1.Namespace) error {
			_, err := c.CoreV1().Namespaces().Finalize(t.Context(), n, metav1.UpdateOptions{})
			return err
		},
	} {
		for what, change := range map[string]func(*corev1.Namespace){"label": forge, "annotation": annotate, "removal": remove} {
			t.Run(way+" "+what, func(t *testing.T) {
				current := get(t, &corev1.Namespace{}, "", s.name)
				change(current)
				refused(t, write(current), "governance.kitei.dev/", "第12条", "article 12")
			})
		}
	}
	t.Run("create", func(t *testing.T) {
		forged := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name + "-forged",
			Labels: map[string]string{v1alpha1.LabelClearance: "cleared"}}}
		refused(t, env.admin.Create(t.Context(), forged), "governance.kitei.dev/")
	})
	t.Run("other labels pass", func(t *testing.T) {
		edit(t, &corev1.Namespace{}, s.name, func(n *corev1.Namespace) { n.Labels["team"] = "tax" })
	})
	must(t, s.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
}

// The exempt label needs the verb "exempt"; whoever may write the namespace but lacks it is refused.
func TestExemptLabelNeedsItsVerb(t *testing.T) {
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: s.name},
		Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: []string{"*"}}}}))
	must(t, env.admin.Create(t.Context(), &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: s.name},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: s.name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: s.name + "-writer"}}}))
	writer := as(t, s.name+"-writer")
	label := []byte(`{"metadata":{"labels":{"governance.kitei.dev/exempt":"true"}}}`)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.name}}
	eventually(t, "the writer may write namespaces", func(ctx context.Context) error {
		return writer.Patch(ctx, namespace.DeepCopy(), client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}}}`)))
	})
	refused(t, writer.Patch(t.Context(), namespace.DeepCopy(), client.RawPatch(types.MergePatchType, label)), "exempt", "第2条の2")

	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 1, 0)
	must(t, env.admin.Patch(t.Context(), namespace.DeepCopy(), client.RawPatch(types.MergePatchType, label))) // may: has every verb
	s.havePods(t, 0, 1)
}

// A namespace belongs to one system. Moving it takes an office of the one that has it and one of the one that gets it.
func TestNamespaceIsClaimedOnce(t *testing.T) {
	first := newSystem(t)
	second := newSystem(t)
	first.introduce(t)
	claim := func(c client.Client, s *system, namespaces ...string) error {
		entry := get(t, &v1alpha1.ElectronicSystem{}, "", s.name)
		entry.Spec.Namespaces = namespaces
		return c.Update(t.Context(), entry)
	}
	refused(t, claim(as(t, first.sectionHead), first, first.name, second.name), second.name, "第4条", "試験課長")
	refused(t, claim(env.admin, second), "第4条", "試験課長")                      // an administrator holds no office
	refused(t, claim(as(t, first.sectionHead), second), "第4条", "試験課長")       // another section's head
	must(t, claim(as(t, second.sectionHead), second))                        // gives it up
	refused(t, claim(env.admin, first, first.name, second.name), "第4条")      // still no office
	must(t, claim(as(t, first.sectionHead), first, first.name, second.name)) // takes it
	second.becomes(t, v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved)
}

// Only an office that answers for a system says how it is classed and who manages and uses it; a head who would take a system
// over, or raise its class, without that is refused, and so is an administrator.
func TestRegisterEntryIsGuarded(t *testing.T) {
	s, other := newSystem(t), newSystem(t)
	for name, change := range map[string]func(*v1alpha1.ElectronicSystemSpec){
		"managing section": func(e *v1alpha1.ElectronicSystemSpec) { e.ManagingSectionRef.Name = other.name },
		"no section":       func(e *v1alpha1.ElectronicSystemSpec) { e.ManagingSectionRef = nil },
		"using section": func(e *v1alpha1.ElectronicSystemSpec) {
			e.UsingSectionRefs = []v1alpha1.NameReference{{Name: other.name}}
		},
		"class": func(e *v1alpha1.ElectronicSystemSpec) { e.Classification.Confidentiality = "3A" },
		"data": func(e *v1alpha1.ElectronicSystemSpec) {
			e.DataCategories = []v1alpha1.DataCategory{"PersonalInformation"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []client.Client{env.admin, as(t, other.sectionHead), as(t, s.departmentHead)} {
				refused(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
					entry := get(t, &v1alpha1.ElectronicSystem{}, "", s.name)
					change(&entry.Spec)
					return c.Update(t.Context(), entry)
				}), "第4条", "試験課長")
			}
			must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
				entry := get(t, &v1alpha1.ElectronicSystem{}, "", s.name)
				change(&entry.Spec)
				return as(t, s.sectionHead).Update(t.Context(), entry, client.DryRunAll)
			}))
		})
	}
	// What only describes the system is no office's matter.
	edit(t, &v1alpha1.ElectronicSystem{}, s.name, func(e *v1alpha1.ElectronicSystem) { e.Spec.Note = "所在を確認中" })
}

// A namespace of no registered system, and one that the operator has not seen, run nothing.
func TestUnregisteredNamespaceRunsNothing(t *testing.T) {
	name := fmt.Sprintf("unregistered-%d", serial.Add(1))
	s := &system{name: name}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	s.becomes(t, v1alpha1.ClearanceDenied, v1alpha1.ReasonUnregisteredNamespace)
	eventually(t, "Pods are refused", func(ctx context.Context) error {
		err := env.admin.Create(ctx, s.pod("web", web), client.DryRunAll)
		if !apierrors.IsForbidden(err) {
			return fmt.Errorf("not forbidden: %w", err)
		}
		return nil
	})
	refused(t, env.admin.Create(t.Context(), s.pod("web", web)), "第4条", "別表第1")
	refused(t, env.admin.Create(t.Context(), s.deployment(web, 1)), "第4条", "別表第1")

	stopOperator(t)
	unseen := &system{name: name + "-unseen"}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unseen.name}}))
	eventually(t, "the service account is there", func(ctx context.Context) error {
		return env.admin.Get(ctx, client.ObjectKey{Namespace: unseen.name, Name: "default"}, &corev1.ServiceAccount{})
	})
	refused(t, env.admin.Create(t.Context(), unseen.pod("web", web)), "まだ Kitei に確認されていません")
}

func imageVolume(reference string) corev1.Volume {
	return corev1.Volume{Name: "code", VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: reference}}}
}

func podAt(key client.ObjectKey) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
}
