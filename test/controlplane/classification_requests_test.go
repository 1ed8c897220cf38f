package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// This file is about which requests are asked for a class, of whom, and what stands in for an answer: no system's class, no
// standard, no operator.

// An asset of a system without a class waits for the section's head to class the system; the refusal holds the command.
func TestUnclassifiedSystemHoldsNoAssets(t *testing.T) {
	s := newSystem(t, func(entry *v1alpha1.ElectronicSystem, _ *corev1.Namespace) { entry.Spec.Classification = nil })
	s.hasCondition(t, v1alpha1.ConditionClassified, metav1.ConditionFalse, v1alpha1.ReasonUnclassified)
	user := as(t, "namespace-admin")
	err := user.Create(t.Context(), s.deployment(web, 1))
	refused(t, err, "分類されていません", article262, "試験課長", "kubectl patch electronicsystem "+s.name)

	proposed := regexp.MustCompile(`--type=merge -p '([^']*)'`).FindStringSubmatch(err.Error())
	if proposed == nil {
		t.Fatalf("no patch in: %v", err)
	}
	var patch v1alpha1.ElectronicSystem
	must(t, json.Unmarshal([]byte(proposed[1]), &patch))
	for _, level := range []*v1alpha1.Level{
		&patch.Spec.Classification.Confidentiality, &patch.Spec.Classification.Integrity, &patch.Spec.Classification.Availability,
	} {
		if *level != "LEVEL" {
			t.Errorf("the refusal chooses the level %s for a person", *level)
		}
	}
	filled := strings.Replace(proposed[1], "LEVEL", "2", 3)
	filled = strings.Replace(filled, `"confidentiality":"2"`, `"confidentiality":"3B"`, 1)
	must(t, as(t, s.sectionHead).Patch(t.Context(), &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: s.name}},
		client.RawPatch(types.MergePatchType, []byte(filled))))
	must(t, user.Create(t.Context(), s.deployment(web, 1))) // at once: nobody waits for a cache
	s.hasCondition(t, v1alpha1.ConditionClassified, metav1.ConditionTrue, v1alpha1.ReasonClassified)
}

// A Regulation that names a standard which does not exist lets no asset in; one that names none asks for nothing.
func TestStandardThatDoesNotExist(t *testing.T) {
	s := newSystem(t)
	user := as(t, "namespace-admin")
	t.Cleanup(func() {
		eventuallyAfter(t, "the standard counts again", func(ctx context.Context) error {
			unlabelled := s.deployment(web, 1)
			unlabelled.Labels = nil
			if err := user.Create(ctx, unlabelled, client.DryRunAll); err == nil || !strings.Contains(err.Error(), article262) {
				return fmt.Errorf("answered %q", fmt.Sprint(err))
			}
			return nil
		})
	})
	name := func(ref *v1alpha1.NameReference) {
		setRegulation(t, func(r *v1alpha1.Regulation) { r.Spec.SecurityStandardRef = ref })
	}
	name(&v1alpha1.NameReference{Name: s.name})
	eventually(t, "a classed Deployment is refused", func(ctx context.Context) error {
		err := user.Create(ctx, s.deployment(web, 1), client.DryRunAll)
		if err == nil || !strings.Contains(err.Error(), "第27条") || !strings.Contains(err.Error(), "情報統括責任者（管理部長）") {
			return fmt.Errorf("answered %q", fmt.Sprint(err))
		}
		return nil
	})
	t.Run("registered later", func(t *testing.T) {
		one := []v1alpha1.LevelDefinition{{Name: "only"}}
		standard := &v1alpha1.SecurityStandard{ObjectMeta: metav1.ObjectMeta{Name: s.name},
			Spec: v1alpha1.SecurityStandardSpec{DisplayName: "試験基準", Confidentiality: one, Integrity: one, Availability: one}}
		must(t, env.admin.Create(t.Context(), standard))
		t.Cleanup(func() { _ = env.admin.Delete(context.Background(), standard) })
		// The system's class is of the other standard.
		refused(t, user.Create(t.Context(), s.deployment(web, 1)), "試験課長", "第27条", s.name)
	})
	name(nil)
	eventually(t, "nothing is asked for", func(ctx context.Context) error {
		deployment := s.deployment(web, 1)
		deployment.Labels = nil
		return user.Create(ctx, deployment, client.DryRunAll)
	})
}

// In mode Warn an asset without a class is let in with a warning, in mode Audit without one.
func TestClassificationByMode(t *testing.T) {
	overrideModes(t)
	for mode, wantWarning := range map[v1alpha1.EnforcementMode]bool{v1alpha1.ModeWarn: true, v1alpha1.ModeAudit: false} {
		t.Run(string(mode), func(t *testing.T) {
			s := newSystem(t, inMode(mode))
			s.hasMode(t, mode)
			user, warnings := listening(t, "namespace-admin")
			claim := s.claim("data", "3A/2/")
			must(t, user.Create(t.Context(), claim))
			got := warnings.take()
			for _, word := range []string{v1alpha1.LabelAvailability, "機密性は 3A でなく 3B 以下", article262, "次に: "} {
				if strings.Contains(got, word) != wantWarning {
					t.Errorf("warning about %q: wanted %t in %q", word, wantWarning, got)
				}
			}
			must(t, relabel(t, user, claim, "team", "tax")) // not a matter of class
			if got := warnings.take(); got != "" {
				t.Errorf("warned about another label: %s", got)
			}
		})
	}
}

// Labels do not come in by the back door of a status.
func TestClassIsAskedAtStatusSubresources(t *testing.T) {
	s := newSystem(t)
	user := env.admin // RBAC lets nobody else write a status
	objects := s.workloads("web", "3B/2/2")
	objects["persistentvolumeclaim"] = s.claim("web", "3B/2/2")
	carries := map[string]bool{"pod": true, "persistentvolumeclaim": true, "statefulset": true}
	for kind, object := range objects {
		must(t, user.Create(t.Context(), object))
		for what, level := range map[string]any{"removed": nil, "raised": "3A", "unknown": "4"} {
			t.Run(kind+" "+what, func(t *testing.T) {
				err := user.Status().Patch(t.Context(), object.DeepCopyObject().(client.Object),
					labelPatch(t, v1alpha1.LabelConfidentiality, level))
				if carries[kind] || err != nil {
					refused(t, err, article262)
				}
				must(t, user.Get(t.Context(), client.ObjectKeyFromObject(object), object))
				if got := object.GetLabels()[v1alpha1.LabelConfidentiality]; got != "3B" {
					t.Errorf("the class is %q now", got)
				}
			})
		}
	}
}

// What a controller made is not asked for a class of its own when a person relabels it; and nobody gets out of being asked by
// writing an owner into an object.
func TestObjectsOfControllersAreNotAsked(t *testing.T) {
	s := newSystem(t)
	user := as(t, "namespace-admin")
	must(t, user.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 1, 0)
	pods, err := s.pods(t.Context())
	must(t, err)
	for what, level := range map[string]any{"removed": nil, "unknown": "4", "above the system": "3A"} {
		t.Run("a label "+what, func(t *testing.T) {
			must(t, user.Patch(t.Context(), pods[0].DeepCopy(), labelPatch(t, v1alpha1.LabelConfidentiality, level)))
		})
	}
	t.Run("forged", func(t *testing.T) {
		owner := metav1.GetControllerOf(&pods[0])
		forged := s.pod("forged", web)
		forged.Labels, forged.OwnerReferences = nil, []metav1.OwnerReference{*owner}
		refused(t, user.Create(t.Context(), forged), "Pod forged", article262)

		must(t, user.Create(t.Context(), s.pod("bare", web)))
		bare := get(t, &corev1.Pod{}, s.name, "bare")
		delete(bare.Labels, v1alpha1.LabelConfidentiality)
		bare.OwnerReferences = []metav1.OwnerReference{*owner}
		bare.ResourceVersion = "" // so that it is not a conflict first
		refused(t, user.Update(t.Context(), bare), "Pod bare", article262)

		// In two steps: the owner first, which changes no label. The ReplicaSet lets go of a Pod that it does not select.
		bare = get(t, &corev1.Pod{}, s.name, "bare")
		bare.OwnerReferences = []metav1.OwnerReference{*owner}
		must(t, user.Update(t.Context(), bare))
		eventually(t, "the ReplicaSet lets go", func(ctx context.Context) error {
			if err := user.Get(ctx, client.ObjectKeyFromObject(bare), bare); err != nil {
				return err
			}
			if len(bare.OwnerReferences) > 0 {
				return fmt.Errorf("owned by %v", bare.OwnerReferences)
			}
			return nil
		})
		refused(t, relabel(t, user, bare, v1alpha1.LabelConfidentiality, "4"), "Pod bare", article262)
	})
}

// With the operator dead, what is approved scales, restarts and changes its image within the approval; controllers make the
// claims of a StatefulSet; what is being deleted can go. What is new waits.
func TestOperatorDownDoesNotAskForAClass(t *testing.T) {
	s := newSystem(t)
	s.introduce(t, covered)
	user := as(t, "namespace-admin")
	must(t, user.Create(t.Context(), s.deployment(web, 1)))
	set := s.workloads("db", "3B/2/2")["statefulset"].(*appsv1.StatefulSet)
	set.Spec.Replicas = new(int32)
	set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{
		ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: class("3B/2/2")}, Spec: claimSpec(s.name)}}
	must(t, user.Create(t.Context(), set))
	s.provision(t, 4) // the dying claim takes one
	dying := s.workloads("dying", "3B/2/2")
	dying["persistentvolumeclaim"] = s.claim("dying", "3B/2/2")
	for _, object := range dying {
		object.SetFinalizers([]string{"example.com/slow"})
		must(t, user.Create(t.Context(), object))
		must(t, user.Delete(t.Context(), object))
	}

	stopOperator(t)
	s.scale(t, 3)
	if output, code := kubectl(t, configOf(t, "namespace-admin"), "rollout", "restart", "-n", s.name, "deployment/web"); code != 0 {
		t.Errorf("restart: %s", output)
	}
	const next = "registry.example/tax/web:1.4.3"
	must(t, s.setImage(t, user, next))
	refused(t, s.setImage(t, user, evil), evil, "第12条")
	must(t, user.Patch(t.Context(), set.DeepCopy(), client.RawPatch(types.MergePatchType, []byte(`{"spec":{"replicas":3}}`))))
	eventually(t, "the new image runs three times, and the StatefulSet on claims of its class", func(ctx context.Context) error {
		return s.runs(ctx, map[string]int{"web " + next: 3, "db " + web: 3})
	})
	var claims corev1.PersistentVolumeClaimList
	must(t, env.admin.List(t.Context(), &claims, client.InNamespace(s.name), client.MatchingLabels(class("3B/2/2"))))
	made := 0
	for i := range claims.Items {
		if strings.HasPrefix(claims.Items[i].Name, "data-db-") {
			made++
		}
	}
	if made != 3 {
		t.Errorf("%d claims of the StatefulSet bear their class, wanted 3", made)
	}
	for kind, object := range dying {
		patch := []byte(`{"metadata":{"finalizers":null,"labels":{"governance.kitei.dev/confidentiality":null}}}`)
		if err := user.Patch(t.Context(), object, client.RawPatch(types.MergePatchType, patch)); err != nil {
			t.Errorf("a %s cannot go: %v", kind, err)
		}
	}
	if err := user.Create(t.Context(), s.workloads("new", "3B/2/2")["deployment"]); !apierrors.IsInternalError(err) {
		t.Errorf("a new Deployment is not refused for want of an answer: %v", err)
	}
}

// runs checks which Pods of the workloads web and db run, by image.
func (s *system) runs(ctx context.Context, wanted map[string]int) error {
	pods, err := s.pods(ctx)
	if err != nil {
		return err
	}
	got := map[string]int{}
	for i := range pods {
		app := pods[i].Labels["app"]
		if (app == "web" || app == "db") && pods[i].DeletionTimestamp.IsZero() && pods[i].Status.Phase == corev1.PodRunning {
			got[app+" "+pods[i].Spec.Containers[0].Image]++
		}
	}
	if !maps.Equal(got, wanted) {
		return fmt.Errorf("running by image: %v, wanted %v", got, wanted)
	}
	return nil
}

// provision makes volumes for the system's claims to bind to.
func (s *system) provision(t *testing.T, count int) {
	t.Helper()
	for i := range count {
		must(t, env.admin.Create(t.Context(), &corev1.PersistentVolume{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-%d", s.name, i)},
			Spec: corev1.PersistentVolumeSpec{
				StorageClassName: s.name, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
				Capacity:               corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
				PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/data"}},
			},
		}))
	}
}
