package devcluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	pollInterval = 50 * time.Millisecond
	// startTimeout bounds one step of the start. Steps take seconds; the rest
	// is for machines that are busy with something else.
	startTimeout = 2 * time.Minute
	// tailBytes and tailLines bound what an error quotes from a log.
	tailBytes = 8 << 10
	tailLines = 20
)

// A process is a running program of the control plane.
type process struct {
	name    string
	logFile string
	cmd     *exec.Cmd
	// excused is set when somebody stopped the program, or knows of its end.
	excused atomic.Bool
	// exited is closed once the program has ended; exitErr may be read then.
	exited  chan struct{}
	exitErr error
}

// startProcess runs a program in dir, with its output appended to a log file
// named after it in dir/logs.
func startProcess(dir, program string, args ...string) (*process, error) {
	name := filepath.Base(program)
	p := &process{
		name:    name,
		logFile: filepath.Join(dir, "logs", name+".log"),
		exited:  make(chan struct{}),
	}
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", name, err)
	}
	defer log.Close() // the child has its own copy

	p.cmd = exec.Command(program, args...)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = childAttributes()

	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// run starts the program and waits for its end on one thread, because the
// kernel would kill the program (Pdeathsig) if the thread that started it ended.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.exitErr = p.cmd.Wait()
	close(p.exited)
}

// stop asks the program to end, and kills it if it has not within grace.
func (p *process) stop(grace time.Duration) {
	if p == nil {
		return
	}
	p.excused.Store(true)
	// Signalling a process that has ended fails, which is as good.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// running tells whether the program was started and has not ended.
func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// failure is the error of a program that ended although nobody stopped it.
func (p *process) failure() error {
	if p == nil || p.running() || p.excused.Load() {
		return nil
	}
	if p.exitErr != nil {
		return fmt.Errorf("%s ended: %w; the end of its log:\n%s", p.name, p.exitErr, p.logTail())
	}
	return fmt.Errorf("%s ended by itself; the end of its log:\n%s", p.name, p.logTail())
}

// waitUntil polls until ready returns nil, and gives up when the program ends,
// the context is done, or startTimeout has passed.
func (p *process) waitUntil(ctx context.Context, what string, ready func(context.Context) error) error {
	timed, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()

	for {
		err := ready(timed)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-p.exited:
			if failure := p.failure(); failure != nil {
				p.excused.Store(true) // or Stop would say the same again
				return fmt.Errorf("wait for %s: %w", what, failure)
			}
			return fmt.Errorf("wait for %s: %s was stopped", what, p.name)
		case <-timed.Done():
			if cause := ctx.Err(); cause != nil {
				return fmt.Errorf("wait for %s: %w", what, cause)
			}
			return fmt.Errorf("wait for %s: not within %s: %w; the end of the log of %s:\n%s",
				what, startTimeout, err, p.name, p.logTail())
		}
	}
}

// logTail returns the last lines of the program's log.
func (p *process) logTail() string {
	tail, err := readTail(p.logFile)
	if err != nil {
		return fmt.Sprintf("(%v)", err)
	}
	return tail
}

// readTail returns the last tailLines lines of a file.
func readTail(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()

	if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
		// The file is shorter than that.
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return "", err
		}
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return "", err
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	return string(bytes.Join(lines, []byte("\n"))), nil
}
