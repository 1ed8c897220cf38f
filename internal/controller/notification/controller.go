// Package notification sees that every decision is told to who applied (articles 12-5 and 13-2), and keeps the record of it in
// the application's status.
//
// Each channel has a controller and so a queue of its own: a mail server that is down keeps no CloudEvent from going out. A
// record says Sending before anything is sent, and is written on the very version of the application that was read; so neither
// a stale cache nor a second operator sends twice. A decision goes out again only where the operator died, or lost the
// API server and then died, between the other side's taking it and the record: with the same ID.
//
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;electronicsystems;changeapprovals,verbs=list;watch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=changeapprovals/status,verbs=patch
package notification

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	sender "kitei.dev/kitei/internal/notification"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

const (
	// concurrency of each channel: it mostly waits for others.
	concurrency = 4
	// patience for one attempt and its record; within the time that the operator has to end.
	patience = 20 * time.Second
	// conflictPause lets the cache see what another wrote.
	conflictPause = 100 * time.Millisecond
)

// Reconciler tells the decisions on an application by one channel.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source  register.Source
	Clock   clock.PassiveClock
	Channel sender.Channel

	// unwritten are records of what was delivered that the API server did not take yet, by application.
	unwritten sync.Map
	// claims are the moments at which this operator began an attempt and sent nothing yet, by application: where the answer
	// was lost it knows its own claim when it reads it.
	claims sync.Map
}

// Reconcile tells what is not told yet, the oldest decision first: nobody learns of a revocation before the approval.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var application v1alpha1.ChangeApproval
	if err := r.Client.Get(ctx, request.NamespacedName, &application); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	attested := r.Source.Seals.Approval(&application)
	if !r.open(attested) {
		return ctrl.Result{}, nil
	}
	organisation, err := register.Organisation(ctx, r.Client, r.Clock.Now())
	if err != nil || organisation.Regulation == nil { // without one nobody knows how to tell
		return ctrl.Result{}, err
	}
	system := &v1alpha1.ElectronicSystem{}
	switch err := r.Client.Get(ctx, client.ObjectKey{Name: application.Spec.SystemRef.Name}, system); {
	case apierrors.IsNotFound(err):
		system = nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("get electronic system %s: %w", application.Spec.SystemRef.Name, err)
	}
	t := &telling{
		r: r, application: &application, version: application.ResourceVersion, organisation: organisation, system: system,
		records: ofChannel(application.Status.Notifications, r.Channel.Name()),
		to:      regulation.Addresses(organisation.Submitters(system, application.Spec.Type, application.Spec.Submission)),
	}
	for _, decision := range clearance.Decisions(attested) {
		result, err := t.tell(ctx, decision)
		if err != nil || !result.IsZero() {
			return result, err
		}
	}
	return ctrl.Result{}, nil
}

// open says whether something is left to do.
func (r *Reconciler) open(application *v1alpha1.ChangeApproval) bool {
	for _, decision := range clearance.Decisions(application) {
		if !settled(find(application.Status.Notifications, decision.Decision, r.Channel.Name())) {
			return true
		}
	}
	return false
}

// telling is one round for one application.
type telling struct {
	r            *Reconciler
	application  *v1alpha1.ChangeApproval
	version      string
	organisation regulation.Organisation
	system       *v1alpha1.ElectronicSystem
	records      []v1alpha1.NotificationRecord
	to           []v1alpha1.MailAddress
}

// tell brings one decision as far as it goes now. A result says when to come again; nothing later is told before.
func (t *telling) tell(ctx context.Context, decision v1alpha1.PastDecision) (ctrl.Result, error) {
	record := find(t.records, decision.Decision, t.r.Channel.Name())
	if known, unwritten := t.r.unwritten.Load(t.key(decision)); unwritten {
		return t.catchUp(ctx, decision, known.(v1alpha1.NotificationRecord))
	}
	policy, now := t.organisation.Regulation.Spec.Notification, t.r.Clock.Now()
	switch step := next(record, situation{
		now: now, decidedAt: decision.At.Time, configured: t.r.Channel.Configured(policy),
		addressed: t.r.Channel.Name() != v1alpha1.ChannelMail || len(t.to) > 0,
	}); step.action {
	case wait:
		if claim, mine := t.r.claims.Load(t.key(decision)); mine && record.LastAttemptAt.Equal(claim.(*metav1.Time)) {
			return t.attempt(ctx, decision, policy, record)
		}
		return ctrl.Result{RequeueAfter: step.pause}, nil
	case note:
		record.State = step.state
		return t.claim(ctx, record)
	case attempt:
		began := metav1.NewTime(now).Rfc3339Copy() // as it will be read again
		record.State, record.Attempts, record.LastAttemptAt = v1alpha1.NotificationSending, record.Attempts+1, &began
		t.r.claims.Store(t.key(decision), &began)
		if result, err := t.claim(ctx, record); err != nil || !result.IsZero() {
			return result, err
		}
		return t.attempt(ctx, decision, policy, record)
	case nothing:
	}
	return ctrl.Result{}, nil
}

// attempt delivers, and writes down what became of it. It ends what it began also while the operator is ending.
func (t *telling) attempt(ctx context.Context, decision v1alpha1.PastDecision, policy v1alpha1.Notification,
	record v1alpha1.NotificationRecord,
) (ctrl.Result, error) {
	t.r.claims.Delete(t.key(decision))
	notice := sender.OfDecision(t.application, t.system, decision, t.organisation)
	to := without(t.to, record.DeliveredTo)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	told, failure := t.r.Channel.Deliver(ending, policy, notice, to)
	record.DeliveredTo = append(record.DeliveredTo, told...)
	record.State, record.LastFailure = outcome(failure)
	if failure == nil {
		record.DeliveredAt = &metav1.Time{Time: t.r.Clock.Now()}
	}
	recording, cancelRecording := context.WithTimeout(context.WithoutCancel(ctx), patience/4)
	defer cancelRecording()
	// On whatever version: what became of the attempt is true of each.
	if err := client.IgnoreNotFound(t.write(recording, "", record)); err != nil {
		t.r.unwritten.Store(t.key(decision), record)
		return ctrl.Result{}, err
	}
	if failure != nil {
		log.FromContext(ctx).Error(failure, "a decision was not told", "decision", decision.Decision, "attempts", record.Attempts)
	}
	return ctrl.Result{RequeueAfter: pause(record)}, nil
}

// catchUp writes down what became of an attempt that the API server did not take in its time.
func (t *telling) catchUp(ctx context.Context, decision v1alpha1.PastDecision, record v1alpha1.NotificationRecord,
) (ctrl.Result, error) {
	result, err := t.claim(ctx, record)
	if err == nil && result.IsZero() {
		t.r.unwritten.Delete(t.key(decision))
		result.RequeueAfter = max(pause(record), conflictPause)
	}
	return result, err
}

// claim writes a record on the version that was read. Who read something old comes again.
func (t *telling) claim(ctx context.Context, record v1alpha1.NotificationRecord) (ctrl.Result, error) {
	err := t.write(ctx, t.version, record)
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictPause}, nil
	}
	return ctrl.Result{}, client.IgnoreNotFound(err)
}

// written is the part of the status that a channel owns: its own records.
type written struct {
	Notifications []v1alpha1.NotificationRecord `json:"notifications"`
}

func (t *telling) write(ctx context.Context, version string, record v1alpha1.NotificationRecord) error {
	records := put(t.records, record)
	version, err := status.ApplyAs(ctx, t.r.Client, owner(t.r.Channel), t.application, version, written{records})
	if err == nil {
		t.records, t.version = records, version
	}
	return err
}

func (t *telling) key(decision v1alpha1.PastDecision) string {
	return string(t.application.UID) + "/" + string(decision.Decision)
}

func owner(channel sender.Channel) string {
	return "kitei-notification-" + strings.ToLower(string(channel.Name()))
}

// SetupWithManager starts the controller with the manager. A change of the regulation or of an office is tried at once, without
// the pause of what failed.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	open := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []ctrl.Request {
		return watching.Listed(ctx, r.Client, &v1alpha1.ChangeApprovalList{}, r.open)
	})
	err := ctrl.NewControllerManagedBy(manager).
		Named("notification-"+strings.ToLower(string(r.Channel.Name()))).
		For(&v1alpha1.ChangeApproval{}, builder.WithPredicates(watching.ApprovalChanged())).
		Watches(&v1alpha1.Regulation{}, open, specChanged).
		Watches(&v1alpha1.Department{}, open, specChanged).
		Watches(&v1alpha1.ManagingSection{}, open, specChanged).
		Watches(&v1alpha1.ElectronicSystem{}, open, specChanged).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the notification controller of %s: %w", r.Channel.Name(), err)
	}
	return nil
}
