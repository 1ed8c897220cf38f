package regulation

import (
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := admissionregistrationv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return scheme
}

func guards(t *testing.T, hold bool) map[string]client.Object {
	t.Helper()
	list, err := Guards(scheme(t), hold)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]client.Object{}
	for _, guard := range list {
		found[guard.GetObjectKind().GroupVersionKind().Kind+"/"+guard.GetName()] = guard
	}
	return found
}

func TestGuardsThatHoldPodsNeedAServerThatCan(t *testing.T) {
	newer, older := guards(t, true), guards(t, false)
	for name := range newer {
		_, found := older[name]
		if holds := name == "MutatingAdmissionPolicy/kitei-hold" || name == "MutatingAdmissionPolicyBinding/kitei-hold"; found == holds {
			t.Errorf("%s is a guard of an older server: %t", name, found)
		}
	}
	if len(newer) != 16 || len(older) != 14 {
		t.Errorf("%d guards, and %d on an older server", len(newer), len(older))
	}
}

// What an installation changes is no change; what a person changes is.
func TestWhatCountsAsAChange(t *testing.T) {
	const own, other = "operator.example", "mallory.example"
	called := func(url string) func(*admissionregistrationv1.ValidatingWebhookConfiguration) {
		return func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			c.Webhooks[0].ClientConfig.Service, c.Webhooks[0].ClientConfig.URL = nil, &url
		}
	}
	for name, test := range map[string]struct {
		change func(*admissionregistrationv1.ValidatingWebhookConfiguration)
		same   bool
	}{
		"nothing": {func(*admissionregistrationv1.ValidatingWebhookConfiguration) {}, true},
		"labels and annotations": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			c.Labels, c.Annotations = map[string]string{"a": "b"}, map[string]string{"cert-manager.io/inject-ca-from": "c"}
		}, true},
		"the certificate": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			c.Webhooks[0].ClientConfig.CABundle = []byte("certificate")
		}, true},
		"called by the operator's own host": {called("https://" + own + ":9443/validate-changeapproval"), true},
		"called by its own host, elsewhere": {called("https://" + own + ":9443/validate-classification"), false},
		"called by another host":            {called("https://" + other + "/validate-changeapproval"), false},
		"another Service": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			c.Webhooks[0].ClientConfig.Service.Namespace = "mallory"
		}, false},
		"another port": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			port := int32(8443)
			c.Webhooks[0].ClientConfig.Service.Port = &port
		}, false},
		"order of webhooks": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) {
			c.Webhooks[0], c.Webhooks[1] = c.Webhooks[1], c.Webhooks[0]
		}, false},
		"no webhooks": {func(c *admissionregistrationv1.ValidatingWebhookConfiguration) { c.Webhooks = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			wanted := guards(t, true)["ValidatingWebhookConfiguration/kitei-validating"]
			current := wanted.DeepCopyObject().(*admissionregistrationv1.ValidatingWebhookConfiguration)
			test.change(current)
			same, err := saysTheSame(wanted, current, []string{own})
			if err != nil || same != test.same {
				t.Errorf("the same: %t (%v), wanted %t", same, err, test.same)
			}
		})
	}
}

func TestSlimKeepsOurs(t *testing.T) {
	for name, kept := range map[string]bool{"kitei-pods": true, "others": false} {
		policy := &admissionregistrationv1.ValidatingAdmissionPolicy{}
		policy.Name, policy.Spec.Variables = name, []admissionregistrationv1.Variable{{Name: "v"}}
		if _, err := Slim(policy); err != nil || (len(policy.Spec.Variables) == 1) != kept {
			t.Errorf("%s keeps %+v (%v)", name, policy.Spec, err)
		}
	}
}
