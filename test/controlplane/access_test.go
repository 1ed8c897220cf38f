package controlplane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// stranger acts as somebody who has no right but those that the organisation gives.
func stranger(t *testing.T, user string, groups ...string) client.Client {
	t.Helper()
	config, err := env.cluster.AddUser(user, groups...)
	must(t, err)
	c, err := client.New(config, client.Options{Scheme: operator.Scheme(), Mapper: env.admin.RESTMapper()})
	must(t, err)
	return c
}

func mayList(c client.Client) func(context.Context) error {
	return func(ctx context.Context) error { return c.List(ctx, &v1alpha1.ChangeApprovalList{}) }
}

// mayNot sees that RBAC, and no webhook, refuses what an office allows.
func mayNot(c client.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		err := mayList(c)(ctx)
		switch {
		case err == nil:
			return errors.New("RBAC does not refuse")
		case !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "cannot list resource"):
			return fmt.Errorf("wanted a refusal by RBAC, got: %w", err)
		}
		return nil
	}
}

// binds sees to whom a derived binding gives its role; to nobody means that there is no binding.
func binds(name, role string, wanted ...v1alpha1.Subject) func(context.Context) error {
	return func(ctx context.Context) error {
		var binding rbacv1.ClusterRoleBinding
		err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &binding)
		if apierrors.IsNotFound(err) && len(wanted) == 0 {
			return nil
		} else if err != nil {
			return err
		}
		var subjects []v1alpha1.Subject
		for _, s := range binding.Subjects {
			subjects = append(subjects, v1alpha1.Subject{Kind: v1alpha1.SubjectKind(s.Kind), Name: s.Name, Namespace: s.Namespace})
		}
		if !slices.Equal(subjects, wanted) || binding.RoleRef.Name != role {
			return fmt.Errorf("%s gives %s to %v, wanted %s to %v", name, binding.RoleRef.Name, subjects, role, wanted)
		}
		return nil
	}
}

func user(name string) v1alpha1.Subject {
	return v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: name}
}

// newSection makes a section of its own with a head, for the rest of a test.
func newSection(t *testing.T, with func(*v1alpha1.ManagingSection)) *v1alpha1.ManagingSection {
	t.Helper()
	name := fmt.Sprintf("section-%d", serial.Add(1))
	section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ManagingSectionSpec{DisplayName: "試験課", Head: holder("試験課長", name+"-head")}}
	with(section)
	must(t, env.admin.Create(t.Context(), section))
	t.Cleanup(func() {
		if err := client.IgnoreNotFound(env.admin.Delete(context.Background(), section)); err != nil {
			t.Errorf("delete section %s: %v", name, err)
		}
	})
	return section
}

// Change the head of a section, and yesterday's head can do nothing, today's can: from the API server's door on.
func TestRolesFollowThePersonnel(t *testing.T) {
	section := newSection(t, func(s *v1alpha1.ManagingSection) {
		s.Spec.Members = []v1alpha1.Subject{user(s.Name + "-member")}
	})
	yesterday, today := stranger(t, section.Name+"-head"), stranger(t, section.Name+"-new")
	member := stranger(t, section.Name+"-member")
	must(t, env.admin.Create(t.Context(), &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: section.Name},
		Spec: v1alpha1.ElectronicSystemSpec{DisplayName: "試験システム",
			ManagingSectionRef: &v1alpha1.NameReference{Name: section.Name}}}))
	application := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: section.Name},
		Spec: v1alpha1.ChangeApprovalSpec{Type: v1alpha1.ChangeMinor, Title: "様式の変更",
			SystemRef: v1alpha1.NameReference{Name: section.Name}}}
	eventually(t, "the head has the door opened", mayList(yesterday))
	eventually(t, "the member drafts", func(ctx context.Context) error {
		return client.IgnoreAlreadyExists(member.Create(ctx, application.DeepCopy()))
	})
	if err := decide(member, application.Name, v1alpha1.DecisionApproved); !apierrors.IsForbidden(err) ||
		!strings.Contains(err.Error(), "changeapprovals/status") {
		t.Errorf("a member is no approver to RBAC; got: %v", err)
	}
	must(t, mayNot(today)(t.Context()))
	refused(t, yesterday.Create(t.Context(), &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: "coup"}}), "forbidden")

	edit(t, &v1alpha1.ManagingSection{}, section.Name, func(s *v1alpha1.ManagingSection) {
		s.Spec.Head = holder("試験課長", section.Name+"-new")
	})
	eventually(t, "today's head has the door opened", mayList(today))
	eventually(t, "yesterday's finds it shut", mayNot(yesterday))
	if err := decide(yesterday, application.Name, v1alpha1.DecisionApproved); !apierrors.IsForbidden(err) ||
		!strings.Contains(err.Error(), "cannot patch resource") {
		t.Errorf("wanted a refusal by RBAC, got: %v", err)
	}
	// Past the door the webhook answers: the application is a draft.
	eventually(t, "today's head gets as far as the webhook", func(context.Context) error {
		if err := decide(today, application.Name, v1alpha1.DecisionApproved); err == nil || strings.Contains(err.Error(), "cannot patch") {
			return fmt.Errorf("got: %w", err)
		}
		return nil
	})

	day := v1alpha1.Date("2026-04-01")
	edit(t, &v1alpha1.ManagingSection{}, section.Name, func(s *v1alpha1.ManagingSection) { s.Spec.AbolishedOn = &day })
	eventually(t, "the head of an abolished section finds it shut", mayNot(today))
	eventually(t, "and its staff", mayNot(member))
}

// Whom each office makes what, for each kind of subject, and that it ends with the unit.
func TestEachOfficeHasItsRole(t *testing.T) {
	name := fmt.Sprintf("unit-%d", serial.Add(1))
	subjects := []v1alpha1.Subject{user("花子 " + name), {Kind: v1alpha1.SubjectGroup, Name: "heads of " + name},
		{Kind: v1alpha1.SubjectServiceAccount, Name: name, Namespace: "default"}}
	department := &v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.DepartmentSpec{DisplayName: "試験部", Head: v1alpha1.OfficeHolder{Subjects: subjects}}}
	section := &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.ManagingSectionSpec{DisplayName: "試験課",
		Head: v1alpha1.OfficeHolder{Subjects: subjects}, Members: []v1alpha1.Subject{subjects[1], user("次郎 " + name)}}}
	must(t, env.admin.Create(t.Context(), department))
	must(t, env.admin.Create(t.Context(), section))
	sectionApproves, sectionApplies := "kitei:section:"+name+":approvers", "kitei:section:"+name+":applicants"
	departmentApplies := "kitei:department:" + name + ":applicants"
	eventually(t, "the head decides", binds(sectionApproves, "kitei-approver", subjects...))
	eventually(t, "head and members apply, each named once",
		binds(sectionApplies, "kitei-applicant", append(subjects, section.Spec.Members[1])...))
	eventually(t, "the head of the department applies", binds(departmentApplies, "kitei-applicant", subjects...))
	eventually(t, "a member of the group comes in", mayList(stranger(t, "somebody of "+name, "heads of "+name)))

	edit(t, &v1alpha1.ManagingSection{}, name, func(s *v1alpha1.ManagingSection) { s.Spec.Head.Subjects = nil })
	eventually(t, "an office that nobody holds", binds(sectionApproves, ""))
	future := v1alpha1.Date("2999-04-01")
	edit(t, &v1alpha1.ManagingSection{}, name, func(s *v1alpha1.ManagingSection) { s.Spec.EstablishedOn = &future })
	eventually(t, "a section that does not exist yet", binds(sectionApplies, ""))
	must(t, env.admin.Delete(t.Context(), department))
	must(t, env.admin.Delete(t.Context(), section))
	eventually(t, "a department that is gone", binds(departmentApplies, ""))

	regulation := get(t, &v1alpha1.Regulation{}, "", v1alpha1.RegulationName)
	must(t, binds("kitei:auditors", "kitei-auditor", v1alpha1.Subject{Kind: v1alpha1.SubjectGroup, Name: "arakawa:auditors"})(t.Context()))
	digital := get(t, &v1alpha1.ManagingSection{}, "", regulation.Spec.DigitalPromotionSectionRef.Name)
	eventually(t, "デジタル推進課 keeps the committee's records",
		binds("kitei:secretariat", "kitei-secretariat", append(digital.Spec.Head.Subjects, digital.Spec.Members...)...))
	management := get(t, &v1alpha1.Department{}, "", regulation.Spec.ManagementDepartmentRef.Name)
	eventually(t, "the chief information officer decides",
		binds("kitei:chief-information-officer", "kitei-approver", management.Spec.Head.Subjects...))

	registrar := user("registrar of " + name)
	edit(t, &v1alpha1.Regulation{}, v1alpha1.RegulationName, func(r *v1alpha1.Regulation) {
		r.Spec.Registrars = []v1alpha1.Subject{registrar}
	})
	t.Cleanup(func() {
		t.Helper()
		nobody := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"registrars":null}}`))
		err := env.admin.Patch(context.Background(), regulation, nobody)
		if err != nil {
			t.Errorf("take the registrar back: %v", err)
		}
	})
	eventually(t, "whom the Regulation names keeps the register", binds("kitei:registrars", "kitei-registrar", registrar))
}

// A derived binding is what the organisation says, whatever is written into it. What people bind under other names stays.
func TestTamperedBindingIsMended(t *testing.T) {
	section := newSection(t, func(*v1alpha1.ManagingSection) {})
	name, head := "kitei:section:"+section.Name+":approvers", user(section.Name+"-head")
	right := binds(name, "kitei-approver", head)
	eventually(t, "the head decides", right)
	intruder := rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: section.Name + "-intruder"}
	own := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: section.Name + "-own", Labels: map[string]string{"app.kubernetes.io/name": "kitei"}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kitei-approver"},
		Subjects:   []rbacv1.Subject{intruder}}
	must(t, env.admin.Create(t.Context(), own))
	for _, tampering := range []struct {
		name string
		with func(*rbacv1.ClusterRoleBinding)
	}{
		{"somebody is added", func(b *rbacv1.ClusterRoleBinding) { b.Subjects = append(b.Subjects, intruder) }},
		{"the head is taken out", func(b *rbacv1.ClusterRoleBinding) { b.Subjects = nil }},
		{"another takes the place", func(b *rbacv1.ClusterRoleBinding) { b.Subjects = []rbacv1.Subject{intruder} }},
	} {
		edit(t, &rbacv1.ClusterRoleBinding{}, name, tampering.with)
		eventually(t, tampering.name, right)
	}
	edit(t, &rbacv1.ClusterRoleBinding{}, name, func(b *rbacv1.ClusterRoleBinding) { b.Labels = nil })
	eventually(t, "its labels are taken off", func(ctx context.Context) error {
		var binding rbacv1.ClusterRoleBinding
		if err := env.admin.Get(ctx, client.ObjectKey{Name: name}, &binding); err != nil {
			return err
		}
		if binding.Labels["app.kubernetes.io/name"] != "kitei" {
			return fmt.Errorf("labels are %v", binding.Labels)
		}
		return nil
	})
	binding := get(t, &rbacv1.ClusterRoleBinding{}, "", name)
	must(t, env.admin.Delete(t.Context(), binding))
	eventually(t, "it is deleted", right)

	// A role cannot be changed in place: the binding is replaced by one of a greater role.
	greater := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{intruder}}
	eventually(t, "a greater role is written under its name", func(ctx context.Context) error {
		var taken error
		for range 100 { // without a pause between the two: the operator puts back its own at once
			old := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}}
			if err := client.IgnoreNotFound(env.admin.Delete(ctx, old)); err != nil {
				return err
			}
			if taken = env.admin.Create(ctx, greater.DeepCopy()); !apierrors.IsAlreadyExists(taken) {
				break
			}
		}
		return taken
	})
	eventually(t, "a greater role goes", right)

	stray := own.DeepCopy()
	stray.ObjectMeta = metav1.ObjectMeta{Name: "kitei:section:" + section.Name + ":deciders"}
	must(t, env.admin.Create(t.Context(), stray))
	eventually(t, "a binding under a name of the operator's that nothing calls for goes", binds(stray.Name, ""))
	is := get(t, &rbacv1.ClusterRoleBinding{}, "", own.Name)
	if !equality.Semantic.DeepEqual(is.Subjects, own.Subjects) {
		t.Errorf("a person's own binding was changed to %v", is.Subjects)
	}
	must(t, env.admin.Delete(t.Context(), own))
}

// The operator can bind the roles of Kitei, and nothing that is more than its own rights.
func TestOperatorBindsNoOtherRole(t *testing.T) {
	itself := asServiceAccount(t, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	binding := func(role string) *rbacv1.ClusterRoleBinding {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "kitei:section:nobody:" + role},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "nobody"}}}
	}
	for _, role := range []string{"cluster-admin", "admin", "edit", "kitei-exempter", "system:node"} {
		refused(t, itself.Create(t.Context(), binding(role), client.DryRunAll), "attempting to grant RBAC permissions not currently held")
	}
	for _, role := range []string{"kitei-applicant", "kitei-approver", "kitei-auditor", "kitei-registrar", "kitei-secretariat"} {
		must(t, itself.Create(t.Context(), binding(role), client.DryRunAll))
	}
	for _, name := range []string{"cluster-admin", "kitei-controller-manager", "test-admin"} {
		other := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}}
		refused(t, itself.Delete(t.Context(), other, client.DryRunAll), "kitei-bindings", "kitei:")
	}
	other := binding("kitei-approver")
	other.Name = "kiteis"
	refused(t, itself.Create(t.Context(), other, client.DryRunAll), "kitei-bindings")
	widened := client.RawPatch(types.MergePatchType, []byte(`{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}`))
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "kitei-approver"}}
	refused(t, itself.Patch(t.Context(), role, widened), "forbidden")
}
