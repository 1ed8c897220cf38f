package committeemeeting

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/webhook/attest"
)

// New makes the handler.
func New(live client.Reader, decoder admission.Decoder, time clock.PassiveClock, key ledger.Key,
) *attest.Handler[*v1alpha1.CommitteeMeeting] {
	return &attest.Handler[*v1alpha1.CommitteeMeeting]{
		Live: live, Decoder: decoder, Clock: time, Key: key, Unexpected: message.MeetingStampUnexpected,
		New:   func() *v1alpha1.CommitteeMeeting { return &v1alpha1.CommitteeMeeting{} },
		Rules: load,
	}
}

// load reads the committee that meets, and for a confirmation the applications on the agenda.
func load(ctx context.Context, live client.Reader, w write) (attest.Rules[*v1alpha1.CommitteeMeeting], error) {
	record := recordOf(w)
	r := rules{agenda: map[string]procedure.Case{}}
	if w.Unread {
		return r, nil
	}
	var committee v1alpha1.Committee
	switch err := live.Get(ctx, client.ObjectKey{Name: record.Spec.CommitteeRef.Name}, &committee); {
	case err == nil:
		r.committee = &committee
	case !apierrors.IsNotFound(err):
		return nil, fmt.Errorf("get committee %s: %w", record.Spec.CommitteeRef.Name, err)
	}
	if !w.Status || w.Object.Status.State == w.Old.Status.State {
		return r, nil
	}
	for _, item := range record.Spec.Agenda {
		papers, err := loadCase(ctx, live, w.Key, item.ApplicationRef.Name)
		if err != nil {
			return nil, err
		}
		if papers.Application != nil {
			r.agenda[item.ApplicationRef.Name] = papers
		}
	}
	return r, nil
}

// loadCase reads an application, and its papers where it waits for its ratification: another meeting may have decided that.
func loadCase(ctx context.Context, live client.Reader, seals register.Seals, name string) (procedure.Case, error) {
	var application v1alpha1.ChangeApproval
	switch err := live.Get(ctx, client.ObjectKey{Name: name}, &application); {
	case apierrors.IsNotFound(err):
		return procedure.Case{}, nil
	case err != nil:
		return procedure.Case{}, fmt.Errorf("get change approval %s: %w", name, err)
	case application.Status.RatifyBy == nil:
		return procedure.Case{Application: &application}, nil
	}
	return register.Live(seals).Case(ctx, live, &application)
}
