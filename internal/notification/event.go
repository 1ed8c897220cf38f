package notification

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
)

// Events tells a notice by an Event on the object that it is about. It makes the Event itself rather than by a recorder,
// which would forget it where the operator ends just then; its name keeps it from being made twice.
type Events struct {
	Client client.Client
	Clock  clock.PassiveClock
}

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Name of the channel.
func (e *Events) Name() v1alpha1.NotificationChannel { return v1alpha1.ChannelEvent }

// Configured unless the regulation says otherwise.
func (e *Events) Configured(n v1alpha1.Notification) bool { return n.Events != v1alpha1.EventsDisabled }

// Deliver makes the Event, in the namespace where those on objects without a namespace are.
func (e *Events) Deliver(ctx context.Context, _ v1alpha1.Notification, notice Notice, _ []v1alpha1.MailAddress,
) ([]v1alpha1.MailAddress, error) {
	event := &eventsv1.Event{
		ObjectMeta:          metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: notice.About.Name + "." + notice.ID},
		EventTime:           metav1.NewMicroTime(e.Clock.Now()),
		ReportingController: "kitei",
		ReportingInstance:   "kitei",
		Action:              "Notify",
		Reason:              notice.Reason,
		Regarding:           notice.About,
		Note:                message.Note(notice.Title),
		Type:                corev1.EventTypeNormal,
	}
	if err := e.Client.Create(ctx, event); err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, fmt.Errorf("make the event %s: %w", event.Name, err)
	}
	return nil, nil
}
