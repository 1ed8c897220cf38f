package devcluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"k8s.io/client-go/rest"
)

// Options shape a cluster.
type Options struct {
	// Nodes is the number of nodes that KWOK plays, named node-0 and so on.
	// With no nodes KWOK does not run, and Pods stay pending.
	Nodes int
	// Dir holds the cluster's data, certificates and logs. It is made if it does
	// not exist, and must be empty otherwise. If Dir is not set, a temporary
	// directory is used, which Stop removes (or, if our process is killed, the
	// next Start of anybody).
	Dir string
	// Out receives the progress of the start, one line a step. It may be nil.
	Out io.Writer
	// Address is where the API server listens and what it advertises, so that real
	// nodes and their Pods reach it; it reaches their kubelets in turn. Without it
	// the API server is on loopback.
	Address string
	// APIServerFlags are flags of kube-apiserver, without the leading dashes, that
	// are added to ours or replace them.
	APIServerFlags map[string]string
}

// Grace periods, after which a program is killed. The data of a cluster that
// stops are of no interest, so the periods are short.
const (
	controllerGrace = 2 * time.Second
	apiServerGrace  = 5 * time.Second
	etcdGrace       = 2 * time.Second
)

// A Cluster is a running control plane. Its methods may be called from several
// goroutines.
type Cluster struct {
	options   Options
	dir       string
	removeDir func() error
	binDir    string
	authority *authority
	port      int // of the API server
	admin     *rest.Config
	started   time.Time

	// mu guards the fields below, and that only one of Stop and the methods that
	// stop and start the API server runs at a time.
	mu                                 sync.Mutex
	etcd, apiServer                    *process
	controllerManager, scheduler, kwok *process
	stopped                            bool
	stopErr                            error
}

// Start builds the programs if need be and starts a cluster. It returns when
// the API server is ready, new Pods get a service account, and all nodes are
// ready. When it fails, or ctx ends before that, it leaves nothing running.
// Once the cluster has started, ctx has no further effect: call Stop.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	binDir, err := Build(ctx, o.Out)
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: o, binDir: binDir, started: time.Now()}
	if c.dir, c.removeDir, err = makeDir(o.Dir); err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// start needs no lock: nobody else knows the cluster yet.
func (c *Cluster) start(ctx context.Context) error {
	if err := c.makeIdentities(); err != nil {
		return err
	}
	if err := c.startEtcd(ctx); err != nil {
		return err
	}
	if err := c.startAPIServer(ctx); err != nil {
		return err
	}
	c.progress("kube-apiserver %s ready at %s", KubernetesVersion, c.admin.Host)
	if err := c.startControllers(ctx); err != nil {
		return err
	}
	c.progress("controllers and %d nodes ready", c.options.Nodes)
	return nil
}

// BinDir returns the directory of the programs: those of the control plane,
// and kubectl.
func (c *Cluster) BinDir() string { return c.binDir }

// Kubectl returns the path of a kubectl of the cluster's own version.
func (c *Cluster) Kubectl() string { return c.program("kubectl") }

// LogDir returns the directory of the programs' logs. If the cluster's
// directory is a temporary one, it is gone after Stop.
func (c *Cluster) LogDir() string { return filepath.Join(c.dir, "logs") }

// Err returns an error for each program that ended although nobody stopped it,
// with the end of its log, and nil while all is well.
func (c *Cluster) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err()
}

func (c *Cluster) err() error {
	var errs []error
	for _, p := range c.processes() {
		errs = append(errs, p.failure())
	}
	return errors.Join(errs...)
}

// processes returns those that were started, in the order of their starts.
func (c *Cluster) processes() []*process {
	var all []*process
	for _, p := range []*process{c.etcd, c.apiServer, c.controllerManager, c.scheduler, c.kwok} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// PauseEtcd stops etcd in its tracks until resume is called: what the API server asks of it in the meantime takes so much longer.
func (c *Cluster) PauseEtcd() (resume func() error, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil, fmt.Errorf("pause etcd: %w", errStopped)
	}
	process := c.etcd.cmd.Process
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		return nil, fmt.Errorf("pause etcd: %w", err)
	}
	return func() error { return process.Signal(syscall.SIGCONT) }, nil
}

// Stop ends all programs, the API server's clients first and etcd last, and
// removes the cluster's directory if it was a temporary one. It returns what
// Err would have returned just before. Further calls do nothing and return
// the same.
func (c *Cluster) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return c.stopErr
	}
	c.stopped = true
	c.stopErr = c.err()

	c.stopControllers()
	c.apiServer.stop(apiServerGrace)
	c.etcd.stop(etcdGrace)

	c.stopErr = errors.Join(c.stopErr, c.removeDir())
	return c.stopErr
}

// makeIdentities makes the certificates, and the administrator.
func (c *Cluster) makeIdentities() error {
	var err error
	if c.authority, err = newAuthority(); err != nil {
		return err
	}
	if err := c.authority.writeServerFiles(c.dir, c.address()); err != nil {
		return err
	}
	if err := c.writeKubeletClientFiles(); err != nil {
		return err
	}
	if c.port, err = freePort(c.address()); err != nil {
		return err
	}
	c.admin, err = c.AddUser("admin", "system:masters")
	return err
}

// address of the API server.
func (c *Cluster) address() string { return cmp.Or(c.options.Address, "127.0.0.1") }

// program returns the path of one of the programs.
func (c *Cluster) program(name string) string { return filepath.Join(c.binDir, name) }

func (c *Cluster) progress(format string, args ...any) {
	fmt.Fprintf(c.options.Out, "%s (%s)\n", fmt.Sprintf(format, args...), elapsed(c.started))
}
