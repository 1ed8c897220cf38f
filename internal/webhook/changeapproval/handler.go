package changeapproval

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/webhook/attest"
)

// New makes the handler.
func New(live client.Reader, decoder admission.Decoder, time clock.PassiveClock, key ledger.Key,
) *attest.Handler[*v1alpha1.ChangeApproval] {
	return &attest.Handler[*v1alpha1.ChangeApproval]{
		Live: live, Decoder: decoder, Clock: time, Key: key, Unexpected: message.StampUnexpected,
		New:   func() *v1alpha1.ChangeApproval { return &v1alpha1.ChangeApproval{} },
		Rules: load,
	}
}

// load reads what the rules depend on.
func load(ctx context.Context, live client.Reader, request attest.Write[*v1alpha1.ChangeApproval]) (
	attest.Rules[*v1alpha1.ChangeApproval], error,
) {
	w := rules{}.on(request)
	if request.Deleted || request.Unread {
		return rules{w}, nil
	}
	reference := w.object.Spec.SystemRef.Name
	if w.status {
		reference = w.old.Spec.SystemRef.Name
	}
	var system v1alpha1.ElectronicSystem
	switch err := live.Get(ctx, client.ObjectKey{Name: reference}, &system); {
	case err == nil:
		w.system = &system
	case !apierrors.IsNotFound(err):
		return nil, fmt.Errorf("get electronic system %s: %w", reference, err)
	}
	if err := loadPapers(ctx, live, &w); err != nil {
		return nil, err
	}
	return rules{w}, nil
}

// rules are those of review.go, with what they depend on.
type rules struct{ write }

// on is a request with what the rules depend on.
func (r rules) on(request attest.Write[*v1alpha1.ChangeApproval]) write {
	w := r.write
	w.object, w.status, w.identity, w.organisation = request.Object, request.Status, request.Identity, request.Organisation
	w.key = request.Key
	if !request.Created {
		w.old = request.Old
	}
	return w
}

// Review decides a write.
func (r rules) Review(request attest.Write[*v1alpha1.ChangeApproval]) (*v1alpha1.ChangeApproval, *attest.Refusal) {
	return review(r.on(request))
}

// Unstamped takes the request's own stamp off.
func (r rules) Unstamped(request attest.Write[*v1alpha1.ChangeApproval]) *v1alpha1.ChangeApproval {
	return unstamped(r.on(request))
}

// StampedAt is the time of the request's own stamp.
func (r rules) StampedAt(request attest.Write[*v1alpha1.ChangeApproval]) *metav1.Time {
	return stampedAt(r.on(request))
}

// Delete keeps the record: what was submitted stays, whatever became of it (article 13-3). A draft may go.
func (r rules) Delete(request attest.Write[*v1alpha1.ChangeApproval]) *attest.Refusal {
	if request.Object.Spec.Stage != v1alpha1.StageSubmitted {
		return nil
	}
	return refuse(message.RecordStays, request.Object.Name)
}

// unstamped is the final object without the stamps that this request calls for.
func unstamped(w write) *v1alpha1.ChangeApproval {
	object := w.object.DeepCopy()
	switch {
	case !w.status:
		if w.old == nil || w.old.Spec.Stage != v1alpha1.StageSubmitted {
			object.Spec.Submission = nil
		}
	case object.Status.Decision != w.old.Status.Decision && w.identity.Username != v1alpha1.OperatorUsername:
		before := w.old.Status.DeepCopy()
		object.Status.DecidedBy, object.Status.DecidedAs = before.DecidedBy, before.DecidedAs
		object.Status.DecidedAt, object.Status.DecidedGeneration = before.DecidedAt, before.DecidedGeneration
		object.Status.MeetingRef, object.Status.RatifyBy = before.MeetingRef, before.RatifyBy
		object.Status.PastDecisions, object.Status.Seal = before.PastDecisions, before.Seal
	}
	return object
}

// stampedAt is the time that the final object claims for this request's own stamp.
func stampedAt(w write) *metav1.Time {
	switch final := w.object; {
	case w.status && final.Status.Decision != w.old.Status.Decision:
		return final.Status.DecidedAt
	case !w.status && (w.old == nil || w.old.Spec.Stage != v1alpha1.StageSubmitted) && final.Spec.Submission != nil:
		return &final.Spec.Submission.At
	}
	return nil
}
