package access

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// fieldManager owns the derived bindings.
const fieldManager = client.FieldOwner("kitei-access")

// labels of a derived binding. By the name they are removed with the operator.
var labels = map[string]string{
	"app.kubernetes.io/name":      "kitei",
	"app.kubernetes.io/component": "access",
}

// Reconciler keeps one derived binding.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// Reconcile makes the binding of a name what the organisation says. It comes again when the organisation changes by itself.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	now := r.Clock.Now()
	organisation, err := r.organisation(ctx, request.Name, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted := binding(request.Name, derive(organisation, request.Name))
	found, err := read[rbacv1.ClusterRoleBinding](ctx, r.Client, request.Name)
	switch {
	case err != nil:
	case found == nil:
		err = r.create(ctx, wanted)
	default:
		err = r.mend(ctx, found, wanted)
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	return watching.Until(organisation.NextTurn(), now), nil
}

// organisation reads what the binding of a name follows from: for one unit's no more than the unit and the regulation,
// because there may be thousands.
func (r *Reconciler) organisation(ctx context.Context, name string, now time.Time) (regulation.Organisation, error) {
	section, department, _ := unitOf(name)
	if section == "" && department == "" {
		return register.Organisation(ctx, r.Client, now)
	}
	o := regulation.Organisation{Now: now,
		Departments: map[string]*v1alpha1.Department{}, Sections: map[string]*v1alpha1.ManagingSection{}}
	var err error
	if o.Regulation, err = read[v1alpha1.Regulation](ctx, r.Client, v1alpha1.RegulationName); err != nil {
		return o, err
	}
	if section != "" {
		found, err := read[v1alpha1.ManagingSection](ctx, r.Client, section)
		if found != nil {
			o.Sections[section] = found
		}
		return o, err
	}
	found, err := read[v1alpha1.Department](ctx, r.Client, department)
	if found != nil {
		o.Departments[department] = found
	}
	return o, err
}

// read gets an object by name; nil if there is none.
func read[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, name string) (P, error) {
	object := P(new(T))
	switch err := reader.Get(ctx, client.ObjectKey{Name: name}, object); {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get %T %s: %w", object, name, err)
	}
	return object, nil
}

// binding of a name as it is to be; nil for a grant to nobody.
func binding(name string, of grant) *rbacv1.ClusterRoleBinding {
	if len(of.subjects) == 0 {
		return nil
	}
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: maps.Clone(labels)},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: of.role},
		Subjects:   subjects(of.subjects),
	}
}

func (r *Reconciler) create(ctx context.Context, wanted *rbacv1.ClusterRoleBinding) error {
	if wanted == nil {
		return nil
	}
	if err := r.Client.Create(ctx, wanted, fieldManager); err != nil {
		return fmt.Errorf("create cluster role binding %s: %w", wanted.Name, err)
	}
	log.FromContext(ctx).Info("role bound", "role", wanted.RoleRef.Name)
	return nil
}

// mend makes a binding what it is to be. A binding's role cannot be changed: one of another role is made anew.
func (r *Reconciler) mend(ctx context.Context, found, wanted *rbacv1.ClusterRoleBinding) error {
	if wanted == nil || found.RoleRef != wanted.RoleRef {
		preconditions := client.Preconditions{UID: &found.UID, ResourceVersion: &found.ResourceVersion}
		if err := client.IgnoreNotFound(r.Client.Delete(ctx, found, preconditions)); err != nil {
			return fmt.Errorf("delete cluster role binding %s: %w", found.Name, err)
		}
		log.FromContext(ctx).Info("binding removed", "role", found.RoleRef.Name)
		return r.create(ctx, wanted)
	}
	mended := found.DeepCopy()
	mended.Subjects = wanted.Subjects
	mended.Labels = maps.Clone(mended.Labels)
	if mended.Labels == nil {
		mended.Labels = map[string]string{}
	}
	maps.Copy(mended.Labels, wanted.Labels)
	if equality.Semantic.DeepEqual(found, mended) {
		return nil
	}
	if err := r.Client.Update(ctx, mended, fieldManager); err != nil {
		return fmt.Errorf("update cluster role binding %s: %w", found.Name, err)
	}
	log.FromContext(ctx).Info("binding changed", "role", found.RoleRef.Name)
	return nil
}

// derived says whether a binding's name is one of the operator's.
func derived(object client.Object) bool { return strings.HasPrefix(object.GetName(), Prefix) }
