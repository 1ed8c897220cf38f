package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	certutil "k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// doNothingLabel selects the namespaces of the webhook that does nothing.
const doNothingLabel = "bench.kitei.dev/webhook"

// serveNothing serves a webhook on loopback that lets everything pass, as controller-runtime serves one, and has the API server
// call it for Pods and Deployments of the namespaces with its label. It waits until it is called.
func (b *bench) serveNothing(ctx context.Context) (stop func(), err error) {
	cert, key, err := certutil.GenerateSelfSignedCertKey("localhost", nil, nil)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
		Handler: &admission.Webhook{Handler: admission.HandlerFunc(func(context.Context, admission.Request) admission.Response {
			return admission.Allowed("")
		})},
	}
	go func() { _ = server.ServeTLS(listener, "", "") }() // ends with Close
	stop = func() { _ = server.Close() }
	url := fmt.Sprintf("https://localhost:%d/", listener.Addr().(*net.TCPAddr).Port)
	sideEffects, seconds := admissionregistrationv1.SideEffectClassNone, int32(5)
	rule := func(group, resource string) admissionregistrationv1.RuleWithOperations {
		return admissionregistrationv1.RuleWithOperations{
			Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
			Rule:       admissionregistrationv1.Rule{APIGroups: []string{group}, APIVersions: []string{"*"}, Resources: []string{resource}},
		}
	}
	return stop, b.admin.Create(ctx, &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "bench"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "nothing.bench.kitei.dev", SideEffects: &sideEffects, TimeoutSeconds: &seconds, AdmissionReviewVersions: []string{"v1"},
			ClientConfig:      admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: cert},
			Rules:             []admissionregistrationv1.RuleWithOperations{rule("", "pods"), rule("apps", "deployments")},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{doNothingLabel: "true"}},
		}},
	}, &client.CreateOptions{})
}
