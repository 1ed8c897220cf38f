package register

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/procedure"
)

// Seals tell what of a stamped object Kitei made: each method returns the object as far as that is proven.
type Seals interface {
	Approval(application *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval
	Consent(consent *v1alpha1.DataUseConsent) *v1alpha1.DataUseConsent
	Meeting(meeting *v1alpha1.CommitteeMeeting) *v1alpha1.CommitteeMeeting
}

// Unchecked takes every stamp for Kitei's: for who reads and has no key. What they read lets nothing run.
type Unchecked struct{}

// Approval is the application.
func (Unchecked) Approval(application *v1alpha1.ChangeApproval) *v1alpha1.ChangeApproval {
	return application
}

// Consent is the consent.
func (Unchecked) Consent(consent *v1alpha1.DataUseConsent) *v1alpha1.DataUseConsent { return consent }

// Meeting is the meeting.
func (Unchecked) Meeting(meeting *v1alpha1.CommitteeMeeting) *v1alpha1.CommitteeMeeting {
	return meeting
}

// Source says how a reader finds what no selectable field names, and which stamps count. What it gathers is attested: a stamp
// that no seal proves is not in it.
type Source struct {
	claims   func(context.Context, client.Reader, string) ([]v1alpha1.ElectronicSystem, error)
	meetings func(context.Context, client.Reader, string) ([]v1alpha1.CommitteeMeeting, error)
	// Seals tell what is proven.
	Seals Seals
	// Opened waits until the cache has the seals of what was decided before there was a ledger: who read before that would take
	// it for a forgery.
	Opened func(context.Context) error
}

// Cached is for a reader of the operator's indexed cache, once the ledger is opened.
func Cached(seals Seals, opened func(context.Context) error) Source {
	return Source{claims: Claims, meetings: Meetings, Seals: seals, Opened: opened}
}

// Live is for a reader of the API server.
func Live(seals Seals) Source {
	return Source{claims: LiveClaims, meetings: LiveMeetings, Seals: seals, Opened: func(context.Context) error { return nil }}
}

// Case gathers an application's papers.
func (s Source) Case(ctx context.Context, reader client.Reader, application *v1alpha1.ChangeApproval) (procedure.Case, error) {
	papers := procedure.Case{Application: s.Seals.Approval(application)}
	var err error
	if papers.Consents, err = Consents(ctx, reader, application.Name); err != nil {
		return papers, err
	}
	for i := range papers.Consents { // the lists are ours, what they share with the cache is not changed
		papers.Consents[i] = *s.Seals.Consent(&papers.Consents[i])
	}
	if papers.Meetings, err = s.meetings(ctx, reader, application.Name); err != nil {
		return papers, err
	}
	for i := range papers.Meetings {
		papers.Meetings[i] = *s.Seals.Meeting(&papers.Meetings[i])
	}
	return papers, nil
}

// Cases are the applications made for a system, each with its papers.
func (s Source) Cases(ctx context.Context, reader client.Reader, system string) ([]procedure.Case, error) {
	applications, err := Applications(ctx, reader, system)
	if err != nil {
		return nil, err
	}
	cases := make([]procedure.Case, 0, len(applications))
	for i := range applications {
		papers, err := s.Case(ctx, reader, &applications[i])
		if err != nil {
			return nil, err
		}
		cases = append(cases, papers)
	}
	return cases, nil
}
