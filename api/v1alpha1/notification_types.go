package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MailAddress is an address of electronic mail, in ASCII.
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=254
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$`
type MailAddress string

// Notification says how an applicant is told of a decision (articles 12-5 and 13-2).
type Notification struct {
	// events: Enabled (the default) makes an Event of each decision on its ChangeApproval, Disabled makes none.
	// +optional
	// +kubebuilder:default=Enabled
	Events EventNotification `json:"events,omitempty"`

	// smtp is the mail server by which the office that applied is told. Without one nobody gets a mail.
	// +optional
	SMTP *SMTP `json:"smtp,omitempty"`

	// cloudEvents is the sink that gets a CloudEvent of each decision. Without one none is sent.
	// +optional
	CloudEvents *CloudEventSink `json:"cloudEvents,omitempty"`
}

// EventNotification says whether decisions become Events.
// +kubebuilder:validation:Enum=Enabled;Disabled
type EventNotification string

const (
	// EventsEnabled makes an Event of each decision.
	EventsEnabled EventNotification = "Enabled"
	// EventsDisabled makes none.
	EventsDisabled EventNotification = "Disabled"
)

// MailTLS says how the connection to a mail server is protected.
// +kubebuilder:validation:Enum=StartTLS;TLS;None
type MailTLS string

const (
	// MailStartTLS begins in the clear and goes on by TLS, or not at all.
	MailStartTLS MailTLS = "StartTLS"
	// MailImplicitTLS speaks TLS from the first byte on.
	MailImplicitTLS MailTLS = "TLS"
	// MailClear protects nothing.
	MailClear MailTLS = "None"
)

// Authentication says whether Kitei authenticates itself, with a Secret whose name is fixed: who writes the Regulation cannot
// have another Secret sent to a server of their own.
// +kubebuilder:validation:Enum=None;Secret
type Authentication string

const (
	// AuthenticationNone sends no credentials.
	AuthenticationNone Authentication = "None"
	// AuthenticationSecret takes them from the Secret.
	AuthenticationSecret Authentication = "Secret"
)

const (
	// SMTPSecret in the operator's namespace holds username and password for the mail server.
	SMTPSecret = "kitei-smtp"
	// CloudEventsSecret in the operator's namespace holds token, which goes to the sink as bearer token.
	CloudEventsSecret = "kitei-cloudevents"
)

// SMTP is a mail server that takes mail for the offices.
// +kubebuilder:validation:XValidation:rule="self.tls != 'None' || self.authentication != 'Secret'",message="パスワードは暗号化しない接続では送りません（規程第12条・第13条）。tls を StartTLS か TLS にしてください / a password does not go in the clear (articles 12 and 13): set tls to StartTLS or TLS",reason=FieldValueInvalid,fieldPath=".tls"
type SMTP struct {
	// address of the server, as host:port.
	// +required
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=260
	// +kubebuilder:validation:Pattern=`^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$`
	Address string `json:"address"`

	// from is the sender, to whom undeliverable mail comes back.
	// +required
	From MailAddress `json:"from"`

	// tls: StartTLS (the default), TLS or None.
	// +optional
	// +kubebuilder:default=StartTLS
	TLS MailTLS `json:"tls,omitempty"`

	// authentication: None (the default) or Secret: the Secret kitei-smtp in kitei-system, with username and password.
	// +optional
	// +kubebuilder:default=None
	Authentication Authentication `json:"authentication,omitempty"`

	// caBundle are the certificates (PEM) that the server's own must come from. Without them the system's count.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	CABundle string `json:"caBundle,omitempty"`
}

// CloudEventSink is an HTTP endpoint that takes CloudEvents.
// +kubebuilder:validation:XValidation:rule="self.url.startsWith('https://') || self.authentication != 'Secret'",message="トークンは https でだけ送ります（規程第12条・第13条） / a token goes by https alone (articles 12 and 13)",reason=FieldValueInvalid,fieldPath=".url"
type CloudEventSink struct {
	// url that the events are posted to.
	// +required
	// +kubebuilder:validation:MinLength=8
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^https?://([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s?#]*)?(\?[^\s#]*)?$`
	URL string `json:"url"`

	// authentication: None (the default) or Secret: the Secret kitei-cloudevents in kitei-system, with token.
	// +optional
	// +kubebuilder:default=None
	Authentication Authentication `json:"authentication,omitempty"`

	// caBundle are the certificates (PEM) that the sink's own must come from. Without them the system's count.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	CABundle string `json:"caBundle,omitempty"`
}

// NotificationChannel is a way of telling the applicant.
// +kubebuilder:validation:Enum=Event;Mail;CloudEvent
type NotificationChannel string

const (
	// ChannelEvent is an Event on the ChangeApproval.
	ChannelEvent NotificationChannel = "Event"
	// ChannelMail is mail to the office that applied.
	ChannelMail NotificationChannel = "Mail"
	// ChannelCloudEvent is a CloudEvent to the sink.
	ChannelCloudEvent NotificationChannel = "CloudEvent"
)

// NotificationState says how far the telling of a decision by one channel is.
// +kubebuilder:validation:Enum=Sending;Waiting;Refused;NoAddress;Delivered;NotConfigured;Expired
type NotificationState string

const (
	// NotificationSending: on its way. Who finds it so after a crash cannot know whether it arrived, and sends it again.
	NotificationSending NotificationState = "Sending"
	// NotificationWaiting: it failed, and is tried again within minutes.
	NotificationWaiting NotificationState = "Waiting"
	// NotificationRefused: the other side wants it no more. It is tried again every hour, in case somebody mends the cause.
	NotificationRefused NotificationState = "Refused"
	// NotificationNoAddress: no office that applied has an address. It goes out when one gets it.
	NotificationNoAddress NotificationState = "NoAddress"
	// NotificationDelivered: the other side has taken it.
	NotificationDelivered NotificationState = "Delivered"
	// NotificationNotConfigured: the Regulation did not have this channel when it was the decision's turn. That stays so.
	NotificationNotConfigured NotificationState = "NotConfigured"
	// NotificationExpired: it could not be delivered for 30 days, and is news no more.
	NotificationExpired NotificationState = "Expired"
)

// NotificationFailure says why an attempt failed.
// +kubebuilder:validation:Enum=Unreachable;Untrusted;Unauthorized;Deferred;Rejected;Misconfigured
type NotificationFailure string

const (
	// FailureUnreachable: no connection, or it broke off, or no answer came in time.
	FailureUnreachable NotificationFailure = "Unreachable"
	// FailureUntrusted: no TLS, or a certificate that nothing here trusts.
	FailureUntrusted NotificationFailure = "Untrusted"
	// FailureUnauthorized: the credentials were not accepted.
	FailureUnauthorized NotificationFailure = "Unauthorized"
	// FailureDeferred: the other side asks to come again later.
	FailureDeferred NotificationFailure = "Deferred"
	// FailureRejected: the other side refuses it for good.
	FailureRejected NotificationFailure = "Rejected"
	// FailureMisconfigured: the Regulation or the Secret is not complete.
	FailureMisconfigured NotificationFailure = "Misconfigured"
)

// NotificationRecord says how one decision was told by one channel.
type NotificationRecord struct {
	// decision that is told.
	// +required
	Decision Decision `json:"decision"`

	// channel by which it is told: Event, Mail or CloudEvent.
	// +required
	Channel NotificationChannel `json:"channel"`

	// state: Sending, Waiting, Refused, NoAddress, Delivered, NotConfigured or Expired.
	// +required
	State NotificationState `json:"state"`

	// attempts so far.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Attempts int32 `json:"attempts,omitempty"`

	// lastAttemptAt is when the last attempt began.
	// +optional
	LastAttemptAt *metav1.Time `json:"lastAttemptAt,omitempty"`

	// lastFailure says why the last attempt failed; empty where it did not.
	// +optional
	LastFailure NotificationFailure `json:"lastFailure,omitempty"`

	// deliveredAt is when the other side had taken it.
	// +optional
	DeliveredAt *metav1.Time `json:"deliveredAt,omitempty"`

	// deliveredTo are the addresses for which the mail server has taken the mail.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=256
	DeliveredTo []MailAddress `json:"deliveredTo,omitempty"`
}

// ConditionNotified says whether the applicant was told of what was decided (articles 12-5 and 13-2). Reasons:
// [ReasonDelivered], [ReasonPending], [ReasonNotSubmitted], [ReasonUnattested], [ReasonNotificationFailed],
// [ReasonNoAddress], [ReasonNotConfigured].
const ConditionNotified = "Notified"

const (
	// ReasonDelivered: told by every channel that the Regulation has.
	ReasonDelivered = "Delivered"
	// ReasonNotificationFailed: a channel refuses it, or it could not be delivered for 30 days.
	ReasonNotificationFailed = "Failed"
	// ReasonNoAddress: the office that applied has no address; the other channels have told it.
	ReasonNoAddress = "NoAddress"
	// ReasonNotConfigured: the Regulation has no channel at all.
	ReasonNotConfigured = "NotConfigured"
)
