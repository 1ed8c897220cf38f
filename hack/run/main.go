// Command run starts a control plane on this machine, installs Kitei and the register of 別表第1, deploys a sample of the tax
// system that is held, and says how to approve it. With KUBECONFIG set it uses that cluster instead. Ctrl-C ends it and
// leaves nothing running.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"kitei.dev/kitei/hack/kitei"
)

func main() {
	pods := flag.Int("pods", 3, "Pods of the sample")
	port := flag.Int("webhook-port", 9443, "port on loopback for the operator's webhooks")
	host := flag.String("webhook-host", "localhost", "name by which the API server reaches the operator on this machine")
	mail := flag.Int("mail-port", 2525, "port on loopback for a mail server that keeps what it gets in bin/run/mail.txt")
	flag.Parse()
	s := &stage{progress: progress{os.Stdout, time.Now()}, pods: *pods, webhookHost: *host, webhookPort: *port, mailPort: *mail}
	if err := untilInterrupted(s.run); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

// untilInterrupted runs something whose context ends with Ctrl-C, which is no error.
func untilInterrupted(do func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := do(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// progress prints one line a step, with the time since the start.
type progress struct {
	out   io.Writer
	start time.Time
}

func (p progress) say(format string, arguments ...any) {
	fmt.Fprintf(p.out, "%6.1fs  %s\n", time.Since(p.start).Seconds(), fmt.Sprintf(format, arguments...))
}

// run goes through the steps, and then watches until the context ends.
func (s *stage) run(ctx context.Context) error {
	unlock, err := s.claimCheckout()
	if err != nil {
		return err
	}
	defer unlock()
	defer s.stop()
	for _, step := range []func(context.Context) error{
		s.findCluster, s.takeMail, s.build, s.install, s.startOperator, s.registerSystems, s.deploySample, s.explain,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.watch(ctx)
}

// claimCheckout sees that no other run uses this checkout's files or the webhooks' port, and clears the last run's files.
func (s *stage) claimCheckout() (unlock func(), err error) {
	if s.root, err = kitei.Root(); err != nil {
		return nil, err
	}
	if s.dir == "" {
		s.dir = filepath.Join(s.root, "bin", "run")
	}
	if err := os.MkdirAll(filepath.Dir(s.dir), 0o755); err != nil { //nolint:gosec // bin holds programs, for everybody
		return nil, fmt.Errorf("make a place for files: %w", err)
	}
	lock := flock.New(s.dir + ".lock")
	if free, err := lock.TryLock(); err != nil || !free {
		return nil, fmt.Errorf("another run uses this checkout (%s): end it first, or use another checkout", lock.Path())
	}
	if !kitei.PortFree(s.webhookPort) {
		return nil, fmt.Errorf("port %d of loopback, for the operator's webhooks, is taken: choose another with WEBHOOK_PORT=…",
			s.webhookPort)
	}
	if !kitei.PortFree(s.mailPort) {
		return nil, fmt.Errorf("port %d of loopback, for mail, is taken: choose another with MAIL_PORT=…", s.mailPort)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return nil, fmt.Errorf("clear the files of the last run: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a place for files: %w", err)
	}
	return func() { _ = lock.Unlock() }, nil // the lock ends with the process anyway
}
