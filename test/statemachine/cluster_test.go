// Package statemachine lets anybody write anything, in any order, through the webhooks of the procedure (articles 12 to 24),
// and holds what comes of it to the articles, written out a second time.
//
// cluster_test.go is as much of an API server as that needs, articles_test.go the articles, world_test.go the ward and its
// people, and writes_test.go and meetings_test.go what they write. That the real API server asks the webhooks is for
// test/controlplane to see.
package statemachine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/regulation"
	"kitei.dev/kitei/internal/webhook/changeapproval"
	"kitei.dev/kitei/internal/webhook/committee"
	"kitei.dev/kitei/internal/webhook/committeemeeting"
	"kitei.dev/kitei/internal/webhook/datauseconsent"
)

// cluster keeps objects as an API server does, and asks the webhooks before it stores any of their kinds.
type cluster struct {
	objects map[string]client.Object // by kind and name
	clock   *testingclock.FakePassiveClock
	hooks   map[string]hooks // by kind
	key     ledger.Key       // of the ledger
	born    int
}

type hooks interface {
	Mutate(ctx context.Context, request admission.Request) admission.Response
	Validate(ctx context.Context, request admission.Request) admission.Response
}

func newCluster(now time.Time) *cluster {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	key, err := ledger.NewKey()
	if err != nil {
		panic(err)
	}
	c := &cluster{objects: map[string]client.Object{}, clock: testingclock.NewFakePassiveClock(now), key: key}
	decoder := admission.NewDecoder(scheme)
	c.hooks = map[string]hooks{
		"ChangeApproval":   changeapproval.New(c, decoder, c.clock, key),
		"DataUseConsent":   datauseconsent.New(c, decoder, c.clock, key),
		"CommitteeMeeting": committeemeeting.New(c, decoder, c.clock, key),
		"Committee":        committee.New(c, decoder, c.clock),
	}
	return c
}

func kindOf(object any) string {
	return strings.TrimSuffix(reflect.TypeOf(object).Elem().Name(), "List")
}

func keyOf(object client.Object) string { return kindOf(object) + "/" + object.GetName() }

// put stores an object without asking anybody, as it is.
func (c *cluster) put(objects ...client.Object) {
	for _, object := range objects {
		c.objects[keyOf(object)] = object
	}
}

// Get reads an object.
func (c *cluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	found := c.objects[kindOf(into)+"/"+key.Name]
	if found == nil {
		return apierrors.NewNotFound(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: kindOf(into)}, key.Name)
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(found.DeepCopyObject()).Elem())
	return nil
}

// List reads objects of a kind, by the fields that the kinds make selectable.
func (c *cluster) List(_ context.Context, into client.ObjectList, options ...client.ListOption) error {
	asked := (&client.ListOptions{}).ApplyOptions(options)
	var items []runtime.Object
	for _, object := range c.all(kindOf(into)) {
		fields := map[string]string{}
		switch object := object.(type) {
		case *v1alpha1.ChangeApproval:
			fields["spec.systemRef.name"] = object.Spec.SystemRef.Name
		case *v1alpha1.DataUseConsent:
			fields["spec.applicationRef.name"] = object.Spec.ApplicationRef.Name
		}
		matches := true
		if asked.FieldSelector != nil {
			for _, requirement := range asked.FieldSelector.Requirements() {
				value, selectable := fields[requirement.Field]
				if !selectable {
					return fmt.Errorf("field %s of %s is not selectable", requirement.Field, kindOf(into))
				}
				matches = matches && value == requirement.Value
			}
		}
		if matches {
			items = append(items, object.DeepCopyObject())
		}
	}
	return meta.SetList(into, items)
}

// all objects of a kind, by name.
func (c *cluster) all(kind string) []client.Object {
	var found []client.Object
	for key, object := range c.objects {
		if strings.HasPrefix(key, kind+"/") {
			found = append(found, object)
		}
	}
	slices.SortFunc(found, func(a, b client.Object) int { return strings.Compare(a.GetName(), b.GetName()) })
	return found
}

// allOf a kind, typed.
func allOf[T client.Object](c *cluster) []T {
	var none T
	var found []T
	for _, object := range c.all(kindOf(none)) {
		found = append(found, object.(T))
	}
	return found
}

// write is a request to write an object.
type write struct {
	who regulation.Identity
	// object as the request would leave it; nil for a deletion.
	object client.Object
	// old object; nil for a creation.
	old client.Object
	// status says that it comes by the status subresource.
	status bool
	// tamper is another mutating webhook, which Kitei's does not see again; nil for none.
	tamper func(client.Object)
}

// admit does what an API server does with a write, short of storing it: it has the object stamped, keeps what the
// subresource does not write, and has it validated. It returns nil where the write is refused.
func (c *cluster) admit(w write) client.Object {
	kind := kindOf(cmpOr(w.object, w.old))
	request := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{Operation: admissionv1.Update,
		UserInfo: authenticationv1.UserInfo{Username: w.who.Username, Groups: w.who.Groups}}}
	if w.status {
		request.SubResource = "status"
	}
	if w.old != nil {
		request.Name, request.OldObject.Raw = w.old.GetName(), encoded(w.old)
	}
	switch {
	case w.object == nil:
		request.Operation = admissionv1.Delete
		if !allowed(c.hooks[kind].Validate(context.Background(), request)) {
			return nil
		}
		return w.old
	case w.old == nil:
		request.Name, request.Operation = w.object.GetName(), admissionv1.Create
	}
	request.Object.Raw = encoded(w.object)
	response := c.hooks[kind].Mutate(context.Background(), request)
	if !allowed(response) {
		return nil
	}
	final := w.object.DeepCopyObject().(client.Object)
	decode(patched(request.Object.Raw, response), final)
	if w.tamper != nil {
		w.tamper(final)
	}
	c.settle(w, final)
	if !valid(w.old, final) {
		return nil
	}
	request.Object.Raw = encoded(final)
	if !allowed(c.hooks[kind].Validate(context.Background(), request)) {
		return nil
	}
	return final
}

// store what was admitted.
func (c *cluster) store(w write, final client.Object) {
	if w.object == nil {
		delete(c.objects, keyOf(final))
		return
	}
	c.put(final)
}

// settle keeps what the request does not write, and counts the generation.
func (c *cluster) settle(w write, final client.Object) {
	value := reflect.ValueOf(final).Elem()
	if w.old == nil {
		c.born++
		value.FieldByName("Status").SetZero()
		final.SetUID(types.UID(fmt.Sprint("uid-", c.born)))
		final.SetGeneration(1)
		return
	}
	old := reflect.ValueOf(w.old.DeepCopyObject()).Elem()
	if w.status {
		value.FieldByName("Spec").Set(old.FieldByName("Spec"))
		value.FieldByName("ObjectMeta").Set(old.FieldByName("ObjectMeta"))
		return
	}
	value.FieldByName("Status").Set(old.FieldByName("Status"))
	final.SetUID(w.old.GetUID())
	final.SetGeneration(w.old.GetGeneration())
	if !equality.Semantic.DeepEqual(value.FieldByName("Spec").Interface(), old.FieldByName("Spec").Interface()) {
		final.SetGeneration(w.old.GetGeneration() + 1)
	}
}

// valid holds the kinds' own rules that the webhooks leave to them.
func valid(old, object client.Object) bool {
	switch object := object.(type) {
	case *v1alpha1.DataUseConsent:
		before, is := old.(*v1alpha1.DataUseConsent)
		return !is || equality.Semantic.DeepEqual(before.Spec, object.Spec)
	case *v1alpha1.CommitteeMeeting:
		before, is := old.(*v1alpha1.CommitteeMeeting)
		return !is || before.Spec.CommitteeRef == object.Spec.CommitteeRef
	}
	return true
}

func cmpOr(a, b client.Object) client.Object {
	if a != nil {
		return a
	}
	return b
}

// allowed fails where a webhook did not judge the request at all.
func allowed(response admission.Response) bool {
	if !response.Allowed && response.Result.Code != http.StatusForbidden {
		panic(fmt.Sprintf("the webhook failed: %+v", response.Result))
	}
	return response.Allowed
}

func encoded(object client.Object) []byte {
	raw, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return raw
}

func decode(raw []byte, into client.Object) {
	reflect.ValueOf(into).Elem().SetZero()
	if err := json.Unmarshal(raw, into); err != nil {
		panic(err)
	}
}

func patched(raw []byte, response admission.Response) []byte {
	if len(response.Patches) == 0 {
		return raw
	}
	operations, err := json.Marshal(response.Patches)
	if err != nil {
		panic(err)
	}
	patch, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		panic(err)
	}
	if raw, err = patch.Apply(raw); err != nil {
		panic(err)
	}
	return raw
}
