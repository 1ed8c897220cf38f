package clearance

import (
	"strings"
	"time"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// Explain says a namespace's verdict on one line: what, which article, who must act, and what to run next.
func Explain(v Verdict, organisation regulation.Organisation, language v1alpha1.Language) string {
	p := message.In(language)
	switch v.Reason {
	case v1alpha1.ReasonNoRegulation:
		return p.Say(message.NoRegulation)
	case v1alpha1.ReasonUnregisteredNamespace:
		return p.Say(message.UnregisteredNamespace, v.Namespace)
	case v1alpha1.ReasonApproved, v1alpha1.ReasonNoManagingSection, v1alpha1.ReasonNotApproved, v1alpha1.ReasonNotYetInEffect,
		v1alpha1.ReasonImageNotCovered, v1alpha1.ReasonExpired, v1alpha1.ReasonRevoked, v1alpha1.ReasonTooManyImages,
		v1alpha1.ReasonConsentMissing, v1alpha1.ReasonUnratified, v1alpha1.ReasonNamespaceNotCovered:
	}
	return ExplainSystem(v.System, organisation, language)
}

// ExplainSystem says a system's verdict in the same way.
func ExplainSystem(v SystemVerdict, organisation regulation.Organisation, language v1alpha1.Language) string {
	p := message.In(language)
	name := SystemName(v.System, p)
	switch v.Reason {
	case v1alpha1.ReasonApproved:
		return explainApproved(v, organisation, p)
	case v1alpha1.ReasonNoManagingSection:
		return explainSection(v, organisation, p)
	case v1alpha1.ReasonNamespaceNotCovered:
		applicants := organisation.Applicants(v.System, v1alpha1.ChangeModification)
		return p.Say(message.NamespaceNotCovered, name, Offices(applicants, v1alpha1.RoleDepartmentHead, p), v.System.Name)
	case v1alpha1.ReasonTooManyImages:
		count := 0
		for _, approval := range v.InEffect {
			count += len(approval.Spec.Scope.Images)
		}
		applicants := organisation.Applicants(v.System, v1alpha1.ChangeModification)
		return p.Say(message.TooManyImages, name, count, Offices(applicants, v1alpha1.RoleDepartmentHead, p))
	case v1alpha1.ReasonNotApproved, v1alpha1.ReasonNotYetInEffect, v1alpha1.ReasonExpired, v1alpha1.ReasonRevoked,
		v1alpha1.ReasonConsentMissing, v1alpha1.ReasonUnratified,
		v1alpha1.ReasonImageNotCovered, v1alpha1.ReasonNoRegulation, v1alpha1.ReasonUnregisteredNamespace:
	}
	return explainUnapproved(v, organisation, p)
}

func explainApproved(v SystemVerdict, organisation regulation.Organisation, p message.Printer) string {
	name, approvals := SystemName(v.System, p), p.List(v.ApprovalNames())
	if v.AnyImage {
		return p.Say(message.ApprovedAnyImage, name, approvals)
	}
	sources := make([]string, 0, len(v.Images.Sources()))
	for _, source := range v.Images.Sources() {
		sources = append(sources, string(source))
	}
	applicants := organisation.Applicants(v.System, v1alpha1.ChangeModification)
	return p.Say(message.ApprovedImages, name, approvals, p.List(sources), v.System.Name,
		Offices(applicants, v1alpha1.RoleDepartmentHead, p))
}

func explainSection(v SystemVerdict, organisation regulation.Organisation, p message.Printer) string {
	name := SystemName(v.System, p)
	switch v.Section {
	case regulation.SectionNotFound:
		return p.Say(message.SectionNotFound, name, v.System.Name, v.System.Spec.ManagingSectionRef.Name)
	case regulation.SectionAbolished:
		section := organisation.Sections[v.System.Spec.ManagingSectionRef.Name]
		return p.Say(message.SectionAbolished, name, v.System.Name, section.Spec.DisplayName, string(*section.Spec.AbolishedOn))
	case regulation.SectionUnnamed, regulation.SectionStanding:
	}
	return p.Say(message.SectionUnnamed, name, v.System.Name)
}

func explainUnapproved(v SystemVerdict, organisation regulation.Organisation, p message.Printer) string {
	name := SystemName(v.System, p)
	offices := organisation.Applicants(v.System, v1alpha1.ChangeIntroduction)
	if len(offices) == 0 && v.State != StatePending && v.State != StateNotYetInEffect {
		return p.Say(message.NobodyCanApply, name, v.System.Spec.ManagingSectionRef.Name)
	}
	applicants := Offices(offices, v1alpha1.RoleDepartmentHead, p)
	if v.Decisive == nil {
		return p.Say(message.NotAppliedFor, name, applicants)
	}
	decisive := v.Decisive.Application
	application, status := decisive.Name, &decisive.Status
	deciders := organisation.Deciders(v.System, decisive.Spec.Type)
	moment := func(at time.Time) string {
		return Moment(at, organisation)
	}
	switch v.State {
	case StateNotSubmitted:
		return p.Say(message.DraftWaits, name, application, applicants)
	case StatePending:
		return explainPending(v, organisation, p)
	case StateDenied, StateReturned:
		return p.Say(message.Refused, name, application, p.Say(message.ID(v.State)), applicants)
	case StateUnattested:
		return p.Say(message.Unattested, name, application, Offices(deciders, v1alpha1.RoleChiefInformationOfficer, p))
	case StateNotYetInEffect:
		return p.Say(message.NotYetInEffect, name, application, moment(decisive.Spec.Scope.NotBefore.Time))
	case StateExpired:
		return p.Say(message.Expired, name, application, moment(decisive.Spec.Scope.NotAfter.Time), applicants)
	case StateRevoked:
		return p.Say(message.Revoked, name, application, status.DecidedBy, moment(decidedAt(decisive)), applicants)
	case StateConsentMissing:
		return p.Say(message.ConsentMissing, name, application, Consents(v.Decisive.MissingConsents(), organisation, p))
	case StateUnratified:
		return p.Say(message.Unratified, name, application, moment(status.RatifyBy.Time), applicants)
	case StateInEffect:
	}
	return p.Say(message.NotAppliedFor, name, applicants)
}

// explainPending says for whom a submitted application waits: the sections whose data it uses (article 14), the committee
// (article 12-4), or who decides.
func explainPending(v SystemVerdict, organisation regulation.Organisation, p message.Printer) string {
	name, decisive := SystemName(v.System, p), v.Decisive.Application
	deciders := organisation.Deciders(v.System, decisive.Spec.Type)
	if missing := v.Decisive.MissingConsents(); len(missing) > 0 {
		return p.Say(message.ConsentWaits, name, decisive.Name, Consents(missing, organisation, p))
	}
	if committee := procedure.Committee(organisation, decisive.Spec.Type); committee != "" {
		if meeting, _ := v.Decisive.Decided(committee); meeting == nil {
			return p.Say(message.CommitteeWaits, name, decisive.Name, committee)
		}
	}
	if len(deciders) == 0 {
		return p.Say(message.DecisionWaitsForNobody, name, decisive.Name)
	}
	return p.Say(message.DecisionWaits, name, decisive.Name, Deciders(deciders, decisive.Spec.Type, p))
}

// Consents writes the uses of data that lack their consent, each with the office that gives it.
func Consents(missing []procedure.MissingConsent, organisation regulation.Organisation, p message.Printer) string {
	written := make([]string, 0, len(missing))
	for _, one := range missing {
		office := Offices(organisation.DataSectionHead(&one.Use.SectionRef), v1alpha1.RoleDataSectionHead, p)
		state := message.ConsentAwaited
		switch one.Decision {
		case v1alpha1.DecisionDenied:
			state = message.ConsentDenied
		case v1alpha1.DecisionRevoked:
			state = message.ConsentRevoked
		case v1alpha1.DecisionApproved, v1alpha1.DecisionReturned:
		}
		written = append(written, p.Say(state, one.Use.Name, office))
	}
	return p.List(written)
}

// SystemName writes a system as a person knows it: its display name and its name.
func SystemName(system *v1alpha1.ElectronicSystem, p message.Printer) string {
	return p.Say(message.System, system.Spec.DisplayName, system.Name)
}

// Applicants writes the offices that can apply for a change of the type, or the one that is missing (articles 12 and 13).
func Applicants(offices []regulation.Office, change v1alpha1.ChangeType, p message.Printer) string {
	if change == v1alpha1.ChangeMinor {
		return Offices(offices, v1alpha1.RoleUsingSectionHead, p)
	}
	return Offices(offices, v1alpha1.RoleDepartmentHead, p)
}

// Deciders writes the offices that can decide a change of the type, or the one that is missing (articles 12 and 13).
func Deciders(offices []regulation.Office, change v1alpha1.ChangeType, p message.Printer) string {
	if change == v1alpha1.ChangeMinor {
		return Offices(offices, v1alpha1.RoleManagingSectionHead, p)
	}
	return Offices(offices, v1alpha1.RoleChiefInformationOfficer, p)
}

// Moment writes a time for people, in the regulation's time zone.
func Moment(at time.Time, organisation regulation.Organisation) string {
	return at.In(organisation.Location()).Format("2006-01-02 15:04 MST")
}

// Offices writes offices as a person knows them, for example 情報統括責任者（管理部長）. Where the list is empty it writes the
// role that is missing.
func Offices(offices []regulation.Office, missing v1alpha1.OfficeRole, p message.Printer) string {
	if len(offices) == 0 {
		return p.Say(message.OfficeNot, p.Say(message.ID(missing)))
	}
	const most = 4
	written := make([]string, 0, most)
	for _, office := range offices[:min(most, len(offices))] {
		role := p.Say(message.ID(office.Role))
		if len(office.Subjects) == 0 {
			role = p.Say(message.OfficeNot, role)
		}
		written = append(written, p.Say(message.OfficeOf, role, office.Title))
	}
	text := strings.Join(written, p.Say(message.Or))
	if more := len(offices) - most; more > 0 {
		text += p.Say(message.AndMore, more)
	}
	return text
}
