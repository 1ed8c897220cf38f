// Package operator puts the operator together: the manager with its cache, the controllers, the webhooks and their
// certificates. Every replica serves the webhooks; the leader runs the controllers.
package operator

import (
	"context"
	"crypto/tls"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/controller/access"
	"kitei.dev/kitei/internal/controller/ledger"
	"kitei.dev/kitei/internal/controller/pod"
	"kitei.dev/kitei/internal/controller/regulation"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/register"
)

// leaderElectionID names the Lease by which the replicas choose their leader.
const leaderElectionID = "kitei-controller-manager"

// Options of the operator.
type Options struct {
	// LeaderElect makes replicas choose one of them to run the controllers.
	LeaderElect bool
	// MetricsAddress to serve metrics on, by TLS and for those whom RBAC lets read /metrics; "0" for none.
	MetricsAddress string
	// ProbeAddress to serve /healthz and /readyz on; "0" for none.
	ProbeAddress string
	// WebhookHost and WebhookPort to serve the webhooks on.
	WebhookHost string
	WebhookPort int
	// Certificates says who makes the webhooks' certificates: the operator itself or somebody else.
	Certificates CertificateSource
	// CertDir holds tls.crt and tls.key.
	CertDir string
	// DNSNames of the certificate beside the Service's, by which the API server calls the webhooks.
	DNSNames []string
	// Clock by which approvals begin and end; the machine's if nil.
	Clock clock.PassiveClock
}

// Run runs the operator until the context ends, and then until nobody asks its webhooks any more.
func Run(ctx context.Context, config *rest.Config, o Options) error {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the API server's own priority and fairness paces the operator
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}

	server := webhook.NewServer(webhook.Options{
		Host: o.WebhookHost, Port: o.WebhookPort, CertDir: o.CertDir,
		TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.MinVersion = tls.VersionTLS12 }},
	})
	manager, err := ctrl.NewManager(config, managerOptions(o, server))
	if err != nil {
		return fmt.Errorf("make the manager: %w", err)
	}
	if err := register.Index(ctx, manager.GetFieldIndexer()); err != nil {
		return err
	}
	if err := warm(ctx, manager.GetCache()); err != nil {
		return err
	}
	keys, err := readKeys(ctx, config)
	if err != nil {
		return err
	}
	if err := addControllers(manager, o, keys, o.Clock); err != nil {
		return err
	}
	ending := &drain{}
	addWebhooks(manager, server, ending, o.Clock, keys.Key)
	ready, err := addCertificates(manager, o)
	if err != nil {
		return err
	}
	if err := manager.Add(everyReplica(func(ctx context.Context) error {
		select {
		case <-ready:
			manager.GetWebhookServer() // starts it
		case <-ctx.Done():
		}
		return nil
	})); err != nil {
		return fmt.Errorf("add the webhook server: %w", err)
	}
	if err := manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("add the health check: %w", err)
	}
	if err := manager.AddReadyzCheck("webhooks", server.StartedChecker()); err != nil {
		return fmt.Errorf("add the readiness check: %w", err)
	}
	if err := manager.AddReadyzCheck("not-ending", ending.check); err != nil {
		return fmt.Errorf("add the readiness check: %w", err)
	}
	ctx, end := ending.behind(ctx)
	defer end()
	if err := manager.Start(ctx); err != nil {
		return fmt.Errorf("run the manager: %w", err)
	}
	return nil
}

// readKeys reads the ledger's keys before anything runs that seals.
func readKeys(ctx context.Context, config *rest.Config) (ledger.Keys, error) {
	c, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		return ledger.Keys{}, fmt.Errorf("make a client: %w", err)
	}
	return ledger.ReadKeys(ctx, c)
}

func managerOptions(o Options, server webhook.Server) ctrl.Options {
	gracefulShutdown := shutdownLongest
	return ctrl.Options{
		Scheme:                        Scheme(),
		Metrics:                       metricsOptions(o),
		HealthProbeBindAddress:        o.ProbeAddress,
		LeaderElection:                o.LeaderElect,
		LeaderElectionID:              leaderElectionID,
		LeaderElectionNamespace:       v1alpha1.OperatorNamespace,
		LeaderElectionReleaseOnCancel: true, // the process ends with its manager
		GracefulShutdownTimeout:       &gracefulShutdown,
		WebhookServer:                 server,
		Cache: cache.Options{
			// A read that would quietly start to cache a whole kind is a mistake.
			ReaderFailOnMissingInformer: true,
			DefaultTransform:            slim,
			ByObject: map[client.Object]cache.ByObject{
				&corev1.Pod{}:                pod.CacheOptions(),
				&rbacv1.ClusterRoleBinding{}: access.CacheOptions(),
				&corev1.Secret{}: {Namespaces: map[string]cache.Config{v1alpha1.OperatorNamespace: {
					FieldSelector: fields.OneTermEqualSelector("metadata.name", certificateSecret),
				}}},
			},
		},
	}
}

// slim drops from the cache what nobody reads.
func slim(object any) (any, error) {
	object, err := cache.TransformStripManagedFields()(object)
	if err != nil {
		return nil, fmt.Errorf("strip managed fields: %w", err)
	}
	return regulation.Slim(object)
}

// +kubebuilder:rbac:groups=authentication.k8s.io,resources=tokenreviews,verbs=create
// +kubebuilder:rbac:groups=authorization.k8s.io,resources=subjectaccessreviews,verbs=create

func metricsOptions(o Options) metricsserver.Options {
	options := metricsserver.Options{BindAddress: o.MetricsAddress, SecureServing: true}
	if o.MetricsAddress != "0" {
		options.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	return options
}

// Scheme knows the kinds that the operator reads and writes.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
}

// warm makes the cache watch what the webhooks read, on replicas too that do not lead and so run no controller.
func warm(ctx context.Context, c cache.Cache) error {
	for _, object := range []client.Object{
		&v1alpha1.Regulation{}, &v1alpha1.Department{}, &v1alpha1.ManagingSection{}, &v1alpha1.ElectronicSystem{},
		&v1alpha1.ChangeApproval{}, &v1alpha1.SecurityStandard{}, &v1alpha1.Committee{}, &v1alpha1.CommitteeMeeting{},
		&v1alpha1.DataUseConsent{}, watching.Namespace(),
	} {
		if _, err := c.GetInformer(ctx, object, cache.BlockUntilSynced(false)); err != nil {
			return fmt.Errorf("watch %T: %w", object, err)
		}
	}
	return nil
}

// everyReplica is a runnable that does not wait for leadership.
type everyReplica func(context.Context) error

// Start runs it.
func (f everyReplica) Start(ctx context.Context) error { return f(ctx) }

// NeedLeaderElection is false: every replica runs it.
func (everyReplica) NeedLeaderElection() bool { return false }
