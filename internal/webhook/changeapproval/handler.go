package changeapproval

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// maxStampAge is how far the stamped time may lie from the validating webhook's clock: replicas' clocks differ a little.
const maxStampAge = 5 * time.Minute

// Handler answers both webhooks. Decisions are few and must not rest on stale offices: it reads live.
type Handler struct {
	// Live reads from the API server.
	Live client.Reader
	// Decoder of the requests' objects.
	Decoder admission.Decoder
	// Clock tells the time of a stamp.
	Clock clock.PassiveClock
}

// Mutate stamps who submitted or decided. The API server calls it again, with that stamp in place, when another webhook
// changed the object afterwards: a stamp that is exactly what this request calls for is no forgery, and is made anew.
func (h *Handler) Mutate(ctx context.Context, request admission.Request) admission.Response {
	w, err := h.load(ctx, request)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	if verify(w) == nil {
		w.object = unstamped(w)
	}
	stamped, refused := review(w)
	if refused != nil {
		return deny(w, refused)
	}
	raw, err := json.Marshal(stamped)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, fmt.Errorf("encode the stamped application: %w", err))
	}
	return admission.PatchResponseFromRaw(request.Object.Raw, raw)
}

// Validate sees that the final object is what [Handler.Mutate] made of the request.
func (h *Handler) Validate(ctx context.Context, request admission.Request) admission.Response {
	if request.Operation == admissionv1.Delete {
		return h.validateDelete(ctx, request)
	}
	w, err := h.load(ctx, request)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	if refused := verify(w); refused != nil {
		return deny(w, refused)
	}
	return admission.Allowed("")
}

// verify sees that an object bears exactly the stamp that its write calls for: it takes the stamp off, reviews the write anew,
// and compares.
func verify(w write) *refusal {
	final := w.object
	w.object = unstamped(w)
	if at, stamped := stampTime(w, final); stamped {
		if age := w.organisation.Now.Sub(at); age > maxStampAge || age < -maxStampAge {
			return refuse(message.StampUnexpected, final.Name)
		}
		w.organisation.Now = at
	}
	expected, refused := review(w)
	switch {
	case refused != nil:
		return refused
	case !equality.Semantic.DeepEqual(expected.Spec, final.Spec) && !w.status,
		!equality.Semantic.DeepEqual(expected.Status, final.Status) && w.status:
		return refuse(message.StampUnexpected, final.Name)
	}
	return nil
}

// validateDelete keeps the record: what was submitted stays, whatever became of it (article 13-3). A draft may go.
func (h *Handler) validateDelete(ctx context.Context, request admission.Request) admission.Response {
	var application v1alpha1.ChangeApproval
	if err := h.Decoder.DecodeRaw(request.OldObject, &application); err != nil {
		return admission.Errored(http.StatusBadRequest, fmt.Errorf("decode the application: %w", err))
	}
	if application.Spec.Stage != v1alpha1.StageSubmitted {
		return admission.Allowed("")
	}
	organisation, err := register.Organisation(ctx, h.Live, h.Clock.Now())
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	return admission.Denied(message.In(organisation.Language()).Say(message.RecordStays, application.Name))
}

func (h *Handler) load(ctx context.Context, request admission.Request) (write, error) {
	w := write{
		object:   &v1alpha1.ChangeApproval{},
		status:   request.SubResource == "status",
		identity: regulation.Identity{Username: request.UserInfo.Username, Groups: request.UserInfo.Groups},
	}
	if err := h.Decoder.DecodeRaw(request.Object, w.object); err != nil {
		return w, fmt.Errorf("decode the application: %w", err)
	}
	if w.object.Name == "" {
		w.object.Name = request.Name // empty still with generateName
	}
	if request.Operation == admissionv1.Update {
		w.old = &v1alpha1.ChangeApproval{}
		if err := h.Decoder.DecodeRaw(request.OldObject, w.old); err != nil {
			return w, fmt.Errorf("decode the application as it was: %w", err)
		}
	}
	var err error
	if w.organisation, err = register.Organisation(ctx, h.Live, h.Clock.Now()); err != nil {
		return w, err
	}
	reference := w.object.Spec.SystemRef.Name
	if w.old != nil && w.status {
		reference = w.old.Spec.SystemRef.Name
	}
	var system v1alpha1.ElectronicSystem
	switch err := h.Live.Get(ctx, client.ObjectKey{Name: reference}, &system); {
	case err == nil:
		w.system = &system
	case !apierrors.IsNotFound(err):
		return w, fmt.Errorf("get electronic system %s: %w", reference, err)
	}
	return w, h.loadPapers(ctx, &w)
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
		object.Status.PastDecisions = before.PastDecisions
	}
	return object
}

// stampTime is the time that the final object claims for this request's own stamp.
func stampTime(w write, final *v1alpha1.ChangeApproval) (time.Time, bool) {
	switch {
	case w.status && final.Status.Decision != w.old.Status.Decision && final.Status.DecidedAt != nil:
		return final.Status.DecidedAt.Time, true
	case !w.status && (w.old == nil || w.old.Spec.Stage != v1alpha1.StageSubmitted) && final.Spec.Submission != nil:
		return final.Spec.Submission.At.Time, true
	}
	return time.Time{}, false
}

func deny(w write, refused *refusal) admission.Response {
	return admission.Denied(w.printer().Say(refused.id, refused.arguments...))
}
