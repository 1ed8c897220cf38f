package attest

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// Write is one request to write an object.
type Write[T client.Object] struct {
	// Created says that there was no object before, and Old is empty.
	Created bool
	// Deleted says that the object is to go.
	Deleted bool
	// Old object.
	Old T
	// Object as the request would leave it; on deletion the object that would go.
	Object T
	// Status says that the request came by the status subresource: the spec it carries counts for nothing.
	Status bool
	// Identity of the authenticated requester.
	Identity regulation.Identity
	// Organisation at the time of the request.
	Organisation regulation.Organisation
	// Unread says that nothing was read, nor is to be: the operator itself writes a status.
	Unread bool
	// Key seals the stamps.
	Key ledger.Key
}

// Now is the time of a stamp, as precise as the API stores it.
func (w Write[T]) Now() metav1.Time { return metav1.NewTime(w.Organisation.Now).Rfc3339Copy() }

// Printer writes in the regulation's language.
func (w Write[T]) Printer() message.Printer { return message.In(w.Organisation.Language()) }

// Rules decide the writes of a kind. They are pure: what they depend on was read before.
type Rules[T client.Object] interface {
	// Review decides a write. It returns the object with the stamps that the write calls for, or why it is refused.
	Review(w Write[T]) (T, *Refusal)
	// Unstamped is the write's object without the stamps that the write itself calls for.
	Unstamped(w Write[T]) T
	// StampedAt is the time that the write's object claims for the write's own stamp; nil for none.
	StampedAt(w Write[T]) *metav1.Time
	// Delete decides a deletion; nil lets it through.
	Delete(w Write[T]) *Refusal
}

// Refusal says why a write is refused: a sentence of the catalogue.
type Refusal struct {
	ID        message.ID
	Arguments []any
}

// Refuse makes a refusal.
func Refuse(id message.ID, arguments ...any) *Refusal { return &Refusal{ID: id, Arguments: arguments} }
