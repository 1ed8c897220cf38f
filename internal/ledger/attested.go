package ledger

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"

	"kitei.dev/kitei/api/v1alpha1"
)

// Seal of an entry.
func (k Key) Seal(entry v1alpha1.LedgerEntry) v1alpha1.Seal { return k.sign(sealed(entry)) }

// SealFound seals the decisions that an object bears and that no seal of this key proves, as found: they stood when the ledger
// began. It says whether there were any.
func (k Key) SealFound(object any) bool {
	found := false
	seal := func(at *v1alpha1.Seal, stamp Stamp, is bool) {
		if !is || stamp.Entry.By == "" || k.proven(stamp, true) {
			return
		}
		stamp.Entry.Found, found = true, true
		*at = k.Seal(stamp.Entry)
	}
	switch object := object.(type) {
	case *v1alpha1.ChangeApproval:
		for i := range object.Status.PastDecisions {
			past := &object.Status.PastDecisions[i]
			seal(&past.Seal, decision(object, *past), true)
		}
		stamp, is := Decision(object)
		seal(&object.Status.Seal, stamp, is)
	case *v1alpha1.DataUseConsent:
		for i := range object.Status.PastDecisions {
			past := &object.Status.PastDecisions[i]
			seal(&past.Seal, consented(object, *past), true)
		}
		stamp, is := Consent(object)
		seal(&object.Status.Seal, stamp, is)
	case *v1alpha1.CommitteeMeeting:
		stamp, is := Meeting(object)
		seal(&object.Status.Seal, stamp, is)
	}
	return found
}

// OnlySealed says whether nothing differs between two states of an object's decisions but seals, and each that differs is
// right: that is the opening of a ledger, whoever writes it.
func (p Public) OnlySealed(before, after any) bool {
	old, stamps := Stamps(before), Stamps(after)
	if len(old) != len(stamps) {
		return false
	}
	for i := range stamps {
		if !equality.Semantic.DeepEqual(old[i].Entry, stamps[i].Entry) || old[i].Seal != stamps[i].Seal && !p.proven(stamps[i], true) {
			return false
		}
	}
	return true
}

// Proven says whether a stamp's seal is Kitei's, on exactly this entry, and returns what it proves.
func (p Public) Proven(stamp Stamp) (v1alpha1.LedgerEntry, bool) {
	entry := stamp.Entry
	if p.signed(sealed(entry), stamp.Seal) {
		return entry, true
	}
	entry.Found = true
	return entry, p.signed(sealed(entry), stamp.Seal)
}

// Submitted says whether Kitei attests an application's submission.
func (p Public) Submitted(application *v1alpha1.ChangeApproval) bool {
	return p.proven(Submission(application))
}

func (p Public) proven(stamp Stamp, is bool) bool {
	if !is || stamp.Seal == "" {
		return false
	}
	_, proven := p.Proven(stamp)
	return proven
}

// Approval is an application as far as Kitei's seals prove it: a decision, or a submission, without one is nobody's. It is the
// object itself where everything is proven.
func (p Public) Approval(application *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval {
	decided := p.proven(Decision(application))
	unproven := func(past v1alpha1.PastDecision) bool { return !p.proven(decision(application, past), true) }
	attested := application
	if application.Status.Decision != "" && !decided || slices.ContainsFunc(application.Status.PastDecisions, unproven) {
		attested = attested.DeepCopy()
		attested.Status.PastDecisions = slices.DeleteFunc(attested.Status.PastDecisions, unproven)
		if !decided {
			attested.Status.DecidedBy, attested.Status.DecidedAs = "", ""
		}
	}
	// What a proven decision was made on is proven with it.
	if application.Spec.Submission != nil && !decided && !p.proven(Submission(application)) {
		attested = attested.DeepCopy()
		attested.Spec.Submission.By, attested.Spec.Submission.As = "", ""
	}
	return attested
}

// Consent is a consent as far as Kitei's seals prove it: a decision without one is nobody's.
func (p Public) Consent(consent *v1alpha1.DataUseConsent) *v1alpha1.DataUseConsent {
	if consent.Status.Decision == "" || p.proven(Consent(consent)) {
		return consent
	}
	attested := consent.DeepCopy()
	attested.Status.DecidedBy, attested.Status.DecidedAs = "", ""
	return attested
}

// Meeting is a meeting as far as Kitei's seals prove it: a confirmation without one is none.
func (p Public) Meeting(meeting *v1alpha1.CommitteeMeeting) *v1alpha1.CommitteeMeeting {
	if meeting.Status.State == "" || p.proven(Meeting(meeting)) {
		return meeting
	}
	attested := meeting.DeepCopy()
	attested.Status = v1alpha1.CommitteeMeetingStatus{Conditions: meeting.Status.Conditions}
	return attested
}
