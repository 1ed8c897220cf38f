package changeapproval

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/status"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/regulation"
)

// tellings are what became of every attested decision on every channel.
type tellings struct {
	told, pending, failed []string
	// noAddress: a mail has nobody to go to.
	noAddress bool
}

// notified is the condition Notified: it adds up what the channels recorded, and the worst of it counts. A decision is told
// when each channel that the regulation had at its time has delivered it.
func notified(application *v1alpha1.ChangeApproval, system *v1alpha1.ElectronicSystem, organisation regulation.Organisation,
	p message.Printer,
) metav1.Condition {
	not := func(reason string, id message.ID, arguments ...any) metav1.Condition {
		return status.Condition(v1alpha1.ConditionNotified, false, reason, p.Say(id, arguments...))
	}
	decisions := clearance.Decisions(application)
	switch latest := application.Status.Decision; {
	case latest == "" && application.Spec.Stage == v1alpha1.StageSubmitted:
		return not(v1alpha1.ReasonPending, message.NotifiedNothingYet)
	case latest == "":
		return not(v1alpha1.ReasonNotSubmitted, message.NotifiedNothingYet)
	case len(decisions) == 0 || decisions[len(decisions)-1].Decision != latest:
		return not(v1alpha1.ReasonUnattested, message.NotifiedUnattested)
	}
	var t tellings
	for _, decision := range decisions {
		for _, channel := range []v1alpha1.NotificationChannel{v1alpha1.ChannelEvent, v1alpha1.ChannelMail, v1alpha1.ChannelCloudEvent} {
			t.add(application.Status.Notifications, decision.Decision, channel, organisation, p)
		}
	}
	switch {
	case len(t.failed) > 0:
		return not(v1alpha1.ReasonNotificationFailed, message.NotifiedFailed, p.List(append(t.failed, t.pending...)))
	case len(t.pending) > 0:
		return not(v1alpha1.ReasonPending, message.NotifiedPending, p.List(t.pending))
	case t.noAddress:
		var offices []regulation.Office
		if system != nil {
			offices = organisation.Submitters(system, application.Spec.Type, application.Spec.Submission)
		}
		return not(v1alpha1.ReasonNoAddress, message.NotifiedNoAddress,
			clearance.Offices(offices, application.Spec.Submission.As, p))
	case len(t.told) == 0:
		return not(v1alpha1.ReasonNotConfigured, message.NotifiedNotConfigured)
	}
	return status.Condition(v1alpha1.ConditionNotified, true, v1alpha1.ReasonDelivered, p.Say(message.NotifiedDelivered, p.List(t.told)))
}

func (t *tellings) add(records []v1alpha1.NotificationRecord, decision v1alpha1.Decision, channel v1alpha1.NotificationChannel,
	organisation regulation.Organisation, p message.Printer,
) {
	name, what := p.Say(message.ID("NoticeChannel"+channel)), p.Say(message.ID("Notice"+decision))
	untold := func(why string) string { return p.Say(message.NoticeChannelUntold, name, what, why) }
	at := slices.IndexFunc(records, func(r v1alpha1.NotificationRecord) bool {
		return r.Decision == decision && r.Channel == channel
	})
	if at < 0 {
		t.pending = append(t.pending, untold(p.Say(message.NoticeUntried)))
		return
	}
	record := &records[at]
	switch record.State {
	case v1alpha1.NotificationDelivered:
		var moment time.Time
		if record.DeliveredAt != nil {
			moment = record.DeliveredAt.Time
		}
		told := p.Say(message.NoticeChannelTold, name, what, clearance.Moment(moment, organisation))
		if len(record.DeliveredTo) > 0 {
			told = p.Say(message.NoticeChannelTo, told, p.List(texts(record.DeliveredTo)))
		}
		t.told = append(t.told, told)
	case v1alpha1.NotificationNoAddress:
		t.noAddress = true
	case v1alpha1.NotificationNotConfigured:
	case v1alpha1.NotificationRefused, v1alpha1.NotificationExpired:
		t.failed = append(t.failed, untold(trouble(record, p)))
	case v1alpha1.NotificationSending, v1alpha1.NotificationWaiting:
		t.pending = append(t.pending, untold(trouble(record, p)))
	}
}

// trouble says what stands in the way of a delivery.
func trouble(record *v1alpha1.NotificationRecord, p message.Printer) string {
	switch {
	case record.LastFailure != "":
		return p.Say(message.NoticeAttempts, p.Say(message.ID("NoticeFailure"+record.LastFailure)), record.Attempts)
	case record.State == v1alpha1.NotificationSending:
		return p.Say(message.NoticeSending)
	case record.Attempts == 0: // it expired so
		return p.Say(message.NoticeNoAddress)
	}
	return p.Say(message.NoticeUntried)
}

func texts(addresses []v1alpha1.MailAddress) []string {
	written := make([]string, 0, len(addresses))
	for _, address := range addresses {
		written = append(written, string(address))
	}
	return written
}
