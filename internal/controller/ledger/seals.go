package ledger

import (
	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
)

// The Book tells what of an object is proven, as its key does; and it knows better: an approval or a consent that the ledger knows
// to be revoked was put back, seal and all, by whoever wrote etcd.

// Approval is an application as far as it is proven.
func (b *Book) Approval(application *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval {
	if b.putBack(application) {
		application = application.DeepCopy()
		application.Status.Seal = ""
	}
	return b.Key.Approval(application)
}

// Consent is a consent as far as it is proven.
func (b *Book) Consent(consent *v1alpha1.DataUseConsent) *v1alpha1.DataUseConsent {
	if b.putBack(consent) {
		consent = consent.DeepCopy()
		consent.Status.Seal = ""
	}
	return b.Key.Consent(consent)
}

// Meeting is a meeting as far as it is proven. A confirmation is never taken back.
func (b *Book) Meeting(meeting *v1alpha1.CommitteeMeeting) *v1alpha1.CommitteeMeeting {
	return b.Key.Meeting(meeting)
}

// putBack says whether an object bears a decision that the ledger knows to have ended.
func (b *Book) putBack(object any) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return ledger.PutBack(object, b.recorded.Has)
}
