package clearance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

func TestDecisions(t *testing.T) {
	by := func(by string) option { return func(a *v1alpha1.ChangeApproval) { a.Status.DecidedBy = by } }
	// after puts an approval before the decision that there is.
	after := func(by string) option {
		return func(a *v1alpha1.ChangeApproval) {
			a.Status.PastDecisions = []v1alpha1.PastDecision{{Decision: v1alpha1.DecisionApproved, By: by, As: a.Status.DecidedAs,
				At: metav1.NewTime(noon), Generation: a.Generation}}
		}
	}
	revoked := decided(v1alpha1.DecisionRevoked, -1)
	for name, test := range map[string]struct {
		options []option
		want    []v1alpha1.Decision
	}{
		"none":                                  {nil, nil},
		"a draft":                               {[]option{draft}, nil},
		"approved":                              {[]option{approved}, []v1alpha1.Decision{"Approved"}},
		"denied":                                {[]option{decided(v1alpha1.DecisionDenied, -1)}, []v1alpha1.Decision{"Denied"}},
		"denied by nobody":                      {[]option{decided(v1alpha1.DecisionDenied, -1), by("")}, nil},
		"denied by the applicant":               {[]option{decided(v1alpha1.DecisionDenied, -1), by("finance-head")}, nil},
		"returned, and the spec changed since":  {[]option{decided(v1alpha1.DecisionReturned, -1), func(a *v1alpha1.ChangeApproval) { a.Generation++ }}, nil},
		"approved and revoked":                  {[]option{revoked, after("cio")}, []v1alpha1.Decision{"Approved", "Revoked"}},
		"approved, and revoked by nobody":       {[]option{revoked, after("cio"), by("")}, []v1alpha1.Decision{"Approved"}},
		"approved by the applicant and revoked": {[]option{revoked, after("finance-head")}, []v1alpha1.Decision{"Revoked"}},
	} {
		a := application("a", test.options...)
		before := a.DeepCopy()
		var got []v1alpha1.Decision
		for _, decision := range Decisions(&a) {
			got = append(got, decision.Decision)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(before, &a); diff != "" {
			t.Errorf("%s: the application changed:\n%s", name, diff)
		}
	}
}
