package regulation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	offices "kitei.dev/kitei/internal/regulation"
)

// eventEnforcement is the reason of the event on a Regulation whose enforcement changed.
const eventEnforcement = "EnforcementChanged"

// countAfter is how long the count of the namespaces waits for more of them to change.
const countAfter = 500 * time.Millisecond

// Reconciler keeps the Regulation's status and the metrics.
type Reconciler struct {
	Client client.Client
	Clock  clock.PassiveClock
	Events events.EventRecorder
	// HoldServed says whether the API server serves MutatingAdmissionPolicy.
	HoldServed bool
	// WebhookHosts by which the API server may call the webhooks, beside their Service.
	WebhookHosts []string
	// Ledger whose standing is reported.
	Ledger Ledger

	guards []client.Object
}

// Reconcile computes the status and writes it if it changed.
func (r *Reconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	organisation, err := register.Organisation(ctx, r.Client, r.Clock.Now())
	if err != nil {
		return ctrl.Result{}, err
	}
	p := message.In(organisation.Language())
	enforced, err := r.enforced(ctx, p)
	if err != nil {
		return ctrl.Result{}, err
	}
	counts, err := r.count(ctx)
	if err != nil {
		return ctrl.Result{}, err
	}
	measure(enforced, counts)
	current := organisation.Regulation
	if current == nil {
		return ctrl.Result{}, nil
	}
	ready, err := r.ready(ctx, organisation, p)
	if err != nil {
		return ctrl.Result{}, err
	}
	wanted := v1alpha1.RegulationStatus{
		Namespaces: counts,
		Conditions: append([]metav1.Condition(nil), current.Status.Conditions...),
	}
	status.Set(&wanted.Conditions, current.Generation, ready, enforced)
	if err := r.ledger(current, &wanted, p); err != nil {
		return ctrl.Result{}, err
	}
	if err := status.Apply(ctx, r.Client, current, current.Status, wanted); err != nil {
		return ctrl.Result{}, err
	}
	// What is missing or changed may itself change while the reason stays.
	if before := meta.FindStatusCondition(current.Status.Conditions, v1alpha1.ConditionEnforced); before == nil ||
		before.Reason != enforced.Reason || enforced.Status == metav1.ConditionFalse && before.Message != enforced.Message {
		r.report(current, enforced)
	}
	return watching.Until(organisation.NextTurn(), organisation.Now), nil
}

func (r *Reconciler) report(current *v1alpha1.Regulation, enforced metav1.Condition) {
	kind := corev1.EventTypeNormal
	if enforced.Reason != v1alpha1.ReasonEnforced {
		kind = corev1.EventTypeWarning
	}
	r.Events.Eventf(current, nil, kind, eventEnforcement, "Observe", "%s", message.Note(enforced.Message))
}

// ready is the condition Ready: what the Regulation names exists, and its selectors select.
func (r *Reconciler) ready(ctx context.Context, organisation offices.Organisation, p message.Printer) (metav1.Condition, error) {
	spec := &organisation.Regulation.Spec
	missing := func(field, name string) metav1.Condition {
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
			p.Say(message.FieldReadyMissing, field, name))
	}
	if _, state := organisation.Department(&spec.ManagementDepartmentRef); state != offices.SectionStanding {
		return missing("spec.managementDepartmentRef", spec.ManagementDepartmentRef.Name), nil
	}
	if _, state := organisation.Section(&spec.DigitalPromotionSectionRef); state != offices.SectionStanding {
		return missing("spec.digitalPromotionSectionRef", spec.DigitalPromotionSectionRef.Name), nil
	}
	if ref := spec.SecurityStandardRef; ref != nil {
		err := r.Client.Get(ctx, client.ObjectKey{Name: ref.Name}, &v1alpha1.SecurityStandard{})
		if apierrors.IsNotFound(err) {
			return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound,
				p.Say(message.StandardMissing, ref.Name)), nil
		} else if err != nil {
			return metav1.Condition{}, fmt.Errorf("get security standard %s: %w", ref.Name, err)
		}
	}
	if field, name, err := r.missingCommittee(ctx, spec); err != nil || field != "" {
		return missing(field, name), err
	}
	for i := range spec.Enforcement.Overrides {
		if _, err := metav1.LabelSelectorAsSelector(&spec.Enforcement.Overrides[i].NamespaceSelector); err != nil {
			return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonInvalid,
				p.Say(message.SelectorInvalid, i, err.Error())), nil
		}
	}
	if len(organisation.ChiefInformationOfficer().Subjects) == 0 {
		return status.Condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoHead,
			p.Say(message.NobodyHolds, spec.ManagementDepartmentRef.Name)), nil
	}
	return status.Condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonComplete, p.Say(message.EverythingFound)), nil
}

// missingCommittee finds the first field that names a committee that does not exist.
func (r *Reconciler) missingCommittee(ctx context.Context, spec *v1alpha1.RegulationSpec) (field, name string, err error) {
	for _, named := range []struct {
		field string
		ref   *v1alpha1.NameReference
	}{
		{"spec.steeringCommitteeRef", spec.SteeringCommitteeRef}, {"spec.securityCommitteeRef", spec.SecurityCommitteeRef},
	} {
		if named.ref == nil {
			continue
		}
		switch err := r.Client.Get(ctx, client.ObjectKey{Name: named.ref.Name}, &v1alpha1.Committee{}); {
		case apierrors.IsNotFound(err):
			return named.field, named.ref.Name, nil
		case err != nil:
			return "", "", fmt.Errorf("get committee %s: %w", named.ref.Name, err)
		}
	}
	return "", "", nil
}

// count counts the namespaces by clearance, in the order of their names.
func (r *Reconciler) count(ctx context.Context) ([]v1alpha1.NamespaceCount, error) {
	list := watching.Namespaces()
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	byClearance := map[v1alpha1.Clearance]int32{}
	for i := range list.Items {
		if word := v1alpha1.Clearance(list.Items[i].Labels[v1alpha1.LabelClearance]); word != "" {
			byClearance[word]++
		}
	}
	counts := make([]v1alpha1.NamespaceCount, 0, len(byClearance))
	for word, count := range byClearance {
		counts = append(counts, v1alpha1.NamespaceCount{Clearance: word, Count: count})
	}
	slices.SortFunc(counts, func(a, b v1alpha1.NamespaceCount) int { return cmp.Compare(a.Clearance, b.Clearance) })
	return counts, nil
}

// soon wakes the Regulation a moment later, and once for all the namespaces that change, or records that are written, until
// then: counting looks at every
// namespace, and is written down. A change of the mode, which changes them all, would otherwise count after each.
func soon() handler.EventHandler {
	type requests = workqueue.TypedRateLimitingInterface[ctrl.Request]
	enqueue := func(queue requests) { queue.AddAfter(watching.Names(v1alpha1.RegulationName)[0], countAfter) }
	return handler.Funcs{
		CreateFunc:  func(_ context.Context, _ event.CreateEvent, queue requests) { enqueue(queue) },
		UpdateFunc:  func(_ context.Context, _ event.UpdateEvent, queue requests) { enqueue(queue) },
		DeleteFunc:  func(_ context.Context, _ event.DeleteEvent, queue requests) { enqueue(queue) },
		GenericFunc: func(_ context.Context, _ event.GenericEvent, queue requests) { enqueue(queue) },
	}
}

// SetupWithManager starts the controller with the manager. Everything wakes the one Regulation.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	specChanged := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	one := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []ctrl.Request {
		return watching.Names(v1alpha1.RegulationName)
	})
	ours := builder.WithPredicates(predicate.And(
		predicate.NewPredicateFuncs(func(object client.Object) bool { return strings.HasPrefix(object.GetName(), guardPrefix) }),
		predicate.GenerationChangedPredicate{},
	))
	var err error
	if r.guards, err = Guards(manager.GetScheme(), r.HoldServed); err != nil {
		return err
	}
	building := ctrl.NewControllerManagedBy(manager).
		Named("regulation").
		For(&v1alpha1.Regulation{}, specChanged).
		Watches(&v1alpha1.Department{}, one, specChanged).
		Watches(&v1alpha1.ManagingSection{}, one, specChanged).
		Watches(&v1alpha1.SecurityStandard{}, one, specChanged).
		Watches(&v1alpha1.Committee{}, one, specChanged).
		WatchesMetadata(watching.Namespace(), soon(), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(source.Channel(r.Ledger.Changed(), soon()))
	watched := map[schema.GroupVersionKind]bool{}
	for _, guard := range r.guards {
		if kind := guard.GetObjectKind().GroupVersionKind(); !watched[kind] {
			watched[kind] = true
			building = building.Watches(guard, one, ours)
		}
	}
	if err := building.Complete(r); err != nil {
		return fmt.Errorf("set up the regulation controller: %w", err)
	}
	return nil
}
