package organisation

import (
	"context"
	"fmt"
	"slices"

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

// DepartmentReconciler keeps one department's status.
type DepartmentReconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
	Events events.EventRecorder
}

// Reconcile computes the status and writes it if it changed. It comes again on the day of a reorganisation.
func (r *DepartmentReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var department v1alpha1.Department
	if err := r.Client.Get(ctx, request.NamespacedName, &department); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := r.Clock.Now()
	organisation, err := register.Organisation(ctx, r.Client, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	sections, _ := belonging(&department, organisation)
	wanted := v1alpha1.DepartmentStatus{
		DisplayName:      organisation.DepartmentName(&department),
		ManagingSections: sections,
		Conditions:       append([]metav1.Condition(nil), department.Status.Conditions...),
	}
	ready := departmentReady(&department, organisation)
	status.Set(&wanted.Conditions, department.Generation, ready)
	if err := status.Apply(ctx, r.Client, &department, department.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	reportOrphans(r.Events, &department, department.Status.Conditions, ready)
	return watching.Until(organisation.NextTurn(), now), nil
}

// belonging counts the sections that belong to the department at the organisation's moment, and names those whose department
// it was and that no other follows.
func belonging(department *v1alpha1.Department, organisation regulation.Organisation) (count int32, orphans []string) {
	for _, section := range organisation.Sections {
		if organisation.State(&section.Spec.Lifetime) != regulation.SectionStanding {
			continue
		}
		found, state := organisation.Department(section.Spec.DepartmentRef)
		switch {
		case found == nil || found.Name != department.Name:
		case state == regulation.SectionStanding:
			count++
		case state == regulation.SectionAbolished:
			orphans = append(orphans, section.Name)
		}
	}
	slices.Sort(orphans)
	return count, orphans
}

func departmentReady(department *v1alpha1.Department, organisation regulation.Organisation) metav1.Condition {
	p := message.In(organisation.Language())
	then := organisation
	if at := organisation.AbolishedAt(&department.Spec.Lifetime); at.After(then.Now) {
		then.Now = at
	}
	if _, orphans := belonging(department, then); len(orphans) > 0 {
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonAbolishedWithoutSuccessor,
			p.Say(message.SectionsOrphaned, department.Name, string(*department.Spec.AbolishedOn), len(orphans), p.List(orphans)))
	}
	successor := ""
	if ref := department.Spec.SuccessorRef; ref != nil {
		following, found := organisation.Departments[ref.Name]
		if !found {
			return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
				p.Say(message.FieldReadyMissing, "spec.successorRef", ref.Name))
		}
		successor = organisation.DepartmentName(following)
	}
	if condition, out := outOfOffice(&department.Spec.Lifetime, successor, organisation, p); out {
		return condition
	}
	if len(department.Spec.Head.Subjects) == 0 {
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.NobodyHolds, organisation.DepartmentName(department)))
	}
	return status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound))
}

// SetupWithManager starts the controller with the manager. Departments are few: whatever changes wakes all.
func (r *DepartmentReconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	every := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []ctrl.Request {
		return watching.Listed(ctx, r.Client, &v1alpha1.DepartmentList{}, watching.Every[*v1alpha1.Department])
	})
	err := ctrl.NewControllerManagedBy(manager).
		Named("department").
		For(&v1alpha1.Department{}, specChanged).
		Watches(&v1alpha1.Department{}, every, specChanged).
		Watches(&v1alpha1.ManagingSection{}, every, specChanged).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the department controller: %w", err)
	}
	return nil
}
