package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/devcluster"
	"kitei.dev/kitei/hack/kitei"
	"kitei.dev/kitei/internal/operator"
)

// patience bounds every wait.
const patience = 10 * time.Minute

// bench is one run: where the parts get a control plane from, and what they found.
type bench struct {
	sizes
	started  time.Time
	progress io.Writer
	rows     []row

	*stage
}

// stage is the control plane of one part.
type stage struct {
	cluster *devcluster.Cluster
	root    string
	dir     string
	manager string
	port    int // of the webhooks
	metrics int // port
	running *kitei.Operator
	// admin is of system:masters; maker is a controller of Kubernetes, of whom no webhook asks anything; cio is
	// 情報統括責任者, who may also claim namespaces.
	admin, maker, cio client.WithWatch
	token             string // for the metrics
}

func (b *bench) say(format string, arguments ...any) {
	fmt.Fprintf(b.progress, "%7.1fs  %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, arguments...))
}

// alone runs a part on a control plane of its own: without nodes, so that nothing but the measured work goes on.
func (b *bench) alone(ctx context.Context, p part) (err error) {
	b.say("%s: starting a control plane", p.name)
	s := &stage{}
	b.stage = s
	if s.root, err = kitei.Root(); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "kitei-bench-"); err != nil {
		return fmt.Errorf("make a place for files: %w", err)
	}
	defer os.RemoveAll(s.dir)
	if s.cluster, err = devcluster.Start(ctx, devcluster.Options{Out: b.progress}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.cluster.Stop()) }()
	defer s.stopOperator()
	if err := s.install(ctx); err != nil {
		return err
	}
	b.say("%s: measuring", p.name)
	return p.run(ctx, b)
}

// install installs Kitei and the register, and starts the operator under its own account.
func (s *stage) install(ctx context.Context) (err error) {
	if s.manager, err = kitei.Build(ctx, s.root, "manager"); err != nil {
		return err
	}
	if s.port, err = kitei.FreePort(); err != nil {
		return err
	}
	if err := s.installKitei(ctx); err != nil {
		return err
	}
	register, err := kitei.Render(ctx, s.cluster.Kubectl(), filepath.Join(s.root, "config", "samples", "arakawa"))
	if err != nil {
		return err
	}
	if err := kitei.Apply(ctx, s.cluster.Config(), register); err != nil {
		return err
	}
	if err := s.makeUsers(ctx); err != nil {
		return err
	}
	return s.startOperator(ctx)
}

func (s *stage) installKitei(ctx context.Context) error {
	url := fmt.Sprintf("https://localhost:%d", s.port)
	return kitei.Install(ctx, s.cluster.Kubectl(), s.cluster.Config(), s.root, kitei.Default, url)
}

// offices that the bench's person holds: it decides as 情報統括責任者 and claims namespaces; digitalHead applies.
const (
	cioGroup     = "arakawa:department:management:head"
	digitalGroup = "arakawa:section:digital-promotion:head"
)

func (s *stage) makeUsers(ctx context.Context) (err error) {
	if s.admin, err = unpaced(s.cluster.Config()); err != nil {
		return err
	}
	for user, made := range map[string]*client.WithWatch{
		"system:serviceaccount:kube-system:replicaset-controller": &s.maker,
		"cio": &s.cio,
	} {
		groups := []string{"system:masters"} // RBAC is not what is measured
		if user == "cio" {
			groups = append(groups, cioGroup)
		}
		config, err := s.cluster.AddUser(user, groups...)
		if err != nil {
			return err
		}
		if *made, err = unpaced(config); err != nil {
			return err
		}
	}
	return s.admin.Create(ctx, metricsReader())
}

// unpaced is a client that sends as fast as it is asked to, as the operator's does.
func unpaced(config *rest.Config) (client.WithWatch, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	c, err := client.NewWithWatch(config, client.Options{Scheme: operator.Scheme()})
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return c, nil
}

func (s *stage) startOperator(ctx context.Context) error {
	config, err := s.cluster.ServiceAccountConfig(ctx, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	if err != nil {
		return err
	}
	if s.metrics, err = kitei.FreePort(); err != nil {
		return err
	}
	s.token = config.BearerToken
	s.running, err = kitei.StartOperator(kitei.OperatorOptions{
		Binary: s.manager, Config: config, Dir: s.dir, WebhookPort: s.port, MetricsPort: s.metrics,
	})
	if err != nil {
		return err
	}
	return s.running.Ready(ctx)
}

func (s *stage) stopOperator() {
	if s.running != nil {
		s.running.Stop(10 * time.Second)
		s.running = nil
	}
}

// each does something n times, at most so many at once, and stops at the first error.
func each(ctx context.Context, n, atOnce int, do func(context.Context, int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(n, atOnce) {
		workers.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// until polls until check returns nil. It is for preparations; what is measured is watched.
func (s *stage) until(ctx context.Context, what string, check func(context.Context) error) error {
	timed, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(timed)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-s.running.Exited():
			return s.running.Err()
		case <-timed.Done():
			return fmt.Errorf("wait for %s: %w: %w", what, timed.Err(), err)
		}
	}
}

// namespace makes a namespace with labels, where Pods can be made.
func (s *stage) namespace(ctx context.Context, name string, labels map[string]string) error {
	if err := s.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}); err != nil {
		return err
	}
	return s.until(ctx, "the service account of "+name, func(ctx context.Context) error {
		return s.admin.Get(ctx, client.ObjectKey{Namespace: name, Name: "default"}, &corev1.ServiceAccount{})
	})
}

// cleared waits until a namespace has a clearance.
func (s *stage) cleared(ctx context.Context, name string, wanted v1alpha1.Clearance) error {
	return s.until(ctx, "the clearance of "+name, func(ctx context.Context) error {
		var namespace corev1.Namespace
		if err := s.admin.Get(ctx, client.ObjectKey{Name: name}, &namespace); err != nil {
			return err
		}
		if got := namespace.Labels[v1alpha1.LabelClearance]; got != string(wanted) {
			return fmt.Errorf("clearance is %q, wanted %q", got, wanted)
		}
		return nil
	})
}
