// Package changeapproval keeps the conditions of every ChangeApproval: whether it was submitted, decided, and is in effect
// (articles 12 and 13). The decision itself is a person's to write and the webhook's to stamp.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;electronicsystems;changeapprovals;datauseconsents;committeemeetings,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=changeapprovals/status,verbs=patch
package changeapproval

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/register"
)

// concurrency of the reconciler: it mostly waits for the API server.
const concurrency = 4

// Reconciler keeps one application's conditions.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Clock  clock.PassiveClock
}

// conditions are the only part of the status that this controller owns.
type conditions struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Reconcile computes the conditions and writes them if they changed. It comes again when the approval begins or ends.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var application v1alpha1.ChangeApproval
	if err := r.Client.Get(ctx, request.NamespacedName, &application); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	system := &v1alpha1.ElectronicSystem{}
	switch err := r.Client.Get(ctx, client.ObjectKey{Name: application.Spec.SystemRef.Name}, system); {
	case apierrors.IsNotFound(err):
		system = nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("get electronic system %s: %w", application.Spec.SystemRef.Name, err)
	}
	observed := conditions{application.Status.Conditions}
	wanted := conditions{append([]metav1.Condition(nil), application.Status.Conditions...)}
	papers, err := r.Source.Case(ctx, r.Client, &application)
	if err != nil {
		return ctrl.Result{}, err
	}
	desired := desired(papers, system, organisation)
	status.Set(&wanted.Conditions, application.Generation, desired...)
	drop(&wanted.Conditions, desired)
	if err := status.Apply(ctx, r.Client, &application, observed, wanted); err != nil {
		return ctrl.Result{}, err
	}
	at := next(&application, now)
	for _, turn := range turns(&application, system, organisation) {
		if !turn.IsZero() && (at.IsZero() || turn.Before(at)) {
			at = turn
		}
	}
	return watching.Until(at, now), nil
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	waiting, papers := handler.EnqueueRequestsFromMapFunc(r.waiting), handler.EnqueueRequestsFromMapFunc(ofPaper)
	err := ctrl.NewControllerManagedBy(manager).
		Named("changeapproval").
		For(&v1alpha1.ChangeApproval{}, builder.WithPredicates(predicate.Or(watching.ApprovalChanged(), watching.ApprovalTold()))).
		Watches(&v1alpha1.ElectronicSystem{}, handler.EnqueueRequestsFromMapFunc(r.ofSystem), specChanged).
		Watches(&v1alpha1.DataUseConsent{}, papers, builder.WithPredicates(watching.ConsentChanged())).
		Watches(&v1alpha1.CommitteeMeeting{}, papers, builder.WithPredicates(watching.MeetingChanged())).
		Watches(&v1alpha1.ManagingSection{}, waiting, specChanged).
		Watches(&v1alpha1.Department{}, waiting, specChanged).
		Watches(&v1alpha1.Regulation{}, waiting, specChanged).
		WatchesRawSource(watching.ClockMoved(r.Clock, r.every)).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the change approval controller: %w", err)
	}
	return nil
}

func (r *Reconciler) ofSystem(ctx context.Context, object client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ChangeApprovalList{}, watching.Every[*v1alpha1.ChangeApproval],
		client.MatchingFields{register.FieldSystem: object.GetName()})
}

func ofPaper(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Names(register.ApplicationsOf(object)...)
}

// every application: the clock was moved.
func (r *Reconciler) every(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ChangeApprovalList{}, watching.Every[*v1alpha1.ChangeApproval])
}

// waiting are the applications whose conditions name the offices that are to decide.
func (r *Reconciler) waiting(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ChangeApprovalList{}, func(application *v1alpha1.ChangeApproval) bool {
		return application.Status.Decision == ""
	})
}
