package devcluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A Program is one that runs beside the control plane, such as the operator
// under test. Like the control plane's own it does not outlive us.
type Program struct{ process *process }

// StartProgram runs a program in dir, with its output appended to a log file in
// dir/logs.
func StartProgram(dir, program string, args ...string) (*Program, error) {
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		return nil, fmt.Errorf("make a place for logs: %w", err)
	}
	p, err := startProcess(dir, program, args...)
	if err != nil {
		return nil, err
	}
	return &Program{process: p}, nil
}

// Stop asks the program to end, and kills it if it has not within grace.
func (p *Program) Stop(grace time.Duration) { p.process.stop(grace) }

// Kill ends the program at once, without a chance to say goodbye.
func (p *Program) Kill() {
	p.process.excused.Store(true)
	_ = p.process.cmd.Process.Kill() // fails only when it has ended
	<-p.process.exited
}

// Exited is closed when the program has ended.
func (p *Program) Exited() <-chan struct{} { return p.process.exited }

// Err is an error with the end of the log if the program ended by itself.
func (p *Program) Err() error { return p.process.failure() }

// LogFile is the file that holds the program's output.
func (p *Program) LogFile() string { return p.process.logFile }

// WaitUntil polls until ready returns nil; it gives up when the program ends.
func (p *Program) WaitUntil(ctx context.Context, what string, ready func(context.Context) error) error {
	return p.process.waitUntil(ctx, what, ready)
}

// Terminate asks the program to end, as the kubelet does, and waits until it has. It is an error if it does not end well.
func (p *Program) Terminate(ctx context.Context) error {
	p.process.excused.Store(true)
	if err := p.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("ask %s to end: %w", p.process.name, err)
	}
	select {
	case <-p.process.exited:
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of %s: %w", p.process.name, ctx.Err())
	}
	if p.process.exitErr != nil {
		return fmt.Errorf("%s did not end well: %w; the end of its log:\n%s", p.process.name, p.process.exitErr, p.process.logTail())
	}
	return nil
}
