package procedure

import (
	"cmp"
	"slices"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
)

// Case (案件) is an application with the papers that bear on it. Papers of other applications are passed over.
type Case struct {
	// Application itself.
	Application *v1alpha1.ChangeApproval
	// Consents asked for it (article 14).
	Consents []v1alpha1.DataUseConsent
	// Meetings that have it on their agenda (article 12-4).
	Meetings []v1alpha1.CommitteeMeeting
}

// MissingConsent is a use of another section's data to which its head has not consented.
type MissingConsent struct {
	// Use as the application states it.
	Use v1alpha1.DataUse
	// Decision that stands instead: empty while it waits, Denied or Revoked.
	Decision v1alpha1.Decision
}

// NeedsConsent says whether the application uses data of another section to which its head must consent.
func (c Case) NeedsConsent() bool {
	return slices.ContainsFunc(c.Application.Spec.DataUse, needsConsent)
}

// needsConsent exempts data that is only items of 住民基本台帳法第7条第1号 to 第8号 (article 14-1, proviso).
func needsConsent(use v1alpha1.DataUse) bool { return len(use.ResidentRegisterItems) == 0 }

// MissingConsents lists the uses that still need the consent of the section whose data it is (article 14-1).
func (c Case) MissingConsents() []MissingConsent {
	var missing []MissingConsent
	for _, use := range c.Application.Spec.DataUse {
		if !needsConsent(use) {
			continue
		}
		if decision := c.consent(use); decision != v1alpha1.DecisionApproved {
			missing = append(missing, MissingConsent{Use: use, Decision: decision})
		}
	}
	return missing
}

// consent is what the head of the section decided on a use; empty while nothing is. A decision without its stamp is none.
func (c Case) consent(use v1alpha1.DataUse) v1alpha1.Decision {
	paper := c.paper(use)
	if paper == nil || paper.Status.Decision == v1alpha1.DecisionApproved && !attested(&paper.Status) {
		return ""
	}
	return paper.Status.Decision
}

// paper is the consent asked for a use; nil for none.
func (c Case) paper(use v1alpha1.DataUse) *v1alpha1.DataUseConsent {
	at := slices.IndexFunc(c.Consents, func(paper v1alpha1.DataUseConsent) bool {
		return paper.Spec.ApplicationUID == string(c.Application.UID) && paper.Spec.Use.Name == use.Name &&
			paper.Spec.Use.SectionRef == use.SectionRef && paper.Spec.Use.Data == use.Data
	})
	if at < 0 {
		return nil
	}
	return &c.Consents[at]
}

func attested(status *v1alpha1.DataUseConsentStatus) bool {
	return status.DecidedBy != "" && status.DecidedAt != nil && status.DecidedAs == v1alpha1.RoleDataSectionHead
}

// WithdrawnAt is when an approval first lost a consent: zero where none was revoked, or nobody attests when. Every consent was
// given before the approval, so that a stamp which is no later is still that of the consent.
func (c Case) WithdrawnAt() time.Time {
	var first time.Time
	for _, missing := range c.MissingConsents() {
		if missing.Decision != v1alpha1.DecisionRevoked {
			continue
		}
		status := &c.paper(missing.Use).Status
		if attested(status) && c.Application.Status.DecidedAt.Before(status.DecidedAt) &&
			(first.IsZero() || status.DecidedAt.Time.Before(first)) {
			first = status.DecidedAt.Time
		}
	}
	return first
}

// Decided is the meeting of the committee that last decided the application, and its outcome; nil while none has. Only a
// quorate meeting whose record the chair confirmed decides anything (articles 16, 18 and 19-1).
func (c Case) Decided(committee string) (*v1alpha1.CommitteeMeeting, v1alpha1.Outcome) {
	return c.deciding(committee, time.Time{}, func(a, b *v1alpha1.CommitteeMeeting) int {
		return cmp.Or(cmp.Compare(b.Spec.HeldOn, a.Spec.HeldOn), b.Status.ConfirmedAt.Compare(a.Status.ConfirmedAt.Time),
			cmp.Compare(b.Name, a.Name))
	})
}

// ratifying is the meeting that decided on an approval which was given in urgency, and its outcome: the first one of which the
// chair confirmed the record since. It settles the matter, so that no other is confirmed after it; of two that were confirmed
// in the same moment, when neither request saw the other, the other decides nothing.
func (c Case) ratifying(committee string) (*v1alpha1.CommitteeMeeting, v1alpha1.Outcome) {
	return c.deciding(committee, c.Application.Status.DecidedAt.Time, func(a, b *v1alpha1.CommitteeMeeting) int {
		return cmp.Or(a.Status.ConfirmedAt.Compare(b.Status.ConfirmedAt.Time), cmp.Compare(a.Spec.HeldOn, b.Spec.HeldOn),
			cmp.Compare(a.Name, b.Name))
	})
}

// deciding is the first, in an order, of the committee's meetings that decided the application and were confirmed since a moment.
func (c Case) deciding(committee string, since time.Time, order func(a, b *v1alpha1.CommitteeMeeting) int) (
	*v1alpha1.CommitteeMeeting, v1alpha1.Outcome,
) {
	var first *v1alpha1.CommitteeMeeting
	for i := range c.Meetings {
		meeting := &c.Meetings[i]
		if meeting.Spec.CommitteeRef.Name != committee || OutcomeOf(meeting, c.Application.Name) == "" || !Binding(meeting) ||
			meeting.Status.ConfirmedAt.Time.Before(since) {
			continue
		}
		if first == nil || order(meeting, first) < 0 {
			first = meeting
		}
	}
	if first == nil {
		return nil, ""
	}
	return first, OutcomeOf(first, c.Application.Name)
}

// OnAgenda says whether any meeting of the committee has the application on its agenda (付議, article 12-4).
func (c Case) OnAgenda(committee string) bool {
	return slices.ContainsFunc(c.Meetings, func(meeting v1alpha1.CommitteeMeeting) bool {
		return meeting.Spec.CommitteeRef.Name == committee && slices.ContainsFunc(meeting.Spec.Agenda, func(item v1alpha1.AgendaItem) bool {
			return item.ApplicationRef.Name == c.Application.Name
		})
	})
}

// Carried says whether the named meeting is binding and approved the application (可決).
func (c Case) Carried(meeting string) bool {
	return slices.ContainsFunc(c.Meetings, func(m v1alpha1.CommitteeMeeting) bool {
		return m.Name == meeting && Binding(&m) && OutcomeOf(&m, c.Application.Name) == v1alpha1.OutcomeApproved
	})
}
