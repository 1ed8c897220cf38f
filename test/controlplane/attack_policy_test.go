package controlplane

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// enforced waits until the Regulation says so of its enforcement, and names the objects.
func enforced(t *testing.T, status metav1.ConditionStatus, reason string, names ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("Enforced=%s %s %v", status, reason, names), func(ctx context.Context) error {
		var current v1alpha1.Regulation
		if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
			return err
		}
		if err := condition(current.Status.Conditions, v1alpha1.ConditionEnforced, status, reason); err != nil {
			return err
		}
		said := meta.FindStatusCondition(current.Status.Conditions, v1alpha1.ConditionEnforced).Message
		for _, name := range names {
			if !strings.Contains(said, name) {
				return fmt.Errorf("it says %q", said)
			}
		}
		return nil
	})
}

// guardAt is a policy, binding or webhook configuration as the API server has it.
func guardAt(t *testing.T, guard string) *unstructuredObject {
	t.Helper()
	kind, name, _ := strings.Cut(guard, "/")
	object := &unstructuredObject{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: kind})
	return get(t, object, "", name)
}

// putBack makes a guard say what it said.
func putBack(t *testing.T, guard string, was *unstructuredObject) {
	t.Helper()
	must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		restored := was.DeepCopy()
		restored.SetResourceVersion(guardAt(t, guard).GetResourceVersion())
		return env.admin.Update(t.Context(), restored)
	}))
}

// Whatever an administrator weakens in a policy, a binding or a webhook configuration is reported by name, and is not put back;
// once it says again what it said, that is reported too.
func TestChangedPolicyIsReported(t *testing.T) {
	const pods, podsBinding, hold = "ValidatingAdmissionPolicy/kitei-pods", "ValidatingAdmissionPolicyBinding/kitei-pods",
		"MutatingAdmissionPolicy/kitei-hold"
	const validating, mutating = "ValidatingWebhookConfiguration/kitei-validating", "MutatingWebhookConfiguration/kitei-mutating"
	enforced(t, metav1.ConditionTrue, v1alpha1.ReasonEnforced)
	for _, test := range []struct{ what, guard, patch string }{
		{"fails open", pods, `[{"op":"replace","path":"/spec/failurePolicy","value":"Ignore"}]`},
		{"asks nothing", pods, `[{"op":"replace","path":"/spec/validations/1/expression","value":"true"}]`},
		{"asks less", pods, `[{"op":"remove","path":"/spec/validations/0"}]`},
		{"one more condition", pods, `[{"op":"add","path":"/spec/matchConditions","value":[{"name":"not-mine",` +
			`"expression":"request.userInfo.username != 'mallory'"}]}]`},
		{"narrowed by namespaces", pods, `[{"op":"add","path":"/spec/matchConstraints/namespaceSelector/matchExpressions/-",` +
			`"value":{"key":"team","operator":"NotIn","values":["mallory"]}}]`},
		{"narrowed by objects", pods, `[{"op":"replace","path":"/spec/matchConstraints/objectSelector","value":` +
			`{"matchLabels":{"asked":"yes"}}}]`},
		{"a rule less", pods, `[{"op":"remove","path":"/spec/matchConstraints/resourceRules/1"}]`},
		{"an exclusion", pods, `[{"op":"add","path":"/spec/matchConstraints/excludeResourceRules","value":[{"apiGroups":[""],` +
			`"apiVersions":["*"],"operations":["CREATE"],"resources":["pods"]}]}]`},
		{"another variable", pods, `[{"op":"replace","path":"/spec/variables/4/expression","value":"'.*'"}]`},
		{"warns only", podsBinding, `[{"op":"replace","path":"/spec/validationActions","value":["Warn"]}]`},
		{"bound to less", podsBinding, `[{"op":"add","path":"/spec/matchResources","value":{"namespaceSelector":` +
			`{"matchLabels":{"asked":"yes"}}}}]`},
		{"bound elsewhere", "ValidatingAdmissionPolicyBinding/kitei-workloads",
			`[{"op":"add","path":"/spec/paramRef","value":{"name":"nothing","parameterNotFoundAction":"Allow"}}]`},
		{"trusts one more", "ValidatingAdmissionPolicy/kitei-namespaces",
			`[{"op":"replace","path":"/spec/matchConditions/0/expression","value":"request.userInfo.username != 'mallory'"}]`},
		{"no warnings", "ValidatingAdmissionPolicyBinding/kitei-warnings",
			`[{"op":"replace","path":"/spec/validationActions","value":["Audit"]}]`},
		{"holds less", hold, `[{"op":"replace","path":"/spec/matchConditions/0/expression","value":"false"}]`},
		{"another gate", hold, `[{"op":"replace","path":"/spec/mutations/0/applyConfiguration/expression","value":` +
			`"Object{spec: Object.spec{schedulingGates: [Object.spec.schedulingGates{name: 'example.com/mine'}]}}"}]`},
		{"holds elsewhere", "MutatingAdmissionPolicyBinding/kitei-hold", `[{"op":"add","path":"/spec/matchResources","value":` +
			`{"namespaceSelector":{"matchLabels":{"asked":"yes"}}}}]`},
		{"webhook fails open", validating, `[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]`},
		{"webhook not asked", validating, `[{"op":"add","path":"/webhooks/0/matchConditions","value":[{"name":"no",` +
			`"expression":"false"}]}]`},
		{"webhook gone", validating, `[{"op":"remove","path":"/webhooks/1"}]`},
		{"webhook narrowed", validating, `[{"op":"add","path":"/webhooks/2/namespaceSelector/matchLabels","value":{"asked":"yes"}}]`},
		{"webhook of one version", mutating, `[{"op":"replace","path":"/webhooks/0/rules/0/apiVersions","value":["v1alpha1"]}]`},
		{"webhook elsewhere", mutating, `[{"op":"replace","path":"/webhooks/0/clientConfig/url","value":` +
			`"https://mallory.example/mutate-changeapproval"}]`},
		{"another webhook's path", validating, fmt.Sprintf(`[{"op":"replace","path":"/webhooks/0/clientConfig/url","value":`+
			`"https://localhost:%d/validate-classification"}]`, env.webhookPort)},
	} {
		t.Run(test.what, func(t *testing.T) {
			was := guardAt(t, test.guard)
			must(t, env.admin.Patch(t.Context(), was.DeepCopy(), client.RawPatch(types.JSONPatchType, []byte(test.patch))))
			weakened := guardAt(t, test.guard)
			enforced(t, metav1.ConditionFalse, v1alpha1.ReasonPolicyChanged, test.guard)
			if now := guardAt(t, test.guard); !equality.Semantic.DeepEqual(now.Object["spec"], weakened.Object["spec"]) ||
				now.GetGeneration() != weakened.GetGeneration() {
				t.Error("the operator wrote to it")
			}
			putBack(t, test.guard, was)
			enforced(t, metav1.ConditionTrue, v1alpha1.ReasonEnforced)
		})
	}
	t.Run("two at once, and one missing", func(t *testing.T) {
		first, second, third := guardAt(t, pods), guardAt(t, hold), guardAt(t, podsBinding)
		open := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"failurePolicy":"Ignore"}}`))
		must(t, env.admin.Patch(t.Context(), first.DeepCopy(), open))
		enforced(t, metav1.ConditionFalse, v1alpha1.ReasonPolicyChanged, pods)
		must(t, env.admin.Patch(t.Context(), second.DeepCopy(), open))
		enforced(t, metav1.ConditionFalse, v1alpha1.ReasonPolicyChanged, pods, hold)
		must(t, env.admin.Delete(t.Context(), third.DeepCopy()))
		enforced(t, metav1.ConditionFalse, v1alpha1.ReasonPolicyMissing, pods, hold, podsBinding)
		eventually(t, "an event names both", func(ctx context.Context) error {
			var events eventsv1.EventList
			if err := env.admin.List(ctx, &events, client.InNamespace(metav1.NamespaceDefault)); err != nil {
				return err
			}
			for _, event := range events.Items {
				if event.Reason == "EnforcementChanged" && event.Type == corev1.EventTypeWarning &&
					strings.Contains(event.Note, pods) && strings.Contains(event.Note, hold) {
					return nil
				}
			}
			return fmt.Errorf("none of %d events", len(events.Items))
		})
		third.SetResourceVersion("")
		third.SetUID("")
		must(t, env.admin.Create(t.Context(), third))
		putBack(t, pods, first)
		putBack(t, hold, second)
		enforced(t, metav1.ConditionTrue, v1alpha1.ReasonEnforced)
	})
}
