package controlplane

import (
	"testing"

	"kitei.dev/kitei/api/v1alpha1"
)

// With the operator dead, what is approved keeps going, and what is not stays held.
func TestOperatorDown(t *testing.T) {
	approved, unapproved := newSystem(t), newSystem(t)
	approved.introduce(t, covered)
	must(t, env.admin.Create(t.Context(), approved.deployment(web, 1)))
	must(t, env.admin.Create(t.Context(), unapproved.deployment(web, 1)))
	approved.havePods(t, 0, 1)
	unapproved.havePods(t, 1, 0)
	waiting := unapproved.submit(t, unapproved.application("introduction", v1alpha1.ChangeIntroduction, covered))

	stopOperator(t)
	approved.scale(t, 5)
	unapproved.scale(t, 5)
	approved.havePods(t, 0, 5)
	unapproved.havePods(t, 5, 0)
	refused(t, decide(cio(t), waiting.Name, v1alpha1.DecisionApproved), "webhook") // nobody can attest it now
	unapproved.havePods(t, 5, 0)
}
