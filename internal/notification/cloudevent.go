package notification

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// eventSource of every CloudEvent. The id beside it is unique over clusters, because it is made of the object's UID.
const eventSource = "/apis/governance.kitei.dev"

// CloudEvents tells a notice to an HTTP sink, as one structured CloudEvent.
type CloudEvents struct {
	// Live reads the Secret.
	Live client.Reader
}

// Name of the channel.
func (c *CloudEvents) Name() v1alpha1.NotificationChannel { return v1alpha1.ChannelCloudEvent }

// Configured where the regulation names a sink.
func (c *CloudEvents) Configured(n v1alpha1.Notification) bool { return n.CloudEvents != nil }

// Deliver posts the event. A redirect is not followed: the address is the regulation's to give.
func (c *CloudEvents) Deliver(ctx context.Context, n v1alpha1.Notification, notice Notice, _ []v1alpha1.MailAddress,
) ([]v1alpha1.MailAddress, error) {
	sink := n.CloudEvents
	request, err := post(ctx, sink.URL, notice)
	if err != nil {
		return nil, failure(v1alpha1.FailureMisconfigured, "write the event: %w", err)
	}
	if sink.Authentication == v1alpha1.AuthenticationSecret {
		token, err := credentials(ctx, c.Live, v1alpha1.CloudEventsSecret, "token")
		if err != nil {
			return nil, err
		}
		request.Header.Set("Authorization", "Bearer "+token[0])
	}
	config, err := trust(sink.CABundle)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig, transport.DisableKeepAlives = config, true
	poster := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	response, err := poster.Do(request)
	if err != nil {
		var wrapped *url.Error // names the whole URL, which may have a secret in its query
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, failure(unreached(err), "post to %s: %w", request.URL.Host, err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 4096)
	if class := answered(response.StatusCode); class != "" {
		return nil, failure(class, "post to %s: %s", request.URL.Host, response.Status)
	}
	return nil, nil
}

func post(ctx context.Context, sink string, notice Notice) (*http.Request, error) {
	e := event.New()
	e.SetID(notice.ID)
	e.SetType(notice.Type)
	e.SetSource(eventSource)
	e.SetSubject(notice.About.Name)
	e.SetTime(notice.At)
	if err := e.SetData(event.ApplicationJSON, notice.Data); err != nil {
		return nil, fmt.Errorf("encode its data: %w", err)
	}
	return cehttp.NewHTTPRequestFromEvent(binding.WithForceStructured(ctx), sink, e)
}

// answered classes a sink's answer; empty where it took the event.
func answered(status int) v1alpha1.NotificationFailure {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return v1alpha1.FailureUnauthorized
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		return v1alpha1.FailureDeferred
	}
	return v1alpha1.FailureRejected
}
