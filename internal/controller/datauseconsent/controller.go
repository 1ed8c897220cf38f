package datauseconsent

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// Reasons of the events on a consent and its application.
const (
	// EventAsked: the head of a section must decide on a consent.
	EventAsked = "ConsentAsked"
	// EventDecided: they decided.
	EventDecided = "ConsentDecided"
)

// Reconciler keeps one consent's condition, and tells both sides when it changes.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Clock  clock.PassiveClock
	Events events.EventRecorder
}

// conditions are the only part of the status that this controller owns.
type conditions struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Reconcile computes the condition and writes it if it changed. It comes again on the day on which the section is abolished.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var consent v1alpha1.DataUseConsent
	if err := r.Client.Get(ctx, request.NamespacedName, &consent); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	application := &v1alpha1.ChangeApproval{}
	switch err := r.Client.Get(ctx, client.ObjectKey{Name: consent.Spec.ApplicationRef.Name}, application); {
	case apierrors.IsNotFound(err):
		application = nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("get change approval %s: %w", consent.Spec.ApplicationRef.Name, err)
	case string(application.UID) != consent.Spec.ApplicationUID:
		application = nil
	}
	decided := decided(r.Source.Seals.Consent(&consent), application, organisation)
	observed := conditions{consent.Status.Conditions}
	wanted := conditions{append([]metav1.Condition(nil), consent.Status.Conditions...)}
	status.Set(&wanted.Conditions, consent.Generation, decided)
	if err := status.Apply(ctx, r.Client, &consent, observed, wanted); err != nil {
		return ctrl.Result{}, err
	}
	if before := meta.FindStatusCondition(observed.Conditions, v1alpha1.ConditionDecided); before == nil ||
		before.Reason != decided.Reason {
		r.tell(&consent, application, decided)
	}
	return watching.Until(organisation.NextTurn(), now), nil
}

// tell writes an event on the consent, for the section whose data it is, and one on the application, for who applied.
func (r *Reconciler) tell(consent *v1alpha1.DataUseConsent, application *v1alpha1.ChangeApproval, decided metav1.Condition) {
	reason, action, kind := EventDecided, "Decide", corev1.EventTypeNormal
	switch decided.Reason {
	case v1alpha1.ReasonApplicationDecided:
		return // that the application was decided is news of its own
	case v1alpha1.ReasonPending:
		reason, action = EventAsked, "Ask"
	case string(v1alpha1.DecisionDenied), string(v1alpha1.DecisionRevoked):
		kind = corev1.EventTypeWarning
	}
	note := message.Note(decided.Message)
	r.Events.Eventf(consent, nil, kind, reason, action, "%s", note)
	if application != nil {
		r.Events.Eventf(application, consent, kind, reason, action, "%s", note)
	}
}

func decided(consent *v1alpha1.DataUseConsent, application *v1alpha1.ChangeApproval,
	organisation regulation.Organisation,
) metav1.Condition {
	p := message.In(organisation.Language())
	use, name, current := &consent.Spec.Use, consent.Spec.ApplicationRef.Name, &consent.Status
	if current.Decision != "" && current.DecidedBy == "" {
		return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonUnattested,
			p.Say(message.StampUnattested, consent.Name))
	}
	if current.Decision != "" {
		said := map[v1alpha1.Decision]message.ID{v1alpha1.DecisionApproved: message.ConsentGiven,
			v1alpha1.DecisionDenied: message.ConsentRefused, v1alpha1.DecisionRevoked: message.ConsentWithdrawn}[current.Decision]
		return status.Condition(v1alpha1.ConditionDecided, true, string(current.Decision),
			p.Say(said, use.Data, name, current.DecidedBy, p.Say(message.ID(current.DecidedAs))))
	}
	if application != nil && application.Status.Decision != "" {
		return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonApplicationDecided, p.Say(message.ConsentMoot, name))
	}
	offices := clearance.Offices(organisation.DataSectionHead(&use.SectionRef), v1alpha1.RoleDataSectionHead, p)
	return status.Condition(v1alpha1.ConditionDecided, false, v1alpha1.ReasonPending,
		p.Say(message.ConsentAsked, use.Data, name, offices, consent.Name))
}

// SetupWithManager starts the controller with the manager. What the organisation is says something only of a consent that
// waits.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	waiting := handler.EnqueueRequestsFromMapFunc(r.waiting)
	err := ctrl.NewControllerManagedBy(manager).
		Named("datauseconsent").
		For(&v1alpha1.DataUseConsent{}, builder.WithPredicates(watching.ConsentChanged())).
		Watches(&v1alpha1.ChangeApproval{}, handler.EnqueueRequestsFromMapFunc(r.ofApplication),
			builder.WithPredicates(watching.ApprovalChanged())).
		Watches(&v1alpha1.ManagingSection{}, waiting, specChanged).
		Watches(&v1alpha1.Regulation{}, waiting, specChanged).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the data use consent controller: %w", err)
	}
	return nil
}

func (r *Reconciler) ofApplication(ctx context.Context, object client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.DataUseConsentList{}, watching.Every[*v1alpha1.DataUseConsent],
		client.MatchingFields{register.FieldApplication: object.GetName()})
}

func (r *Reconciler) waiting(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.DataUseConsentList{}, func(consent *v1alpha1.DataUseConsent) bool {
		return consent.Status.Decision == ""
	})
}
