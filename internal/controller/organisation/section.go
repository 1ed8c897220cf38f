package organisation

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// eventOrphaned is the reason of the event on a section or department that is, or is to be, abolished without a successor.
const eventOrphaned = "Orphaned"

// SectionReconciler keeps one section's status.
type SectionReconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Clock  clock.PassiveClock
	Events events.EventRecorder
}

// Reconcile computes the status and writes it if it changed. It comes again on the day of a reorganisation.
func (r *SectionReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var section v1alpha1.ManagingSection
	if err := r.Client.Get(ctx, request.NamespacedName, &section); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	systems, err := register.SystemsOf(ctx, r.Client, section.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	managed, orphans, next := look(&section, systems, organisation)
	debts, err := r.debts(ctx, &section, systems, organisation)
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted := v1alpha1.ManagingSectionStatus{
		DisplayName:       organisation.SectionName(&section),
		ElectronicSystems: managed,
		OpenRatifications: debts,
		Conditions:        append([]metav1.Condition(nil), section.Status.Conditions...),
	}
	ready := sectionReady(&section, orphans, organisation)
	status.Set(&wanted.Conditions, section.Generation, ready)
	if err := status.Apply(ctx, r.Client, &section, section.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	reportOrphans(r.Events, &section, section.Status.Conditions, ready)
	return watching.Until(next, now), nil
}

// look counts the systems that the section manages now, finds those that it leaves without a section, and says when to look
// again.
func look(section *v1alpha1.ManagingSection, systems []*v1alpha1.ElectronicSystem, organisation regulation.Organisation,
) (managed int32, orphans []string, next time.Time) {
	next = organisation.NextTurn()
	for _, system := range systems {
		if turns := organisation.Turns(system); len(turns) > 0 && (next.IsZero() || turns[0].Before(next)) {
			next = turns[0]
		}
		outlook := organisation.Outlook(system)
		if outlook.State == regulation.SectionStanding && outlook.Section.Name == section.Name {
			managed++
		}
		if outlook.Lapse == regulation.SectionAbolished && outlook.Last.Name == section.Name {
			orphans = append(orphans, system.Name)
		}
	}
	slices.Sort(orphans)
	return managed, orphans, next
}

func sectionReady(section *v1alpha1.ManagingSection, orphans []string, organisation regulation.Organisation) metav1.Condition {
	p := message.In(organisation.Language())
	if len(orphans) > 0 {
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonAbolishedWithoutSuccessor,
			p.Say(message.SystemsOrphaned, section.Name, string(*section.Spec.AbolishedOn), len(orphans), p.List(orphans)))
	}
	successor := ""
	if ref := section.Spec.SuccessorRef; ref != nil {
		following, found := organisation.Sections[ref.Name]
		if !found {
			return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
				p.Say(message.FieldReadyMissing, "spec.successorRef", ref.Name))
		}
		successor = organisation.SectionName(following)
	}
	if condition, out := outOfOffice(&section.Spec.Lifetime, successor, organisation, p); out {
		return condition
	}
	ref := section.Spec.DepartmentRef
	switch _, state := organisation.Department(ref); {
	case ref != nil && state != regulation.SectionStanding:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
			p.Say(message.FieldReadyMissing, "spec.departmentRef", ref.Name))
	case len(section.Spec.Head.Subjects) == 0:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.NobodyHolds, organisation.SectionName(section)))
	}
	return status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound))
}

// outOfOffice says that a unit does not exist yet, or no longer.
func outOfOffice(lifetime *v1alpha1.Lifetime, successor string, organisation regulation.Organisation, p message.Printer,
) (metav1.Condition, bool) {
	switch organisation.State(lifetime) {
	case regulation.SectionNotEstablished:
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNotEstablished,
			p.Say(message.UnitNotEstablished, string(*lifetime.EstablishedOn))), true
	case regulation.SectionAbolished:
		sentence := p.Say(message.SectionIsAbolished, string(*lifetime.AbolishedOn))
		if successor != "" {
			sentence = p.Say(message.UnitSucceeded, string(*lifetime.AbolishedOn), successor)
		}
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonAbolished, sentence), true
	case regulation.SectionStanding, regulation.SectionUnnamed, regulation.SectionNotFound:
	}
	return metav1.Condition{}, false
}

// reportOrphans warns, once, of what an abolition leaves behind.
func reportOrphans(recorder events.EventRecorder, unit client.Object, before []metav1.Condition, ready metav1.Condition) {
	was := meta.FindStatusCondition(before, v1alpha1.ConditionReady)
	if ready.Reason == v1alpha1.ReasonAbolishedWithoutSuccessor && (was == nil || was.Reason != ready.Reason) {
		recorder.Eventf(unit, nil, corev1.EventTypeWarning, eventOrphaned, "Look", "%s", message.Note(ready.Message))
	}
}

// SetupWithManager starts the controller with the manager.
func (r *SectionReconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	err := ctrl.NewControllerManagedBy(manager).
		Named("managingsection").
		For(&v1alpha1.ManagingSection{}, specChanged).
		Watches(&v1alpha1.ManagingSection{}, handler.EnqueueRequestsFromMapFunc(r.relatives), specChanged).
		Watches(&v1alpha1.ElectronicSystem{}, handler.EnqueueRequestsFromMapFunc(r.ofSystem), specChanged).
		Watches(&v1alpha1.Department{}, handler.EnqueueRequestsFromMapFunc(r.ofDepartment), specChanged).
		Watches(&v1alpha1.ChangeApproval{}, handler.EnqueueRequestsFromMapFunc(r.ofApproval), builder.WithPredicates(urgent())).
		Watches(&v1alpha1.CommitteeMeeting{}, handler.EnqueueRequestsFromMapFunc(r.ofMeeting),
			builder.WithPredicates(watching.MeetingChanged())).
		WatchesRawSource(watching.ClockMoved(r.Clock, r.every)).
		Complete(watching.After(r.Source.Opened, r))
	if err != nil {
		return fmt.Errorf("set up the managing section controller: %w", err)
	}
	return nil
}

// relatives are the sections that follow a section or that it follows: what one leaves is the other's.
func (r *SectionReconciler) relatives(ctx context.Context, object client.Object) []ctrl.Request {
	names, err := register.Predecessors(ctx, r.Client, object.GetName())
	if err != nil {
		return r.all(ctx, object)
	}
	return watching.Names(append(names, r.line(ctx, object.(*v1alpha1.ManagingSection).Spec.SuccessorRef)...)...)
}

// ofSystem are the sections that may come to manage a system.
func (r *SectionReconciler) ofSystem(ctx context.Context, object client.Object) []ctrl.Request {
	spec := &object.(*v1alpha1.ElectronicSystem).Spec
	names := r.line(ctx, spec.ManagingSectionRef)
	if spec.Transfer != nil {
		names = append(names, r.line(ctx, &spec.Transfer.SectionRef)...)
	}
	return watching.Names(names...)
}

// line is a section and all who follow it.
func (r *SectionReconciler) line(ctx context.Context, ref *v1alpha1.NameReference) []string {
	names, err := register.Successors(ctx, r.Client, ref)
	if err != nil {
		return nil // that happens only when the cache is stopping
	}
	return names
}

// ofDepartment are the sections of a department, and of those that it follows.
func (r *SectionReconciler) ofDepartment(ctx context.Context, object client.Object) []ctrl.Request {
	var departments v1alpha1.DepartmentList
	if err := r.Client.List(ctx, &departments, client.UnsafeDisableDeepCopy); err != nil {
		return r.all(ctx, object)
	}
	var requests []ctrl.Request
	names := []string{object.GetName()}
	for at := 0; at < len(names); at++ {
		for i := range departments.Items {
			predecessor := &departments.Items[i]
			if ref := predecessor.Spec.SuccessorRef; ref != nil && ref.Name == names[at] && !slices.Contains(names, predecessor.Name) {
				names = append(names, predecessor.Name)
			}
		}
		requests = append(requests, watching.Listed(ctx, r.Client, &v1alpha1.ManagingSectionList{},
			watching.Every[*v1alpha1.ManagingSection], client.MatchingFields{register.FieldDepartment: names[at]})...)
	}
	return requests
}

func (r *SectionReconciler) all(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ManagingSectionList{}, watching.Every[*v1alpha1.ManagingSection])
}

func (r *SectionReconciler) every(ctx context.Context, _ client.Object) []ctrl.Request {
	return watching.Listed(ctx, r.Client, &v1alpha1.ManagingSectionList{}, watching.Every[*v1alpha1.ManagingSection])
}
