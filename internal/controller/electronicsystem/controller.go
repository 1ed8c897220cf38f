// Package electronicsystem keeps the status of every ElectronicSystem: whether it is cleared and why not, its class, and the
// approvals in effect, for an auditor to read off a list (articles 4, 12 and 26).
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;electronicsystems;changeapprovals;datauseconsents;committeemeetings;securitystandards,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=electronicsystems/status,verbs=patch
package electronicsystem

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/classification"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// mostApprovals bounds the approvals that a status lists.
const mostApprovals = 16

// concurrency of the reconciler: it mostly waits for the API server.
const concurrency = 4

// Reconciler keeps one system's status.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Clock  clock.PassiveClock
}

// Reconcile computes the status and writes it if it changed. It comes again when the verdict may change by itself.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var system v1alpha1.ElectronicSystem
	if err := r.Client.Get(ctx, request.NamespacedName, &system); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	cases, err := r.Source.Cases(ctx, r.Client, system.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	standard, err := r.standard(ctx, organisation)
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := clearance.System(organisation, &system, cases)
	wanted := desired(&system, verdict, organisation, standard)
	if err := status.Apply(ctx, r.Client, &system, system.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	return watching.Until(verdict.Next, now), nil
}

// standard in force; nil for none.
func (r *Reconciler) standard(ctx context.Context, organisation regulation.Organisation) (*v1alpha1.SecurityStandard, error) {
	if organisation.Regulation == nil || organisation.Regulation.Spec.SecurityStandardRef == nil {
		return nil, nil
	}
	var standard v1alpha1.SecurityStandard
	name := organisation.Regulation.Spec.SecurityStandardRef.Name
	switch err := r.Client.Get(ctx, client.ObjectKey{Name: name}, &standard); {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get security standard %s: %w", name, err)
	}
	return &standard, nil
}

func desired(system *v1alpha1.ElectronicSystem, verdict clearance.SystemVerdict, organisation regulation.Organisation,
	standard *v1alpha1.SecurityStandard,
) v1alpha1.ElectronicSystemStatus {
	p := message.In(organisation.Language())
	wanted := v1alpha1.ElectronicSystemStatus{Conditions: append(system.Status.Conditions[:0:0], system.Status.Conditions...)}
	names := verdict.ApprovalNames()
	wanted.ApprovalsInEffectCount = int32(len(names)) //nolint:gosec // no register has 2^31 approvals
	wanted.ApprovalsInEffect = names[:min(len(names), mostApprovals)]

	outlook := organisation.Outlook(system)
	if outlook.State == regulation.SectionStanding {
		wanted.ManagingSection = outlook.Section.Name
	}
	class, reason := classification.OfSystem(system, standard)
	wanted.Class = class
	classified := map[string]message.ID{
		v1alpha1.ReasonClassified:   message.SystemClassified,
		v1alpha1.ReasonUnclassified: message.SystemUnclassified,
		v1alpha1.ReasonUnknownLevel: message.SystemLevelUnknown,
		v1alpha1.ReasonNoStandard:   message.SystemNoStandard,
	}[reason]
	var arguments []any
	if classified == message.SystemClassified || classified == message.SystemLevelUnknown {
		arguments = []any{class}
	}
	status.Set(&wanted.Conditions, system.Generation,
		status.Condition(v1alpha1.ConditionCleared, verdict.Approved(), string(verdict.Reason),
			clearance.ExplainSystem(verdict, organisation, organisation.Language())),
		managed(outlook, system, organisation, p),
		status.Condition(v1alpha1.ConditionClassified, reason == v1alpha1.ReasonClassified, reason, p.Say(classified, arguments...)),
	)
	return wanted
}

// SetupWithManager starts the controller with the manager.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	everySystem := handler.EnqueueRequestsFromMapFunc(r.systems)
	err := ctrl.NewControllerManagedBy(manager).
		Named("electronicsystem").
		For(&v1alpha1.ElectronicSystem{}, specChanged).
		Watches(&v1alpha1.ChangeApproval{}, handler.EnqueueRequestsFromMapFunc(ofApproval),
			builder.WithPredicates(watching.ApprovalChanged())).
		Watches(&v1alpha1.DataUseConsent{}, handler.EnqueueRequestsFromMapFunc(r.ofPaper),
			builder.WithPredicates(watching.ConsentChanged())).
		Watches(&v1alpha1.CommitteeMeeting{}, handler.EnqueueRequestsFromMapFunc(r.ofPaper),
			builder.WithPredicates(watching.MeetingChanged())).
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(r.ofSection), specChanged).
		Watches(&v1alpha1.Department{}, everySystem, specChanged).
		Watches(&v1alpha1.Regulation{}, everySystem, specChanged).
		Watches(&v1alpha1.SecurityStandard{}, everySystem, specChanged).
		WatchesRawSource(watching.ClockMoved(r.Clock, r.systems)).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the electronic system controller: %w", err)
	}
	return nil
}

func ofApproval(_ context.Context, object client.Object) []ctrl.Request {
	return watching.Names(object.(*v1alpha1.ChangeApproval).Spec.SystemRef.Name)
}

func (r *Reconciler) ofPaper(ctx context.Context, object client.Object) []ctrl.Request {
	return watching.Names(watching.Systems(ctx, r.Client, object)...)
}

func (r *Reconciler) ofSection(ctx context.Context, object client.Object) []ctrl.Request {
	systems, err := register.SystemsOf(ctx, r.Client, object.GetName())
	if err != nil {
		return r.systems(ctx, object)
	}
	names := make([]string, 0, len(systems))
	for _, system := range systems {
		names = append(names, system.Name)
	}
	return watching.Names(names...)
}

func (r *Reconciler) systems(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ElectronicSystemList{}, watching.Every[*v1alpha1.ElectronicSystem])
}
