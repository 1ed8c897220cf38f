package devcluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// A builder builds the nested module's tools into a directory.
type builder struct {
	tools       Toolset
	module, dir string
	out         io.Writer
	started     time.Time
}

// build compiles all programs by one command, so that what they share is
// compiled once and the compiler is never idle.
func (b *builder) build(ctx context.Context) error {
	todo, err := b.staleDependencies(ctx)
	if err != nil {
		return err
	}
	var compiled atomic.Int64
	stop := b.report(func() string {
		return fmt.Sprintf("compiled %d of %d packages, linked %d of %d programs",
			compiled.Load(), todo, b.linked(), len(b.tools.Programs))
	})
	defer stop()

	args := append([]string{"build", "-v", "-o", b.dir + string(filepath.Separator)}, buildFlags()...)
	cmd := goCommand(ctx, b.module, append(args, "tool")...)
	messages, err := countPackages(cmd, &compiled)
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, messages)
	}
	for built, wanted := range b.tools.Programs {
		if err := os.Rename(filepath.Join(b.dir, built), filepath.Join(b.dir, wanted)); err != nil {
			return fmt.Errorf("name the programs: %w", err)
		}
	}
	return nil
}

// staleDependencies counts the packages that have to be compiled. As a side
// effect go downloads their sources, which can take a while too.
func (b *builder) staleDependencies(ctx context.Context) (int, error) {
	stop := b.report(func() string { return "fetching the sources" })
	defer stop()

	args := append([]string{"list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"}, buildFlags()...)
	list, err := goCommand(ctx, b.module, append(args, "tool")...).Output()
	if err != nil {
		return 0, fmt.Errorf("go list: %w", withStderr(err))
	}
	return len(bytes.Fields(list)), nil
}

// linked counts the programs that are finished.
func (b *builder) linked() int {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return 0 // it is only a progress line
	}
	return len(entries)
}

// report prints a line now and every so often until the returned function is
// called, which waits for the last line.
func (b *builder) report(line func() string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for {
			fmt.Fprintf(b.out, "  %s (%s)\n", line(), time.Since(b.started).Round(time.Second))
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// writeStages puts KWOK's stages, which are part of its sources, into one file
// beside the programs.
func (b *builder) writeStages(ctx context.Context) error {
	if len(b.tools.stages) == 0 {
		return nil
	}
	dir, err := goCommand(ctx, b.module, "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", withStderr(err))
	}
	var stages bytes.Buffer
	for _, pattern := range b.tools.stages {
		names, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), filepath.FromSlash(pattern)))
		if err != nil {
			return fmt.Errorf("look for %s: %w", pattern, err)
		}
		if len(names) == 0 {
			return fmt.Errorf("the module has no %s", pattern)
		}
		for _, name := range names {
			stage, err := os.ReadFile(name)
			if err != nil {
				return fmt.Errorf("read stage: %w", err)
			}
			fmt.Fprintf(&stages, "---\n%s\n", stage)
		}
	}
	return os.WriteFile(filepath.Join(b.dir, stagesFile), stages.Bytes(), 0o644)
}

// goCommand prepares a go command in the nested module, with an environment of
// its own: what the main module is built with does not apply. The caller has
// locked its goroutine to its thread (see childAttributes).
func goCommand(ctx context.Context, module string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off")
	// When the context is done, the compilers that go runs must end with it.
	cmd.SysProcAttr = childAttributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// countPackages runs go build -v, counts the packages that it names as it
// compiles them, and returns the other lines: its complaints.
func countPackages(cmd *exec.Cmd, compiled *atomic.Int64) (messages string, err error) {
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	var rest []string
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if line := lines.Text(); strings.ContainsAny(line, " \t") {
			rest = append(rest, line)
		} else {
			compiled.Add(1)
		}
	}
	if len(rest) > tailLines {
		rest = rest[:tailLines] // the first error is the one that matters
	}
	return strings.Join(rest, "\n"), errors.Join(lines.Err(), cmd.Wait())
}

// withStderr adds what a failed command had to say.
func withStderr(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
