package datauseconsent

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/webhook/attest"
)

type write = attest.Write[*v1alpha1.DataUseConsent]

// rules on a write, with what they depend on.
type rules struct {
	// application that the consent is for; nil if there is none.
	application *v1alpha1.ChangeApproval
}

// Review decides a write.
func (r rules) Review(w write) (*v1alpha1.DataUseConsent, *attest.Refusal) {
	switch {
	case w.Status:
		return r.reviewStatus(w)
	case w.Created:
		return w.Object, r.reviewNew(w)
	}
	return w.Object, nil // the spec cannot change, and the rest says nothing
}

// reviewNew lets the operator's account make what a submitted application asks for, and nobody anything.
func (r rules) reviewNew(w write) *attest.Refusal {
	spec := &w.Object.Spec
	switch {
	case w.Identity.Username != v1alpha1.OperatorUsername:
		return attest.Refuse(message.ConsentNotYours, w.Identity.Username)
	case r.application == nil || r.application.Spec.Stage != v1alpha1.StageSubmitted ||
		!slices.ContainsFunc(r.application.Spec.DataUse, func(use v1alpha1.DataUse) bool {
			return equality.Semantic.DeepEqual(use, spec.Use)
		}):
		return attest.Refuse(message.ConsentOfNoUse, w.Object.Name, spec.ApplicationRef.Name)
	}
	return nil
}

func (r rules) reviewStatus(w write) (*v1alpha1.DataUseConsent, *attest.Refusal) {
	before, after := &w.Old.Status, &w.Object.Status
	if w.Identity.Username == v1alpha1.OperatorUsername {
		return w.Object, reviewOperator(w)
	}
	if field := forgedField(before, after); field != "" {
		return nil, attest.Refuse(message.ConsentStampForged, field)
	}
	switch {
	case !equality.Semantic.DeepEqual(before.Conditions, after.Conditions):
		return nil, attest.Refuse(message.ConsentConditions, w.Old.Name)
	case before.Decision == after.Decision && before.DecisionReason != after.DecisionReason:
		return nil, attest.Refuse(message.ConsentReasonAlone, w.Old.Name)
	case before.Decision == after.Decision:
		return w.Object, nil
	}
	return r.decide(w)
}

// reviewOperator lets the operator's own account write conditions, and the seals with which a ledger is opened, and nothing else:
// it decides nothing.
func reviewOperator(w write) *attest.Refusal {
	rest := w.Object.Status.DeepCopy()
	rest.Conditions = w.Old.Status.Conditions
	sealed := w.Old.DeepCopy()
	sealed.Status = *rest
	if w.Old.Status.Decision != "" && w.Key.OnlySealed(w.Old, sealed) {
		rest.Seal, rest.PastDecisions = w.Old.Status.Seal, w.Old.Status.PastDecisions
	}
	if !equality.Semantic.DeepEqual(*rest, w.Old.Status) {
		return notEntitled(w)
	}
	return nil
}

// forgedField names the first stamped field that the request itself would change.
func forgedField(before, after *v1alpha1.DataUseConsentStatus) string {
	switch {
	case before.DecidedBy != after.DecidedBy:
		return "status.decidedBy"
	case before.DecidedAs != after.DecidedAs:
		return "status.decidedAs"
	case !before.DecidedAt.Equal(after.DecidedAt):
		return "status.decidedAt"
	case before.Seal != after.Seal:
		return "status.seal"
	case !equality.Semantic.DeepEqual(before.PastDecisions, after.PastDecisions):
		return "status.pastDecisions"
	}
	return ""
}

// decide stamps a legal move by the head of the section whose data it is. A consent is given or refused while the application
// waits for its own decision; it can be revoked at any time.
func (r rules) decide(w write) (*v1alpha1.DataUseConsent, *attest.Refusal) {
	before, name := &w.Old.Status, w.Old.Name
	stamped := w.Object.DeepCopy()
	after := &stamped.Status
	first := before.Decision == "" && (after.Decision == v1alpha1.DecisionApproved || after.Decision == v1alpha1.DecisionDenied)
	revocation := before.Decision == v1alpha1.DecisionApproved && after.Decision == v1alpha1.DecisionRevoked
	if !first && !revocation {
		if before.Decision == "" {
			return nil, attest.Refuse(message.ConsentNotYet, name, string(after.Decision))
		}
		return nil, attest.Refuse(message.ConsentMoveBad, name, string(before.Decision), string(after.Decision), before.DecidedBy)
	}
	office, entitled := w.Identity.Among(w.Organisation.DataSectionHead(&w.Old.Spec.Use.SectionRef))
	switch {
	case !entitled:
		return nil, notEntitled(w)
	case first && r.application == nil:
		return nil, attest.Refuse(message.ConsentApplicationMissing, name, w.Old.Spec.ApplicationRef.Name)
	case first && r.application.Status.Decision != "":
		return nil, attest.Refuse(message.ConsentTooLate, name, r.application.Name, string(r.application.Status.Decision))
	}
	if revocation {
		keepRecord(w.Old, after)
	}
	now := w.Now()
	after.DecidedBy, after.DecidedAs, after.DecidedAt = w.Identity.Username, office.Role, &now
	decided := w.Old.DeepCopy() // the spec that comes with a status counts for nothing
	decided.Status = *after
	stamp, _ := ledger.Consent(decided)
	after.Seal = w.Key.Seal(stamp.Entry)
	return stamped, nil
}

// keepRecord puts the consent that ends among the past decisions. One that nobody stamped leaves none, and can be revoked all
// the same.
func keepRecord(old *v1alpha1.DataUseConsent, after *v1alpha1.DataUseConsentStatus) {
	before := &old.Status
	if before.DecidedAt != nil {
		after.PastDecisions = append(after.PastDecisions, v1alpha1.PastDecision{
			Decision: before.Decision, Reason: before.DecisionReason, By: before.DecidedBy, As: before.DecidedAs, At: *before.DecidedAt,
			Generation: old.Generation, Seal: before.Seal,
		})
	}
	if after.DecisionReason == before.DecisionReason { // a merge patch keeps the old reason: it was not given for this
		after.DecisionReason = ""
	}
}

func notEntitled(w write) *attest.Refusal {
	offices := w.Organisation.DataSectionHead(&w.Old.Spec.Use.SectionRef)
	return attest.Refuse(message.NotEntitledToConsent, w.Identity.Username, w.Old.Name,
		clearance.Offices(offices, v1alpha1.RoleDataSectionHead, w.Printer()))
}

// Delete decides a deletion: a decision stays on record. What nobody decided may go, and Kitei makes it anew.
func (r rules) Delete(w write) *attest.Refusal {
	if w.Object.Status.Decision == "" {
		return nil
	}
	return attest.Refuse(message.ConsentStays, w.Object.Name, w.Object.Status.DecidedBy)
}

// decides says whether the write is one by which somebody decides.
func decides(w write) bool {
	return w.Status && w.Object.Status.Decision != w.Old.Status.Decision && w.Identity.Username != v1alpha1.OperatorUsername
}

// Unstamped takes the stamp of a decision off.
func (r rules) Unstamped(w write) *v1alpha1.DataUseConsent {
	if !decides(w) {
		return w.Object
	}
	object, before := w.Object.DeepCopy(), w.Old.Status.DeepCopy()
	object.Status.DecidedBy, object.Status.DecidedAs, object.Status.DecidedAt = before.DecidedBy, before.DecidedAs, before.DecidedAt
	object.Status.Seal, object.Status.PastDecisions = before.Seal, before.PastDecisions
	return object
}

// StampedAt is when the object says that it was decided.
func (r rules) StampedAt(w write) *metav1.Time {
	if !decides(w) {
		return nil
	}
	return w.Object.Status.DecidedAt
}
