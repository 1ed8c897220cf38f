package operator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/open-policy-agent/cert-controller/pkg/rotator"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"kitei.dev/kitei/api/v1alpha1"
)

// CertificateSource says who makes the webhooks' certificates.
type CertificateSource string

const (
	// CertificatesSelf: the operator makes and rotates them, keeps them in a Secret, and writes the CA into its webhook
	// configurations.
	CertificatesSelf CertificateSource = "self"
	// CertificatesExternal: somebody else does, cert-manager for one, and mounts them at the certificate directory.
	CertificatesExternal CertificateSource = "external"
)

const (
	certificateSecret = "kitei-webhook-certs"
	webhookService    = "kitei-webhook"
)

// +kubebuilder:rbac:groups="",namespace=kitei-system,resources=secrets,verbs=list;watch
// +kubebuilder:rbac:groups="",namespace=kitei-system,resources=secrets,resourceNames=kitei-webhook-certs,verbs=update
// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=validatingwebhookconfigurations,resourceNames=kitei-validating,verbs=update
// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=mutatingwebhookconfigurations,resourceNames=kitei-mutating,verbs=update

// addCertificates sees to the webhooks' certificates. The channel closes when they can be served.
func addCertificates(manager ctrl.Manager, o Options) (ready chan struct{}, err error) {
	ready = make(chan struct{})
	if o.Certificates == CertificatesExternal {
		close(ready)
		return ready, nil
	}
	// The rotator rotates what is in the Secret; the files are written here rather than by the kubelet, which takes up to a
	// minute, during which a replica would serve nothing.
	err = rotator.AddRotator(manager, &rotator.CertRotator{
		SecretKey:      types.NamespacedName{Namespace: v1alpha1.OperatorNamespace, Name: certificateSecret},
		CertDir:        o.CertDir,
		CAName:         "kitei-webhook-ca",
		CAOrganization: "kitei",
		DNSName:        webhookService + "." + v1alpha1.OperatorNamespace + ".svc",
		ExtraDNSNames:  o.DNSNames,
		IsReady:        ready,
		FieldOwner:     "kitei-certificates",
		Webhooks: []rotator.WebhookInfo{
			{Name: "kitei-validating", Type: rotator.Validating},
			{Name: "kitei-mutating", Type: rotator.Mutating},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("add the certificate rotator: %w", err)
	}
	noLeader := false
	err = ctrl.NewControllerManagedBy(manager).
		Named("certificate-files").
		For(&corev1.Secret{}).
		WithOptions(controller.Options{NeedLeaderElection: &noLeader}).
		Complete(&certificateFiles{client: manager.GetClient(), dir: o.CertDir})
	if err != nil {
		return nil, fmt.Errorf("set up the certificate files: %w", err)
	}
	return ready, nil
}

// certificateFiles writes the serving certificate of the Secret to files, which the webhook server watches.
type certificateFiles struct {
	client client.Client
	dir    string
}

// Reconcile writes the files, the key first: the server reads both when either changes.
func (c *certificateFiles) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var secret corev1.Secret
	if err := c.client.Get(ctx, request.NamespacedName, &secret); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	for _, name := range []string{corev1.TLSPrivateKeyKey, corev1.TLSCertKey} {
		if len(secret.Data[name]) == 0 {
			return ctrl.Result{}, nil // the rotator has not filled it yet
		}
		if err := replace(filepath.Join(c.dir, name), secret.Data[name]); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, nil
}

// replace writes a file whole or not at all.
func replace(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fmt.Errorf("write a certificate file: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("put a certificate file in place: %w", err)
	}
	return nil
}
