package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/operator"
)

// officer is who holds an office, or none, with a client to act as them.
type officer struct {
	// title of the office; empty for somebody without one.
	title string
	// username as the API server authenticates it.
	username string
	subject  v1alpha1.Subject
	client   client.Client
}

// person makes somebody whom a subject of the kind names. A group's member is another person than the group.
func person(t *testing.T, kind v1alpha1.SubjectKind, name, title string) officer {
	t.Helper()
	o := officer{title: title, subject: v1alpha1.Subject{Kind: kind, Name: name}}
	switch kind {
	case v1alpha1.SubjectUser:
		o.username, o.client = name, as(t, name)
	case v1alpha1.SubjectGroup:
		o.username, o.client = name+"-member", as(t, name+"-member", "staff", name)
	case v1alpha1.SubjectServiceAccount:
		const namespace = "default"
		must(t, env.admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}))
		o.subject.Namespace, o.username = namespace, "system:serviceaccount:"+namespace+":"+name
		o.client = asServiceAccount(t, namespace, name)
	}
	return o
}

func asServiceAccount(t *testing.T, namespace, name string) client.Client {
	t.Helper()
	config, err := env.cluster.ServiceAccountConfig(t.Context(), namespace, name)
	must(t, err)
	c, err := client.New(config, client.Options{Scheme: operator.Scheme()})
	must(t, err)
	return c
}

// The officers of a bureau. A system that digital promotion manages is not managed by the managing section.
const (
	theCIO               = "chief information officer"
	digitalHead          = "digital promotion section head"
	departmentHead       = "managing department head"
	sectionHead          = "managing section head"
	usingDepartmentHead  = "using department head"
	usingSectionHead     = "using section head"
	otherDepartmentHead  = "another department's head"
	otherSectionHead     = "another section's head"
	clusterAdministrator = "cluster administrator"
	operatorItself       = "the operator"
	anybody              = "anybody"
)

// bureau is a system without namespaces, managed by a section or by digital promotion, with everybody who may have to do with
// it. Nothing has to be waited for.
type bureau struct {
	name     string
	officers map[string]officer
}

func newBureau(t *testing.T, kind v1alpha1.SubjectKind, digital bool) *bureau {
	t.Helper()
	name := fmt.Sprintf("bureau-%d", serial.Add(1))
	b := &bureau{name: name, officers: map[string]officer{
		clusterAdministrator: {client: env.admin},
		operatorItself: {username: v1alpha1.OperatorUsername,
			client: asServiceAccount(t, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)},
		anybody: person(t, v1alpha1.SubjectUser, name+"-anybody", ""),
	}}
	dissolveAfter(t, name, name+"-managing", name+"-using", name+"-other")
	for _, unit := range []struct{ department, section, departmentTitle, sectionTitle, suffix string }{
		{departmentHead, sectionHead, "所管部長", "所管課長", "-managing"},
		{usingDepartmentHead, usingSectionHead, "利用部長", "利用課長", "-using"},
		{otherDepartmentHead, otherSectionHead, "別部長", "別課長", "-other"},
	} {
		department := person(t, kind, name+unit.suffix+"-department-head", unit.departmentTitle)
		section := person(t, kind, name+unit.suffix+"-section-head", unit.sectionTitle)
		b.officers[unit.department], b.officers[unit.section] = department, section
		must(t, env.admin.Create(t.Context(), &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name + unit.suffix},
			Spec: v1alpha1.DepartmentSpec{DisplayName: "試験部", Head: heldBy(department)}}))
		must(t, env.admin.Create(t.Context(), &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name + unit.suffix},
			Spec: v1alpha1.ManagingSectionSpec{DisplayName: "試験課", Head: heldBy(section),
				DepartmentRef: &v1alpha1.NameReference{Name: name + unit.suffix}}}))
	}
	cio, head := person(t, kind, name+"-cio", "管理部長"), person(t, kind, name+"-digital-head", "デジタル推進課長")
	b.officers[theCIO], b.officers[digitalHead] = cio, head
	appoint(t, &v1alpha1.Department{}, "management", cio)
	appoint(t, &v1alpha1.ManagingSection{}, "digital-promotion", head)

	managedBy := name + "-managing"
	if digital {
		managedBy = "digital-promotion"
	}
	must(t, env.admin.Create(t.Context(), &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ElectronicSystemSpec{DisplayName: "試験システム", ManagingSectionRef: &v1alpha1.NameReference{Name: managedBy},
			UsingSectionRefs: []v1alpha1.NameReference{{Name: name + "-using"}}}}))
	return b
}

func heldBy(o officer) v1alpha1.OfficeHolder {
	return v1alpha1.OfficeHolder{Title: o.title, Subjects: []v1alpha1.Subject{o.subject}}
}

// appoint gives an officer the office of a unit's head, beside those who hold it, for the rest of a test.
func appoint(t *testing.T, unit client.Object, name string, o officer) {
	t.Helper()
	change := func(ctx context.Context, change func([]v1alpha1.Subject) []v1alpha1.Subject) error {
		return retry.RetryOnConflict(retry.DefaultRetry, func() error {
			if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, unit); err != nil {
				return err
			}
			switch unit := unit.(type) {
			case *v1alpha1.Department:
				unit.Spec.Head.Subjects = change(unit.Spec.Head.Subjects)
			case *v1alpha1.ManagingSection:
				unit.Spec.Head.Subjects = change(unit.Spec.Head.Subjects)
			}
			return env.admin.Update(ctx, unit)
		})
	}
	must(t, change(t.Context(), func(s []v1alpha1.Subject) []v1alpha1.Subject { return append(s, o.subject) }))
	t.Cleanup(func() {
		err := change(context.Background(), func(s []v1alpha1.Subject) []v1alpha1.Subject {
			return slices.DeleteFunc(s, func(subject v1alpha1.Subject) bool { return subject == o.subject })
		})
		if err != nil {
			t.Errorf("take the office back: %v", err)
		}
	})
}

func (b *bureau) as(who string) client.Client { return b.officers[who].client }

// titles of officers, as a refusal names them.
func (b *bureau) titles(who []string) []string {
	var titles []string
	for _, name := range who {
		titles = append(titles, b.officers[name].title)
	}
	return titles
}

// everybody of the bureau, in a fixed order.
func (b *bureau) everybody() []string { return slices.Sorted(maps.Keys(b.officers)) }

// application for the bureau's system, to be submitted.
func (b *bureau) application(change v1alpha1.ChangeType) *v1alpha1.ChangeApproval {
	a := (&system{name: b.name}).application(fmt.Sprint(serial.Add(1)), change)
	if change == v1alpha1.ChangeMinor {
		a.Spec.Criteria = nil
	}
	return a
}

// submitted is an application for an introduction by the head of the managing department. Its conditions are written, so
// that it does not change by itself any more.
func (b *bureau) submitted(t *testing.T) *v1alpha1.ChangeApproval {
	t.Helper()
	a := b.application(v1alpha1.ChangeIntroduction)
	must(t, b.as(departmentHead).Create(t.Context(), a))
	return settledApplication(t, a.Name)
}

// decided is such an application with decisions on it, one after the other.
func (b *bureau) decided(t *testing.T, decisions ...v1alpha1.Decision) *v1alpha1.ChangeApproval {
	t.Helper()
	a := b.submitted(t)
	for _, decision := range decisions {
		must(t, decide(b.as(theCIO), a.Name, decision))
	}
	return settledApplication(t, a.Name)
}

// settledApplication waits until the operator has said of an application what there is to say.
func settledApplication(t *testing.T, name string) *v1alpha1.ChangeApproval {
	t.Helper()
	var a v1alpha1.ChangeApproval
	eventually(t, "the conditions of "+name, func(ctx context.Context) error {
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &a); err != nil {
			return err
		}
		want, reason := metav1.ConditionTrue, string(a.Status.Decision)
		if a.Status.Decision == "" {
			if want, reason = metav1.ConditionFalse, v1alpha1.ReasonPending; a.Spec.Stage == v1alpha1.StageDraft {
				reason = v1alpha1.ReasonNotSubmitted
			}
		}
		if err := condition(a.Status.Conditions, v1alpha1.ConditionDecided, want, reason); err != nil || a.Status.Decision == "" {
			return err
		}
		told := meta.FindStatusCondition(a.Status.Conditions, v1alpha1.ConditionNotified)
		if told == nil || told.Reason != v1alpha1.ReasonUnattested &&
			(told.Status != metav1.ConditionTrue || !says(told.Message, message.ID("Notice"+a.Status.Decision))) {
			return fmt.Errorf("not told yet: %+v", told)
		}
		return nil
	})
	return &a
}

// says whether a text has a sentence of the catalogue in it, in either language.
func says(text string, id message.ID) bool {
	return strings.Contains(text, message.In("ja").Say(id)) || strings.Contains(text, message.In("en").Say(id))
}

// A way of writing an application, by which the fields given are set, in the spec or in the status.
type way func(ctx context.Context, c client.Client, name, part string, fields map[string]any) error

// ways of writing an application.
func ways() map[string]way { return waysOf("ChangeApproval") }

// waysOf writing an object of a kind are all that the API server has for a custom resource; a strategic merge patch is not among
// them.
func waysOf(kind string) map[string]way {
	patch := func(form types.PatchType, content any, options ...client.PatchOption) func(context.Context, client.Client, string,
		string) error {
		return func(ctx context.Context, c client.Client, name, part string) error {
			raw, err := json.Marshal(content)
			if err != nil {
				return err
			}
			object := &unstructuredObject{}
			object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
			object.SetName(name)
			if part == "status" {
				var subresource []client.SubResourcePatchOption
				for _, option := range options {
					subresource = append(subresource, option.(client.SubResourcePatchOption))
				}
				return c.Status().Patch(ctx, object, client.RawPatch(form, raw), subresource...)
			}
			return c.Patch(ctx, object, client.RawPatch(form, raw), options...)
		}
	}
	return map[string]way{
		"merge patch": func(ctx context.Context, c client.Client, name, part string, fields map[string]any) error {
			return patch(types.MergePatchType, map[string]any{part: fields})(ctx, c, name, part)
		},
		"json patch": func(ctx context.Context, c client.Client, name, part string, fields map[string]any) error {
			var steps []map[string]any
			for key, value := range fields {
				steps = append(steps, map[string]any{"op": "add", "path": "/" + part + "/" + key, "value": value})
			}
			return patch(types.JSONPatchType, steps)(ctx, c, name, part)
		},
		"server-side apply": func(ctx context.Context, c client.Client, name, part string, fields map[string]any) error {
			content := map[string]any{"apiVersion": v1alpha1.GroupVersion.String(), "kind": kind,
				"metadata": map[string]any{"name": name}, part: fields}
			return patch(types.ApplyPatchType, content, client.FieldOwner("tester"), client.ForceOwnership)(ctx, c, name, part)
		},
		"update": func(ctx context.Context, c client.Client, name, part string, fields map[string]any) error {
			return retry.RetryOnConflict(retry.DefaultRetry, func() error {
				object := &unstructuredObject{}
				object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
				if err := c.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
					return err
				}
				content, _ := object.Object[part].(map[string]any)
				if content == nil {
					content = map[string]any{}
				}
				maps.Copy(content, fields)
				object.Object[part] = content
				if part == "status" {
					return c.Status().Update(ctx, object)
				}
				return c.Update(ctx, object)
			})
		},
	}
}

// unchanged sees that nothing about an application is other than it was.
func unchanged(t *testing.T, was *v1alpha1.ChangeApproval) {
	t.Helper()
	is := get(t, &v1alpha1.ChangeApproval{}, "", was.Name)
	if !equality.Semantic.DeepEqual(is.Spec, was.Spec) || !equality.Semantic.DeepEqual(is.Status, was.Status) {
		t.Errorf("%s changed from %+v %+v\nto %+v %+v", was.Name, was.Spec, was.Status, is.Spec, is.Status)
	}
}
