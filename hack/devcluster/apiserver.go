package devcluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"k8s.io/client-go/kubernetes"
)

// Etcd listens on Unix sockets in the cluster's directory, which is the working
// directory of all programs: a socket takes no port, nobody else can reach it,
// and a relative path is never too long for one.
const (
	etcdSocket     = "etcd.sock"
	etcdPeerSocket = "etcd-peer.sock"
)

// Ports of the API server come from below the range from which the kernel
// takes those of outgoing connections, so that nothing can take ours while
// the API server restarts, and from below Kubernetes' own node ports.
const (
	firstPort = 20000
	lastPort  = 29999
)

// ServiceRange is where the addresses of Services come from; the first is that
// of the API server's own.
const (
	ServiceRange      = "10.96.0.0/16"
	kubernetesService = "10.96.0.1"
)

var errStopped = errors.New("the cluster is stopped")

// StartAPIServer starts the API server and its controllers, scheduler and
// nodes, and returns when all are ready. It does nothing if the API server runs.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.startServing(ctx)
}

// StopAPIServer stops the API server. Its address, its certificates and the
// data remain for StartAPIServer.
//
// The controllers, the scheduler and KWOK stop too. They would survive, but for
// every failed attempt to reach the server their clients wait longer before the
// next, up to half a minute, and so would a test before its Pods run again.
func (c *Cluster) StopAPIServer() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopServing()
}

// RestartAPIServer does what StopAPIServer and StartAPIServer do.
func (c *Cluster) RestartAPIServer(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.stopServing(); err != nil {
		return err
	}
	return c.startServing(ctx)
}

// startServing starts all but etcd.
func (c *Cluster) startServing(ctx context.Context) error {
	if c.stopped {
		return fmt.Errorf("start kube-apiserver: %w", errStopped)
	}
	if c.apiServer.running() {
		return nil
	}
	if err := c.startAPIServer(ctx); err != nil {
		return err
	}
	return c.startControllers(ctx)
}

// stopServing stops all but etcd, and returns an error if something had ended
// before.
func (c *Cluster) stopServing() error {
	if c.stopped {
		return fmt.Errorf("stop kube-apiserver: %w", errStopped)
	}
	err := c.err()
	c.stopControllers()
	c.apiServer.stop(apiServerGrace)
	c.apiServer = nil
	return err
}

func (c *Cluster) startAPIServer(ctx context.Context) error {
	p, err := startProcess(c.dir, c.program("kube-apiserver"), c.apiServerArgs()...)
	if err != nil {
		return err
	}
	c.apiServer = p
	client, err := kubernetes.NewForConfig(c.admin)
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	return p.waitUntil(ctx, "a ready API server", func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// apiServerArgs differ from the defaults only in what a cluster of one machine
// on loopback needs, so that features and admission are those of the release.
func (c *Cluster) apiServerArgs() []string {
	flags := map[string]string{
		"etcd-servers":         "unix://" + etcdSocket,
		"bind-address":         "127.0.0.1",
		"secure-port":          strconv.Itoa(c.port),
		"cert-dir":             c.dir,
		"client-ca-file":       caCertFile,
		"tls-cert-file":        serverCertFile,
		"tls-private-key-file": serverKeyFile,
		"authorization-mode":   "RBAC",
		"allow-privileged":     "true",
		// Nothing uses the kubernetes Service, and a loopback address is not
		// allowed in its endpoints.
		"advertise-address":        "127.0.0.1",
		"endpoint-reconciler-type": "none",
		"service-cluster-ip-range": ServiceRange,

		"service-account-issuer":           "https://kubernetes.default.svc.cluster.local",
		"service-account-key-file":         accountsKeyFile,
		"service-account-signing-key-file": accountsKeyFile,

		// The machine is ours: let tests be as busy as they like.
		"max-requests-inflight":          "2000",
		"max-mutating-requests-inflight": "1000",
		// Without it the server waits for the watches of clients that are not
		// ours to stop (the operator's, a test's) for a minute.
		"shutdown-watch-termination-grace-period": "1s",
	}
	if c.options.Address != "" {
		maps.Copy(flags, map[string]string{
			"bind-address":                    c.options.Address,
			"advertise-address":               c.options.Address,
			"endpoint-reconciler-type":        "lease", // Pods call the kubernetes Service
			"kubelet-client-certificate":      kubeletClientCertFile,
			"kubelet-client-key":              kubeletClientKeyFile,
			"kubelet-preferred-address-types": "InternalIP", // nobody resolves their names
		})
	}
	maps.Copy(flags, c.options.APIServerFlags)

	var args []string
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		args = append(args, "--"+name+"="+flags[name])
	}
	return args
}

// startEtcd starts etcd and returns when it accepts connections.
func (c *Cluster) startEtcd(ctx context.Context) error {
	p, err := startProcess(c.dir, c.program("etcd"),
		"--data-dir=etcd",
		"--listen-client-urls=unix://"+etcdSocket,
		"--listen-peer-urls=unix://"+etcdPeerSocket,
		// Etcd insists on a TCP address here, which nobody asks it for.
		"--advertise-client-urls=http://127.0.0.1:0",
		"--unsafe-no-fsync=true", // the data need not survive the machine
		"--log-level=warn",
	)
	if err != nil {
		return err
	}
	c.etcd = p
	return p.waitUntil(ctx, "etcd", func(context.Context) error {
		_, err := os.Stat(filepath.Join(c.dir, etcdSocket))
		return err
	})
}

// freePort finds a port of an address of ours that nobody listens on.
func freePort(address string) (int, error) {
	var err error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("find a free port: %w", err)
}
