package access

import (
	"context"
	"errors"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
)

// What the API server refuses is tried again: a former head must not keep a role because one write failed. A real API server
// does not fail when asked to.
func TestFailedWriteIsTriedAgain(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, rbacv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	refusal := errors.New("etcd is slow")
	const name = ofSections + "tax" + toApprove
	right := binding(name, grant{roleApprover, []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: "head"}}})
	wrong, greater := right.DeepCopy(), right.DeepCopy()
	wrong.Subjects, greater.RoleRef.Name = nil, "cluster-admin"
	stale := right.DeepCopy()
	stale.Name = ofSections + "gone" + toApprove
	for title, test := range map[string]struct {
		found *rbacv1.ClusterRoleBinding
		name  string
	}{"create": {nil, name}, "update": {wrong, name}, "replace": {greater, name}, "delete": {stale, stale.Name}} {
		t.Run(title, func(t *testing.T) {
			objects := []client.Object{
				&v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}},
				&v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: "tax"}, Spec: v1alpha1.ManagingSectionSpec{
					Head: v1alpha1.OfficeHolder{Subjects: []v1alpha1.Subject{{Kind: v1alpha1.SubjectUser, Name: "head"}}}}},
			}
			if test.found != nil {
				objects = append(objects, test.found.DeepCopy())
			}
			c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
				Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error { return refusal },
				Update: func(context.Context, client.WithWatch, client.Object, ...client.UpdateOption) error { return refusal },
				Delete: func(context.Context, client.WithWatch, client.Object, ...client.DeleteOption) error { return refusal },
			}).Build()
			r := Reconciler{Client: c, Clock: clocktesting.NewFakePassiveClock(time.Now())}
			if _, err := r.Reconcile(t.Context(), watching.Names(test.name)[0]); !errors.Is(err, refusal) {
				t.Errorf("got %v", err)
			}
		})
	}
}
