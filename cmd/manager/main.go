// Command manager is Kitei's operator.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"kitei.dev/kitei/internal/operator"
)

func main() {
	if err := run(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintln(os.Stderr, "kitei:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var o operator.Options
	var names string
	logging := zap.Options{}
	flag.BoolVar(&o.LeaderElect, "leader-elect", false, "let replicas choose one of them to run the controllers")
	flag.StringVar(&o.MetricsAddress, "metrics-bind-address", "0", "address to serve metrics on; 0 for none")
	flag.StringVar(&o.ProbeAddress, "health-probe-bind-address", ":8081", "address to serve /healthz and /readyz on; 0 for none")
	flag.StringVar(&o.WebhookHost, "webhook-host", "", "address to serve the webhooks on; empty for every address")
	flag.IntVar(&o.WebhookPort, "webhook-port", 9443, "port to serve the webhooks on")
	flag.StringVar((*string)(&o.Certificates), "certificates", string(operator.CertificatesSelf),
		"who makes the webhooks' certificates: self or external")
	flag.StringVar(&o.CertDir, "cert-dir", "/var/run/kitei/certs", "directory of tls.crt and tls.key")
	flag.StringVar(&names, "certificate-dns-names", "", "more DNS names for the certificate, joined by commas")
	logging.BindFlags(flag.CommandLine)
	flag.Parse()
	if names != "" {
		o.DNSNames = strings.Split(names, ",")
	}
	if o.Certificates != operator.CertificatesSelf && o.Certificates != operator.CertificatesExternal {
		return fmt.Errorf("--certificates=%s: write self or external", o.Certificates)
	}
	var err error
	if o.Clock, err = clockOf(clockAhead); err != nil {
		return err
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	return operator.Run(ctx, config, o)
}
