// Package notification tells people and machines what was decided (articles 12-5 and 13-2): it writes a [Notice], and has a
// [Channel] for each way of telling it. What is to be told, when, and what became of it, is for the caller to know.
package notification

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

// Notice is one thing to tell, written out for every channel. It comes out the same however often it is made.
type Notice struct {
	// ID tells the notice from every other. Mail systems and sinks recognise a repetition by it.
	ID string
	// Title is the whole of it in one line.
	Title string
	// Lines of the mail's text.
	Lines []string
	// About is the object that it is about.
	About corev1.ObjectReference
	// Reason in CamelCase, of the Event.
	Reason string
	// Type of the CloudEvent.
	Type string
	// At is when that happened which is told.
	At time.Time
	// Data of the CloudEvent. It leaves the cluster: it names no person and repeats nothing that a person wrote.
	Data any
}

// Channel is a way of telling a notice.
type Channel interface {
	// Name of the channel.
	Name() v1alpha1.NotificationChannel
	// Configured says whether the regulation has the channel.
	Configured(v1alpha1.Notification) bool
	// Deliver tells the notice once, within the time that the context has. Where the channel needs addresses it returns
	// those that it told, also beside an error, which is a [Failure].
	Deliver(context.Context, v1alpha1.Notification, Notice, []v1alpha1.MailAddress) ([]v1alpha1.MailAddress, error)
}
