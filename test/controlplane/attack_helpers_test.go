package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// owner is who may do everything in the system's namespace and nothing outside of it, so that what refuses them there is never
// RBAC.
func (s *system) owner(t *testing.T) client.Client {
	t.Helper()
	name := s.name + "-owner"
	must(t, env.admin.Create(t.Context(), &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: s.name, Name: name},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}}}))
	c := as(t, name)
	eventually(t, name+" may do everything in the namespace", func(ctx context.Context) error {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: s.name, Verb: "*", Group: "*", Resource: "*"}}}
		if err := c.Create(ctx, review); err != nil {
			return err
		}
		if !review.Status.Allowed {
			return fmt.Errorf("not yet: %s", review.Status.Reason)
		}
		return nil
	})
	return c
}

// A write brings an object from one state to another, or a subresource of it where one is named.
type write func(ctx context.Context, c client.Client, before, after client.Object, subresource string) error

const serverSideApply = "server-side apply"

// writes are all that the API server has for a kind of its own. An apply of what others own removes nothing.
func writes() map[string]write {
	patch := func(kind types.PatchType, content func(before, after client.Object) ([]byte, error), options ...client.PatchOption) write {
		return func(ctx context.Context, c client.Client, before, after client.Object, subresource string) error {
			raw, err := content(before, after)
			if err != nil {
				return err
			}
			target := before.DeepCopyObject().(client.Object)
			if subresource == "" {
				return c.Patch(ctx, target, client.RawPatch(kind, raw), options...)
			}
			var others []client.SubResourcePatchOption
			for _, option := range options {
				others = append(others, option.(client.SubResourcePatchOption))
			}
			return c.SubResource(subresource).Patch(ctx, target, client.RawPatch(kind, raw), others...)
		}
	}
	return map[string]write{
		"update": func(ctx context.Context, c client.Client, _, after client.Object, subresource string) error {
			if subresource == "" {
				return c.Update(ctx, after)
			}
			return c.SubResource(subresource).Update(ctx, after)
		},
		"json patch": patch(types.JSONPatchType, func(_, after client.Object) ([]byte, error) {
			object, err := plain(after)
			if err != nil {
				return nil, err
			}
			return json.Marshal([]map[string]any{
				{"op": "add", "path": "/metadata/labels", "value": orEmpty(after.GetLabels())},
				{"op": "add", "path": "/metadata/annotations", "value": orEmpty(after.GetAnnotations())},
				{"op": "add", "path": "/spec", "value": object["spec"]},
			})
		}),
		"merge patch": patch(types.MergePatchType, func(before, after client.Object) ([]byte, error) {
			return client.MergeFrom(before).Data(after)
		}),
		"strategic merge patch": patch(types.StrategicMergePatchType, func(before, after client.Object) ([]byte, error) {
			return client.StrategicMergeFrom(before).Data(after)
		}),
		serverSideApply: patch(types.ApplyPatchType, func(_, after client.Object) ([]byte, error) {
			object, err := plain(after)
			if err != nil {
				return nil, err
			}
			delete(object, "status")
			for _, field := range []string{"managedFields", "resourceVersion", "generation", "creationTimestamp"} {
				delete(object["metadata"].(map[string]any), field)
			}
			return json.Marshal(object)
		}, client.FieldOwner("attacker"), client.ForceOwnership),
	}
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// plain is an object as JSON has it, with its kind.
func plain(object client.Object) (map[string]any, error) {
	kind, err := apiutil.GVKForObject(object, env.admin.Scheme())
	if err != nil {
		return nil, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, err
	}
	content["apiVersion"], content["kind"] = kind.ToAPIVersionAndKind()
	return content, nil
}
