package realnode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/gofrs/flock"
)

// dir holds everything of the one real node that a machine has at a time. Its name is short because sockets are in it.
const (
	dir      = "/var/lib/kitei-realnode"
	lockFile = "/run/kitei-realnode.lock"
)

// A program that calls Main is started three times: by its user, as the first process of the enclosure, and within it.
const (
	roleVariable = "KITEI_REALNODE_ROLE"
	roleFirst    = "first"
	roleInside   = "inside"
)

// Main runs a program's work enclosed: prepare runs as usual, and then inside runs in a copy of the program in namespaces of
// its own. Both get a directory for their files, of which nothing is left afterwards. It returns the exit code.
func Main(prepare func(ctx context.Context, dir string) error, inside func(dir string) int) int {
	var code int
	var err error
	switch os.Getenv(roleVariable) {
	case roleFirst:
		code, err = first()
	case roleInside:
		code = inside(dir)
	default:
		code, err = outside(prepare)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "real node:", err)
		return max(code, 1)
	}
	return code
}

// outside prepares, waits for the enclosure to end, and removes what it leaves. What a killed predecessor left goes first.
func outside(prepare func(ctx context.Context, dir string) error) (code int, err error) {
	if err := Missing(); err != nil {
		return 1, err
	}
	lock := flock.New(lockFile)
	if locked, err := lock.TryLock(); err != nil {
		return 1, fmt.Errorf("lock %s: %w", lockFile, err)
	} else if !locked {
		return 1, errors.New("another real node is running on this machine")
	}
	defer func() { _ = lock.Unlock() }()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := clean(); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, clean()) }()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 1, fmt.Errorf("make a directory: %w", err)
	}
	if err := prepare(ctx, dir); err != nil {
		return 1, err
	}
	return enclose(ctx)
}

// enclose starts the first process and waits for its end, which is that of all others in its namespaces.
func enclose(ctx context.Context) (code int, err error) {
	runtime.LockOSThread() // Pdeathsig goes by the thread
	defer runtime.UnlockOSThread()
	cmd := again(roleFirst)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setpgid:    true, // Ctrl-C reaches us alone
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start in namespaces of its own: %w", err)
	}
	ended := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer ended()
	err = cmd.Wait()
	if ctx.Err() != nil {
		return 1, errors.New("interrupted")
	}
	return exitCode(err)
}

// first is process 1 of the enclosure: it makes the place ready, runs the work, and takes in the orphans meanwhile.
func first() (code int, err error) {
	if err := arrange(); err != nil {
		return 1, err
	}
	cmd := again(roleInside)
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start the work: %w", err)
	}
	for {
		var status syscall.WaitStatus
		switch pid, err := syscall.Wait4(-1, &status, 0, nil); {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1, fmt.Errorf("wait for the work: %w", err)
		case pid == cmd.Process.Pid:
			if status.Signaled() {
				return 1, fmt.Errorf("the work was ended by %s", status.Signal())
			}
			return status.ExitStatus(), nil
		}
	}
}

// again is this program once more, in another role.
func again(role string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// kernelSettings are what a kubelet sets for the whole machine.
var kernelSettings = []string{"kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory", "vm/panic_on_oom",
	"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"}

// arrange gives the enclosure its own view of processes, mounts and kernel settings, and its network.
func arrange() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep the mounts to ourselves: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for _, setting := range kernelSettings {
		file := "/proc/sys/" + setting
		value, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		stand := filepath.Join(dir, "sysctl", setting)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(stand), 0o700), os.WriteFile(stand, value, 0o600),
			syscall.Mount(stand, file, "", syscall.MS_BIND, "")); err != nil {
			return fmt.Errorf("shield the kernel setting %s: %w", setting, err)
		}
	}
	return arrangeNetwork()
}

func exitCode(err error) (int, error) {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() >= 0 {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("the enclosure: %w", err)
	}
	return 0, nil
}
