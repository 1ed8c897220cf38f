package clearance

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
)

func TestApproval(t *testing.T) {
	status := func(change func(*v1alpha1.ChangeApprovalStatus)) option {
		return func(a *v1alpha1.ChangeApproval) { change(&a.Status) }
	}
	exactly := func(set func(*v1alpha1.ApprovalScope, *metav1.Time), offset time.Duration) option {
		return func(a *v1alpha1.ChangeApproval) {
			at := metav1.NewTime(noon.Add(offset))
			set(&a.Spec.Scope, &at)
		}
	}
	notBefore := func(s *v1alpha1.ApprovalScope, at *metav1.Time) { s.NotBefore = at }
	notAfter := func(s *v1alpha1.ApprovalScope, at *metav1.Time) { s.NotAfter = at }
	minor := ofType(v1alpha1.ChangeMinor)
	for name, test := range map[string]struct {
		options []option
		want    ApprovalState
	}{
		"draft":                     {[]option{draft}, StateNotSubmitted},
		"no stage at all":           {[]option{draft, func(a *v1alpha1.ChangeApproval) { a.Spec.Stage = "" }}, StateNotSubmitted},
		"submitted":                 {nil, StatePending},
		"approved":                  {[]option{approved}, StateInEffect},
		"denied":                    {[]option{decided(v1alpha1.DecisionDenied, -1)}, StateDenied},
		"returned":                  {[]option{decided(v1alpha1.DecisionReturned, -1)}, StateReturned},
		"revoked":                   {[]option{decided(v1alpha1.DecisionRevoked, -1)}, StateRevoked},
		"a minor change, approved":  {[]option{minor, approved}, StateInEffect},
		"begins tomorrow":           {[]option{approved, from(1)}, StateNotYetInEffect},
		"begins in a nanosecond":    {[]option{approved, exactly(notBefore, 1)}, StateNotYetInEffect},
		"begins now":                {[]option{approved, exactly(notBefore, 0)}, StateInEffect},
		"ended yesterday":           {[]option{approved, to(-1)}, StateExpired},
		"ends now":                  {[]option{approved, exactly(notAfter, 0)}, StateExpired},
		"ends in a nanosecond":      {[]option{approved, exactly(notAfter, 1)}, StateInEffect},
		"within its time":           {[]option{approved, from(-1), to(1)}, StateInEffect},
		"revoked within its time":   {[]option{decided(v1alpha1.DecisionRevoked, -1), from(-1), to(1)}, StateRevoked},
		"pending though in time":    {[]option{from(-1), to(1)}, StatePending},
		"denied before its time":    {[]option{decided(v1alpha1.DecisionDenied, -1), from(1)}, StateDenied},
		"unattested before it ends": {[]option{approved, to(-1), status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedBy = "" })}, StateUnattested},

		"nobody decided":         {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedBy = "" })}, StateUnattested},
		"the applicant decided":  {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedBy = "finance-head" })}, StateUnattested},
		"decided at no time":     {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedAt = nil })}, StateUnattested},
		"decided as nothing":     {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedAs = "" })}, StateUnattested},
		"decided on an old spec": {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedGeneration = 1 })}, StateUnattested},
		"the spec changed since": {[]option{approved, func(a *v1alpha1.ChangeApproval) { a.Generation++ }}, StateUnattested},
		"nobody submitted":       {[]option{approved, func(a *v1alpha1.ChangeApproval) { a.Spec.Submission = nil }}, StateUnattested},
		"a draft, approved":      {[]option{approved, draft}, StateUnattested},
		"an introduction, by a section head": {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) {
			s.DecidedAs = v1alpha1.RoleManagingSectionHead
		})}, StateUnattested},
		"an introduction, by the information manager": {[]option{approved, status(func(s *v1alpha1.ChangeApprovalStatus) {
			s.DecidedAs = v1alpha1.RoleDigitalPromotionSectionHead
		})}, StateUnattested},
		"a minor change, by the chief information officer": {[]option{minor, approved, status(func(s *v1alpha1.ChangeApprovalStatus) {
			s.DecidedAs = v1alpha1.RoleChiefInformationOfficer
		})}, StateUnattested},
		// A revocation ends an approval, whoever wrote it: here it costs nothing to believe.
		"revoked by nobody": {[]option{decided(v1alpha1.DecisionRevoked, -1), status(func(s *v1alpha1.ChangeApprovalStatus) { s.DecidedBy = "" })}, StateRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			a := application("a", test.options...)
			if got := Approval(procedure.Case{Application: &a}, ward()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
