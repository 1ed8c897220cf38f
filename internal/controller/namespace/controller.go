// Package namespace keeps the clearance of every Namespace: what may run in it, and why (articles 4 and 12). The API server's
// admission policies enforce what this package writes.
//
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch;patch
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections;electronicsystems;changeapprovals;datauseconsents;committeemeetings,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package namespace

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
)

// fieldManager owns the marks on a Namespace.
const fieldManager = "kitei-clearance"

// eventClearance is the reason of the event on a Namespace whose clearance changed.
const eventClearance = "ClearanceChanged"

// Reconciler writes one Namespace's clearance.
type Reconciler struct {
	Client client.Client
	// Source of the applications and their papers.
	Source register.Source
	Events events.EventRecorder
	Clock  clock.PassiveClock
}

// Reconcile decides the clearance and writes it if it changed. It comes again when the verdict may change by itself.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	namespace := watching.Namespace()
	if err := r.Client.Get(ctx, request.NamespacedName, namespace); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !namespace.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	if !clearance.Governed(namespace.Name, namespace.Labels) {
		return ctrl.Result{}, r.write(ctx, namespace, nil, nil)
	}
	now := r.Clock.Now()
	input, err := register.Input(ctx, r.Client, r.Source, namespace.Name, namespace.Labels, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := clearance.Namespace(input)
	labels, annotations := verdict.Marks(input.Organisation)
	before := clearance.Record(namespace.Labels, namespace.Annotations)
	// The eviction of what slipped in meanwhile must survive a restart, so that the Namespace remembers the lapse.
	if lapse := clearance.Settle(before, clearance.Record(labels, annotations), input.Cases, input.Organisation); !lapse.IsZero() {
		annotations[v1alpha1.AnnotationLapse] = lapse.String()
	}
	if err := r.write(ctx, namespace, labels, annotations); err != nil {
		return ctrl.Result{}, err
	}
	if before.Clearance != verdict.Clearance || before.Reason != verdict.Reason {
		log.FromContext(ctx).Info("clearance changed", "from", before.Clearance, "to", verdict.Clearance, "reason", verdict.Reason)
		r.report(namespace, verdict.Clearance, annotations[v1alpha1.AnnotationMessage])
	}
	return watching.Until(verdict.System.Next, now), nil
}

// write makes the marks on the Namespace those given, and touches nothing else of it.
func (r *Reconciler) write(ctx context.Context, namespace *metav1.PartialObjectMetadata, labels, annotations map[string]string) error {
	if maps.Equal(clearance.Marks(namespace.Labels), labels) && maps.Equal(clearance.Marks(namespace.Annotations), annotations) {
		return nil
	}
	// The UID keeps server-side apply from making a namespace anew that was deleted meanwhile.
	desired := corev1ac.Namespace(namespace.Name).WithUID(namespace.UID).WithLabels(labels).WithAnnotations(annotations)
	if err := r.Client.Apply(ctx, desired, client.FieldOwner(fieldManager), client.ForceOwnership); err != nil {
		return fmt.Errorf("apply the clearance to namespace %s: %w", namespace.Name, err)
	}
	return r.sweep(ctx, namespace, map[string]any{ // desired holds the answer now
		"labels":      unwanted(desired.Labels, labels),
		"annotations": unwanted(desired.Annotations, annotations),
	})
}

// unwanted maps the marks to remove to null, as a merge patch wants them.
func unwanted(found, wanted map[string]string) map[string]any {
	nulls := map[string]any{}
	for key := range clearance.Marks(found) {
		if _, keep := wanted[key]; !keep {
			nulls[key] = nil
		}
	}
	return nulls
}

// sweep removes marks that others wrote before Kitei guarded them: server-side apply leaves those alone.
func (r *Reconciler) sweep(ctx context.Context, namespace *metav1.PartialObjectMetadata, leftover map[string]any) error {
	for field, nulls := range leftover {
		if len(nulls.(map[string]any)) == 0 {
			delete(leftover, field)
		}
	}
	if len(leftover) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": leftover})
	if err != nil {
		return fmt.Errorf("encode the removal of marks: %w", err)
	}
	if err := r.Client.Patch(ctx, namespace.DeepCopy(), client.RawPatch(types.MergePatchType, patch),
		client.FieldOwner(fieldManager)); err != nil {
		return fmt.Errorf("remove marks from namespace %s: %w", namespace.Name, err)
	}
	return nil
}

func (r *Reconciler) report(namespace *metav1.PartialObjectMetadata, after v1alpha1.Clearance, why string) {
	kind := corev1.EventTypeNormal
	if after == v1alpha1.ClearanceHeld || after == v1alpha1.ClearanceDenied || after == v1alpha1.ClearanceObserved {
		kind = corev1.EventTypeWarning
	}
	r.Events.Eventf(namespace, nil, kind, eventClearance, "Decide", "%s", message.Note(why))
}
