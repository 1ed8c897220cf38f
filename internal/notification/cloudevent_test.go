package notification

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	corev1 "k8s.io/api/core/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

func TestCloudEvent(t *testing.T) {
	var got *event.Event
	var header http.Header
	sink := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		header = request.Header
		var err error
		if got, err = cehttp.NewEventFromHTTPRequest(request); err != nil {
			t.Errorf("this is no CloudEvent: %v", err)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer sink.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sink.Certificate().Raw}))
	at := time.Date(2026, 11, 23, 4, 3, 0, 0, time.UTC)
	c := &CloudEvents{Live: secret(v1alpha1.CloudEventsSecret, map[string]string{"token": "secret-token"})}
	notice := Notice{ID: "1.1.approved", Type: "dev.kitei.changeapproval.approved.v1",
		About: corev1.ObjectReference{Name: "r8-tax"}, At: at,
		Data: map[string]string{"decision": "Approved"}}
	_, err := c.Deliver(t.Context(), v1alpha1.Notification{CloudEvents: &v1alpha1.CloudEventSink{URL: sink.URL + "/hook",
		Authentication: v1alpha1.AuthenticationSecret, CABundle: ca}}, notice, nil)
	if err != nil || got == nil {
		t.Fatalf("not delivered: %v", err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	if got.ID() != notice.ID || got.Type() != notice.Type || got.Subject() != "r8-tax" || !got.Time().Equal(at) ||
		got.Source() != "/apis/governance.kitei.dev" || string(got.Data()) != `{"decision":"Approved"}` {
		t.Errorf("the event is %s", got)
	}
	if token := header.Get("Authorization"); token != "Bearer secret-token" {
		t.Errorf("the token is %q", token)
	}
}

func TestCloudEventAnswers(t *testing.T) {
	for status, want := range map[int]v1alpha1.NotificationFailure{
		200: "", 202: "", 204: "", 301: v1alpha1.FailureRejected, 307: v1alpha1.FailureRejected, 400: v1alpha1.FailureRejected,
		401: v1alpha1.FailureUnauthorized, 403: v1alpha1.FailureUnauthorized, 404: v1alpha1.FailureRejected,
		408: v1alpha1.FailureDeferred, 429: v1alpha1.FailureDeferred, 500: v1alpha1.FailureDeferred, 503: v1alpha1.FailureDeferred,
	} {
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
		sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(status)
		}))
		_, err := (&CloudEvents{}).Deliver(t.Context(), v1alpha1.Notification{CloudEvents: &v1alpha1.CloudEventSink{
			URL: sink.URL + "/?key=hidden"}}, Notice{ID: "1", Type: "t", Data: 1}, nil)
		if want == "" && err != nil || want != "" && (err == nil || Class(err) != want) {
			t.Errorf("%d: %v, wanted %s", status, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%d: the error names the whole URL: %v", status, err)
		}
		sink.Close()
		elsewhere.Close()
	}
}

func TestCloudEventSinkIsAway(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		_, _ = io.Copy(io.Discard, request.Body) // or the server does not see that the client left
		<-request.Context().Done()
	}))
	defer silent.Close()
	tls := httptest.NewTLSServer(nil)
	defer tls.Close()
	for sink, want := range map[*httptest.Server]v1alpha1.NotificationFailure{
		gone: v1alpha1.FailureUnreachable, silent: v1alpha1.FailureUnreachable, tls: v1alpha1.FailureUntrusted,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := (&CloudEvents{}).Deliver(ctx, v1alpha1.Notification{CloudEvents: &v1alpha1.CloudEventSink{
			URL: sink.URL + "/?key=hidden"}}, Notice{ID: "1", Type: "t", Data: 1}, nil)
		if err == nil || Class(err) != want || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%v, wanted %s, without the query", err, want)
		}
		cancel()
	}
}

// The data that leaves the cluster names no person and repeats nothing that a person wrote.
func TestCloudEventDataIsSmall(t *testing.T) {
	notice := OfDecision(application(v1alpha1.ChangeModification), entry(), record(v1alpha1.DecisionApproved), organisation("ja"))
	raw, err := json.Marshal(notice.Data)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"application":"r8-tax","uid":"8e5b","generation":2,"electronicSystem":"tax","type":"Modification",` +
		`"decision":"Approved","decidedAs":"ChiefInformationOfficer","decidedAt":"2026-11-22T19:03:00Z","article":"12-5"}`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}
