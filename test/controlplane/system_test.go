package controlplane

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

type unstructuredObject = unstructured.Unstructured

// web is the image that the tests' approvals cover; evil is one that none covers.
const (
	web     = "registry.example/tax/web:1.4.2"
	covered = v1alpha1.ImagePattern("registry.example/tax/web:1.4.*")
	evil    = "registry.example/tax/web-evil:1.4.2"
)

var serial atomic.Int64

// system is an electronic information system of a test's own, with a section, a department, their heads, and a namespace.
type system struct {
	// name of the system, its section, its department and its namespace alike.
	name string
	// departmentHead and sectionHead are the users who hold those offices.
	departmentHead, sectionHead string
}

// newSystem registers a system that has a namespace and no approval. mutate may change the entry and the namespace before
// they are made.
func newSystem(t *testing.T, mutate ...func(*v1alpha1.ElectronicSystem, *corev1.Namespace)) *system {
	t.Helper()
	name := fmt.Sprintf("sys-%d", serial.Add(1))
	s := &system{name: name, departmentHead: name + "-department-head", sectionHead: name + "-section-head"}
	dissolveAfter(t, name, name)
	must(t, env.admin.Create(t.Context(), &v1alpha1.Department{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.DepartmentSpec{DisplayName: "試験部", Head: holder("試験部長", s.departmentHead)},
	}))
	must(t, env.admin.Create(t.Context(), &v1alpha1.ManagingSection{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ManagingSectionSpec{DisplayName: "試験課", Head: holder("試験課長", s.sectionHead),
			DepartmentRef: &v1alpha1.NameReference{Name: name}},
	}))
	entry := &v1alpha1.ElectronicSystem{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ElectronicSystemSpec{
			DisplayName: "試験システム", Duty: "試験事務",
			ManagingSectionRef: &v1alpha1.NameReference{Name: name},
			Namespaces:         []string{name},
			Classification:     &v1alpha1.Classification{Confidentiality: "3B", Integrity: "2", Availability: "2"},
		},
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, change := range mutate {
		change(entry, namespace)
	}
	must(t, as(t, s.sectionHead).Create(t.Context(), entry))
	must(t, env.admin.Create(t.Context(), namespace))
	eventually(t, "the namespace gets a service account and a clearance", func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Namespace: name, Name: "default"}, &corev1.ServiceAccount{}); err != nil {
			return err
		}
		if err := env.admin.Get(ctx, client.ObjectKeyFromObject(namespace), namespace); err != nil {
			return err
		}
		// The operator may see the namespace before it sees the system that claims it.
		if got := namespace.Labels[v1alpha1.LabelSystem]; got != name && slices.Contains(entry.Spec.Namespaces, name) {
			return fmt.Errorf("the namespace belongs to %q", got)
		}
		return s.hasClearance(ctx, "")
	})
	return s
}

// dissolveAfter takes a system and the units of a test out of the register when the test ends: each decision of later tests would
// read them. The records stay, as they do in a ward.
func dissolveAfter(t *testing.T, system string, units ...string) {
	t.Helper()
	t.Cleanup(func() { dissolve(t, system, units...) })
}

func dissolve(t *testing.T, system string, units ...string) {
	t.Helper()
	objects := []client.Object{&v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: system}}}
	for _, unit := range units {
		meta := metav1.ObjectMeta{Name: unit}
		objects = append(objects, &v1alpha1.ManagingSection{ObjectMeta: meta}, &v1alpha1.Department{ObjectMeta: meta})
	}
	for _, object := range objects {
		if err := client.IgnoreNotFound(env.admin.Delete(context.Background(), object)); err != nil {
			t.Errorf("take %T %s out of the register: %v", object, object.GetName(), err)
		}
	}
}

func holder(title, user string) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Title: title, Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: user}}}
}

// hasClearance checks the namespace's clearance; any will do for an empty one.
func (s *system) hasClearance(ctx context.Context, wanted v1alpha1.Clearance) error {
	var namespace corev1.Namespace
	if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
		return err
	}
	got := v1alpha1.Clearance(namespace.Labels[v1alpha1.LabelClearance])
	if got == "" || (wanted != "" && got != wanted) {
		return fmt.Errorf("clearance is %q (%s), wanted %q", got, namespace.Annotations[v1alpha1.AnnotationReason], wanted)
	}
	return nil
}

// becomes waits for a clearance and its reason.
func (s *system) becomes(t *testing.T, clearance v1alpha1.Clearance, reason v1alpha1.ClearanceReason) {
	t.Helper()
	eventually(t, fmt.Sprintf("namespace %s becomes %s", s.name, clearance), func(ctx context.Context) error {
		if err := s.hasClearance(ctx, clearance); err != nil {
			return err
		}
		var namespace corev1.Namespace
		if err := env.admin.Get(ctx, client.ObjectKey{Name: s.name}, &namespace); err != nil {
			return err
		}
		if got := v1alpha1.ClearanceReason(namespace.Annotations[v1alpha1.AnnotationReason]); got != reason {
			return fmt.Errorf("reason is %s, wanted %s", got, reason)
		}
		return nil
	})
}

// application for the system, submitted; mutate may change it before it is made.
func (s *system) application(name string, kind v1alpha1.ChangeType, images ...v1alpha1.ImagePattern) *v1alpha1.ChangeApproval {
	return &v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: s.name + "-" + name},
		Spec: v1alpha1.ChangeApprovalSpec{
			SystemRef: v1alpha1.NameReference{Name: s.name}, Type: kind, Title: "試験システムの導入", Stage: v1alpha1.StageSubmitted,
			Criteria: &v1alpha1.Criteria{ResidentWelfare: "窓口の待ち時間が減る", AdministrativeEfficiency: "転記がなくなる",
				PersonalInformationProtection: "条例に適合する"},
			FiscalYear: 2100, // in time, whenever the tests run
			Scope:      v1alpha1.ApprovalScope{Images: images},
		},
	}
}

// submit makes an application as the head of the department.
func (s *system) submit(t *testing.T, application *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval {
	t.Helper()
	must(t, as(t, s.departmentHead).Create(t.Context(), application))
	return application
}

// decide flips the decision as plain kubectl does, by a merge patch of the status.
func decide(c client.Client, name string, decision v1alpha1.Decision) error {
	object := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}}
	patch := fmt.Sprintf(`{"status":{"decision":%q}}`, decision)
	return c.Status().Patch(context.Background(), object, client.RawPatch("application/merge-patch+json", []byte(patch)))
}

// introduce approves the introduction of the system for images, any without one, and waits until its namespace is cleared.
func (s *system) introduce(t *testing.T, images ...v1alpha1.ImagePattern) *v1alpha1.ChangeApproval {
	t.Helper()
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, images...))
	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	clearance := v1alpha1.ClearanceCleared
	if len(images) > 0 {
		clearance = v1alpha1.ClearanceImages
	}
	s.becomes(t, clearance, v1alpha1.ReasonApproved)
	return application
}

// classLabels class an asset as the tests' systems are classed.
func classLabels() map[string]string {
	return map[string]string{v1alpha1.LabelConfidentiality: "3B", v1alpha1.LabelIntegrity: "2", v1alpha1.LabelAvailability: "2"}
}

// pod of the system that would run an image.
func (s *system) pod(name, image string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: name, Labels: classLabels()},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}},
	}
}

// deployment of the system.
func (s *system) deployment(image string, replicas int32) *appsv1.Deployment {
	labels := classLabels()
	labels["app"] = "web"
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: "web", Labels: classLabels()},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: s.pod("", image).Spec},
		},
	}
}

// pods of the system's namespace.
func (s *system) pods(ctx context.Context) ([]corev1.Pod, error) {
	var pods corev1.PodList
	if err := env.admin.List(ctx, &pods, client.InNamespace(s.name)); err != nil {
		return nil, err
	}
	return pods.Items, nil
}

// havePods waits until the namespace has so many Pods held and so many running, and no others.
func (s *system) havePods(t *testing.T, held, running int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d Pods held and %d running in %s", held, running, s.name), func(ctx context.Context) error {
		pods, err := s.pods(ctx)
		if err != nil {
			return err
		}
		gotHeld, gotRunning := 0, 0
		var states []string
		for i := range pods {
			if gated(&pods[i]) {
				gotHeld++
			} else if pods[i].Status.Phase == corev1.PodRunning && pods[i].DeletionTimestamp.IsZero() {
				gotRunning++
			}
			states = append(states, pods[i].Name+":"+string(pods[i].Status.Phase))
		}
		if gotHeld != held || gotRunning != running || len(pods) != held+running {
			return fmt.Errorf("%d held and %d running of %s", gotHeld, gotRunning, strings.Join(states, " "))
		}
		return nil
	})
}
