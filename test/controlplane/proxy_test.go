package controlplane

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/kitei"
)

// apiProxy stands between an operator and the API server, speaks TLS and HTTP/2 as that does, and may meddle with each request.
type apiProxy struct {
	server  *httptest.Server
	forward http.Handler
	meddler atomic.Pointer[meddler]
}

// meddler answers a request in the API server's place, before or after it was forwarded. It returns false for one that shall
// just pass.
type meddler func(w http.ResponseWriter, r *http.Request, forward http.Handler) bool

func newAPIProxy(t *testing.T) *apiProxy {
	t.Helper()
	upstream := rest.AnonymousClientConfig(env.cluster.Config()) // each request brings the operator's own token
	transport, err := rest.TransportFor(upstream)
	must(t, err)
	target, err := url.Parse(upstream.Host)
	must(t, err)
	quiet := log.New(io.Discard, "", 0)
	p := &apiProxy{forward: &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1, // watches
		ErrorLog:      quiet,
	}}
	p.server = httptest.NewUnstartedServer(p)
	p.server.EnableHTTP2 = true
	p.server.Config.ErrorLog = quiet
	p.server.StartTLS()
	t.Cleanup(func() {
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// ServeHTTP forwards a request, unless the meddler sees to it.
func (p *apiProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if meddle := p.meddler.Load(); meddle != nil && (*meddle)(w, r, p.forward) {
		return
	}
	p.forward.ServeHTTP(w, r)
}

// meddle lets m see every request from now on; nobody sees them when it is nil.
func (p *apiProxy) meddle(m meddler) {
	if m == nil {
		p.meddler.Store(nil)
		return
	}
	p.meddler.Store(&m)
}

// through is a configuration that reaches the API server through the proxy.
func (p *apiProxy) through(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Host = p.server.URL
	config.CAData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw})
	return config
}

// hangUp ends a request without an answer, as a connection that breaks does.
func hangUp() { panic(http.ErrAbortHandler) }

// requestClass says what a request is about, without names: "PATCH namespaces", "PATCH changeapprovals/status".
func requestClass(r *http.Request) string {
	method := r.Method
	if r.URL.Query().Has("watch") {
		method = "WATCH"
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		return method + " " + r.URL.Path
	}
	if parts[0] == "namespaces" && len(parts) > 2 && parts[2] != "status" {
		parts = parts[2:]
	}
	class := method + " " + parts[0]
	if len(parts) > 2 {
		class += "/" + parts[2]
	}
	return class
}

// launch starts a replica for the rest of a test, under the operator's account, and waits until it is ready. The options say
// where it differs from the one that all tests share, which must be stopped where both would serve the same port.
func launch(t *testing.T, differ ...func(*kitei.OperatorOptions)) *kitei.Operator {
	t.Helper()
	config, err := env.cluster.ServiceAccountConfig(t.Context(), v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	must(t, err)
	o := kitei.OperatorOptions{Binary: env.manager, Config: config, Dir: t.TempDir(), WebhookPort: env.webhookPort}
	for _, change := range differ {
		change(&o)
	}
	replica, err := kitei.StartOperator(o)
	must(t, err)
	t.Cleanup(func() { replica.Stop(5 * time.Second) })
	must(t, replica.Ready(t.Context()))
	return replica
}
