package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
	"kitei.dev/kitei/internal/regulation"
)

// MaxStampAge is how far the stamped time may lie from the validating webhook's clock: replicas' clocks differ a little.
const MaxStampAge = 5 * time.Minute

// Handler answers the webhooks of one kind. Such writes are few and must not rest on stale offices: it reads live.
type Handler[T client.Object] struct {
	// Live reads from the API server.
	Live client.Reader
	// Decoder of the requests' objects.
	Decoder admission.Decoder
	// Clock tells the time of a stamp.
	Clock clock.PassiveClock
	// Key seals the stamps.
	Key ledger.Key
	// New makes an empty object.
	New func() T
	// Rules reads what the rules depend on for a write, and makes them.
	Rules func(ctx context.Context, live client.Reader, w Write[T]) (Rules[T], error)
	// Unexpected refuses an object that bears another stamp than its request calls for; its argument is the object's name.
	Unexpected message.ID
}

// Mutate stamps. The API server calls it again, with the stamp in place, when another webhook changed the object afterwards:
// a stamp that is exactly what this request calls for is no forgery, and is made anew.
func (h *Handler[T]) Mutate(ctx context.Context, request admission.Request) admission.Response {
	if h.operatorMay(ctx, request) {
		return admission.Allowed("")
	}
	w, rules, err := h.load(ctx, request)
	if err != nil {
		return errored(err)
	}
	if h.verify(rules, w) == nil {
		w.Object = rules.Unstamped(w)
	}
	stamped, refused := rules.Review(w)
	if refused != nil {
		return deny(w, refused)
	}
	raw, err := json.Marshal(stamped)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, fmt.Errorf("encode the stamped %T: %w", stamped, err))
	}
	return admission.PatchResponseFromRaw(request.Object.Raw, raw)
}

// Validate sees that the final object is what [Handler.Mutate] made of the request, or that the object may go.
func (h *Handler[T]) Validate(ctx context.Context, request admission.Request) admission.Response {
	if h.operatorMay(ctx, request) {
		return admission.Allowed("")
	}
	w, rules, err := h.load(ctx, request)
	if err != nil {
		return errored(err)
	}
	var refused *Refusal
	if w.Deleted {
		refused = rules.Delete(w)
	} else {
		refused = h.verify(rules, w)
	}
	if refused != nil {
		return deny(w, refused)
	}
	return admission.Allowed("")
}

// verify sees that an object bears exactly the stamp that its write calls for: it takes the stamp off, reviews the write anew,
// and compares.
func (h *Handler[T]) verify(rules Rules[T], w Write[T]) *Refusal {
	final, at := w.Object, rules.StampedAt(w)
	w.Object = rules.Unstamped(w)
	if at != nil {
		if age := w.Organisation.Now.Sub(at.Time); age > MaxStampAge || age < -MaxStampAge {
			return Refuse(h.Unexpected, final.GetName())
		}
		w.Organisation.Now = at.Time
	}
	expected, refused := rules.Review(w)
	switch {
	case refused != nil:
		return refused
	case !equality.Semantic.DeepEqual(expected, final):
		return Refuse(h.Unexpected, final.GetName())
	}
	return nil
}

// operatorMay says whether the request is a status of the operator's own that it may write. There are many, and they rest on
// nobody's office, so nothing is read for them; one that it may not write is judged again with everything read, to say who may.
func (h *Handler[T]) operatorMay(ctx context.Context, request admission.Request) bool {
	if request.UserInfo.Username != v1alpha1.OperatorUsername || request.SubResource != "status" ||
		request.Operation != admissionv1.Update {
		return false
	}
	w, err := h.decode(request)
	if err != nil {
		return false
	}
	w.Unread = true
	w.Organisation.Now = h.Clock.Now()
	rules, err := h.Rules(ctx, h.Live, w)
	return err == nil && h.verify(rules, w) == nil
}

func (h *Handler[T]) load(ctx context.Context, request admission.Request) (Write[T], Rules[T], error) {
	w, err := h.decode(request)
	if err != nil {
		return w, nil, err
	}
	if w.Organisation, err = register.Organisation(ctx, h.Live, h.Clock.Now()); err != nil {
		return w, nil, err
	}
	rules, err := h.Rules(ctx, h.Live, w)
	return w, rules, err
}

func (h *Handler[T]) decode(request admission.Request) (Write[T], error) {
	w := Write[T]{
		Created:  request.Operation == admissionv1.Create,
		Deleted:  request.Operation == admissionv1.Delete,
		Old:      h.New(),
		Object:   h.New(),
		Status:   request.SubResource == "status",
		Identity: regulation.Identity{Username: request.UserInfo.Username, Groups: request.UserInfo.Groups},
		Key:      h.Key,
	}
	current := request.Object
	if w.Deleted {
		current = request.OldObject
	}
	if err := h.Decoder.DecodeRaw(current, w.Object); err != nil {
		return w, undecodable{fmt.Errorf("decode the %T: %w", w.Object, err)}
	}
	if w.Object.GetName() == "" {
		w.Object.SetName(request.Name) // empty still with generateName
	}
	if request.Operation == admissionv1.Update {
		if err := h.Decoder.DecodeRaw(request.OldObject, w.Old); err != nil {
			return w, undecodable{fmt.Errorf("decode the %T as it was: %w", w.Old, err)}
		}
	}
	return w, nil
}

func deny[T client.Object](w Write[T], refused *Refusal) admission.Response {
	return admission.Denied(w.Printer().Say(refused.ID, refused.Arguments...))
}

// undecodable says that it is the request that is wrong.
type undecodable struct{ error }

func errored(err error) admission.Response {
	if errors.As(err, &undecodable{}) {
		return admission.Errored(http.StatusBadRequest, err)
	}
	return admission.Errored(http.StatusInternalServerError, err)
}
