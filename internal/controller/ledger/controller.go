package ledger

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/register"
)

// EventUnattested is the reason of the event on an object that bears a stamp which Kitei did not make.
const EventUnattested = "Unattested"

// Reconciler records what the objects say that bear stamps.
type Reconciler struct {
	Book   *Book
	Events events.EventRecorder
	// Language of the regulation.
	Language func(context.Context) v1alpha1.Language
}

// SetupWithManager starts the ledger and its controllers with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	if err := manager.Add(r.Book); err != nil {
		return fmt.Errorf("add the ledger: %w", err)
	}
	c := manager.GetClient()
	for name, watched := range map[string]struct {
		object client.Object
		does   reconcile.Reconciler
	}{
		"ledger-changeapproval": {&v1alpha1.ChangeApproval{}, reconcile.AsReconciler(c, recorder[*v1alpha1.ChangeApproval]{r, r.notifications})},
		"ledger-datauseconsent": {&v1alpha1.DataUseConsent{}, reconcile.AsReconciler(c, recorder[*v1alpha1.DataUseConsent]{r, nil})},
		"ledger-committeemeeting": {&v1alpha1.CommitteeMeeting{},
			reconcile.AsReconciler(c, recorder[*v1alpha1.CommitteeMeeting]{r, r.ratifications})},
	} {
		if err := ctrl.NewControllerManagedBy(manager).Named(name).For(watched.object).
			Complete(watching.After(r.Book.Opened, watched.does)); err != nil {
			return fmt.Errorf("set up the controller %s: %w", name, err)
		}
	}
	return nil
}

// recorder records one kind of object.
type recorder[T client.Object] struct {
	*Reconciler

	// more are the entries that follow from the object beside those of its own stamps.
	more func(context.Context, T) ([]v1alpha1.LedgerEntry, error)
}

// Reconcile records what an object's stamps say that their seals prove, and reports those that none proves.
func (r recorder[T]) Reconcile(ctx context.Context, object T) (ctrl.Result, error) {
	var entries []v1alpha1.LedgerEntry
	unproven := r.Book.putBack(object)
	for _, stamp := range ledger.Stamps(object) {
		entry, proven := r.Book.Key.Proven(stamp)
		switch {
		case proven:
			entries = append(entries, entry)
		// The decision that was made on a submission proves it too.
		case stamp.Entry.Kind != v1alpha1.EntrySubmission:
			unproven = true
		}
	}
	if unproven {
		p := message.In(r.Language(ctx))
		r.Events.Eventf(object, nil, corev1.EventTypeWarning, EventUnattested, "Attest", "%s",
			message.Note(p.Say(message.StampUnattested, object.GetName())))
	} else if r.more != nil {
		more, err := r.more(ctx, object)
		if err != nil {
			return ctrl.Result{}, err
		}
		entries = append(entries, more...)
	}
	return ctrl.Result{}, r.Book.Record(ctx, entries...)
}

func (r *Reconciler) notifications(_ context.Context, application *v1alpha1.ChangeApproval) ([]v1alpha1.LedgerEntry, error) {
	return ledger.Notifications(application), nil
}

// ratifications are what a meeting decided of approvals that were given in urgency before it was confirmed.
func (r *Reconciler) ratifications(ctx context.Context, meeting *v1alpha1.CommitteeMeeting) ([]v1alpha1.LedgerEntry, error) {
	if !procedure.Binding(meeting) {
		return nil, nil
	}
	var entries []v1alpha1.LedgerEntry
	for _, name := range register.Agenda(meeting) {
		outcome := procedure.OutcomeOf(meeting, name)
		if outcome == "" {
			continue
		}
		var application v1alpha1.ChangeApproval
		if err := r.Book.Client.Get(ctx, client.ObjectKey{Name: name}, &application); client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("get change approval %s: %w", name, err)
		} else if err != nil {
			continue
		}
		status := &application.Status
		if status.RatifyBy != nil && status.DecidedAt != nil && !meeting.Status.ConfirmedAt.Before(status.DecidedAt) {
			entries = append(entries, ledger.Ratification(meeting, &application, outcome))
		}
	}
	return entries, nil
}
