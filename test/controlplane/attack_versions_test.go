package controlplane

import (
	"context"
	"fmt"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

const laterVersion = "v1alpha2"

// serveLaterVersion makes the API server serve a kind of Kitei's in another version too, for the rest of a test.
func serveLaterVersion(t *testing.T, plural string) {
	t.Helper()
	c := extensions(t)
	change := func(ctx context.Context, change func(*apiextensionsv1.CustomResourceDefinition)) error {
		return retry.RetryOnConflict(retry.DefaultRetry, func() error {
			var crd apiextensionsv1.CustomResourceDefinition
			if err := c.Get(ctx, client.ObjectKey{Name: plural + "." + v1alpha1.GroupVersion.Group}, &crd); err != nil {
				return err
			}
			change(&crd)
			return c.Update(ctx, &crd)
		})
	}
	must(t, change(t.Context(), func(crd *apiextensionsv1.CustomResourceDefinition) {
		later := *crd.Spec.Versions[0].DeepCopy()
		later.Name, later.Storage = laterVersion, false
		crd.Spec.Versions = append(crd.Spec.Versions, later)
	}))
	t.Cleanup(func() {
		if err := change(context.Background(), func(crd *apiextensionsv1.CustomResourceDefinition) {
			crd.Spec.Versions = crd.Spec.Versions[:1]
		}); err != nil {
			t.Errorf("take the later version away: %v", err)
		}
	})
}

// later reads an object in the later version, as a client whose mapper has just learnt of it.
func later(t *testing.T, kind, name string) *unstructuredObject {
	t.Helper()
	object := &unstructuredObject{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: v1alpha1.GroupVersion.Group, Version: laterVersion, Kind: kind})
	eventually(t, "the later version is served", func(ctx context.Context) error {
		c, err := client.New(env.cluster.Config(), client.Options{})
		if err != nil {
			return err
		}
		return c.Get(ctx, client.ObjectKey{Name: name}, object)
	})
	return object
}

// An application and a register entry are guarded in whatever version they are written. One that this operator does not know it
// refuses to everybody, those included who may decide: it cannot read what it would let through.
func TestOtherServedVersionIsNoWayRound(t *testing.T) {
	serveLaterVersion(t, "changeapprovals")
	serveLaterVersion(t, "electronicsystems")
	b := newBureau(t, v1alpha1.SubjectUser, false)
	pending := b.submitted(t)
	s := newSystem(t)
	claimed := newSystem(t)
	application, entry := later(t, "ChangeApproval", pending.Name), later(t, "ElectronicSystem", s.name)

	freshly := func(who string) client.Client { // with a mapper of its own
		config := env.cluster.Config()
		if who != "" {
			config = configOf(t, who)
		}
		c, err := client.New(config, client.Options{})
		must(t, err)
		return c
	}
	for _, who := range []string{"", b.officers[theCIO].username, b.officers[departmentHead].username, b.officers[anybody].username} {
		t.Run(fmt.Sprintf("by %q", who), func(t *testing.T) {
			c := freshly(who)
			for _, status := range []string{
				`{"status":{"decision":"Approved"}}`,
				`{"status":{"decision":"Approved","decidedBy":"cio","decidedAs":"ChiefInformationOfficer","decidedGeneration":1,` +
					`"decidedAt":"2026-04-01T00:00:00Z"}}`,
			} {
				refused(t, c.Status().Patch(t.Context(), application.DeepCopy(), client.RawPatch(types.MergePatchType, []byte(status))),
					laterVersion)
			}
			refused(t, c.Patch(t.Context(), application.DeepCopy(), client.RawPatch(types.MergePatchType,
				[]byte(`{"spec":{"title":"別の導入"}}`))), laterVersion)
			refused(t, c.Delete(t.Context(), application.DeepCopy()), laterVersion)
			fresh := application.DeepCopy()
			fresh.Object = map[string]any{"spec": application.Object["spec"]}
			fresh.SetGroupVersionKind(application.GroupVersionKind())
			fresh.SetName(pending.Name + "-again")
			refused(t, c.Create(t.Context(), fresh), laterVersion)
			refused(t, c.Patch(t.Context(), entry.DeepCopy(), client.RawPatch(types.MergePatchType,
				fmt.Appendf(nil, `{"spec":{"namespaces":[%q,%q]}}`, s.name, claimed.name))), laterVersion)
		})
	}
	unchanged(t, pending)
	must(t, decide(b.as(theCIO), pending.Name, v1alpha1.DecisionApproved)) // and this version goes on as before
}
