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

	"kitei.dev/kitei/hack/kitei"
)

func main() {
	pods := flag.Int("pods", 3, "Pods of the sample")
	port := flag.Int("webhook-port", 9443, "port on loopback for the operator's webhooks")
	flag.Parse()
	if err := untilInterrupted(func(ctx context.Context) error { return run(ctx, *pods, *port) }); err != nil {
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

func run(ctx context.Context, pods, port int) error {
	p := progress{os.Stdout, time.Now()}
	root, err := kitei.Root()
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "bin", "run")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear the files of the last run: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a place for files: %w", err)
	}
	s := &stage{progress: p, root: root, dir: dir, pods: pods, port: port}
	defer s.stop()
	for _, step := range []func(context.Context) error{
		s.findCluster, s.build, s.install, s.startOperator, s.registerSystems, s.deploySample, s.explain,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.watch(ctx)
}
