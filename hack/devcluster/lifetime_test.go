package devcluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// ownerVariable, when set, turns the test binary into a program that owns a
// cluster, for tests of how such a program ends.
const (
	ownerVariable = "KITEI_DEVCLUSTER_OWNER"
	ownerReady    = "cluster is up"
)

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		if err := ownCluster(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// ownCluster runs a cluster until Ctrl-C.
func ownCluster() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	c, err := Start(ctx, Options{Nodes: 1, Dir: os.Getenv(ownerVariable)})
	if err != nil {
		return err
	}
	fmt.Println(ownerReady)
	<-ctx.Done()
	return c.Stop()
}

// startOwner runs ownCluster in a process of its own, as a group leader, as a
// shell would, and returns when its cluster is up.
func startOwner(t *testing.T) (owner *exec.Cmd, output *bytes.Buffer, programs []int) {
	t.Helper()
	owner = exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), ownerVariable+"="+filepath.Join(t.TempDir(), "cluster"))
	owner.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output = &bytes.Buffer{}
	owner.Stderr = output
	stdout, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Process.Kill(); _ = owner.Wait() })

	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != ownerReady {
		t.Fatalf("the owner says %q (%v)\n%s", line, err, output)
	}
	programs = children(t, owner.Process.Pid)
	if len(programs) != 5 {
		t.Fatalf("the owner has %d children", len(programs))
	}
	return owner, output, programs
}

func TestKilledOwnerLeavesNothingRunning(t *testing.T) {
	owner, _, programs := startOwner(t)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // says that it was killed
	waitForEnd(t, programs)
}

func TestInterruptedOwnerStopsInOrder(t *testing.T) {
	owner, output, programs := startOwner(t)
	// Ctrl-C in a terminal goes to the whole process group.
	if err := syscall.Kill(-owner.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := owner.Wait(); err != nil || output.Len() > 0 {
		t.Errorf("the owner ended with %v and said %q", err, output)
	}
	waitForEnd(t, programs)
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	if _, err := Build(t.Context(), t.Output()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	c, err := Start(ctx, Options{Nodes: 1})
	if c != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Start = %v, %v", c, err)
	}
	if left := children(t, os.Getpid()); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

func TestFailedStartQuotesTheLog(t *testing.T) {
	_, err := Start(t.Context(), Options{APIServerFlags: map[string]string{"no-such-flag": "1"}})
	if err == nil || !strings.Contains(err.Error(), "unknown flag: --no-such-flag") {
		t.Errorf("error = %v", err)
	}
	if n := strings.Count(fmt.Sprint(err), "kube-apiserver ended"); n != 1 {
		t.Errorf("the error says %d times that the program ended", n)
	}
	if left := children(t, os.Getpid()); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

func waitForEnd(t *testing.T, pids []int) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), pollInterval, 10*time.Second, true,
		func(context.Context) (bool, error) { return !slices.ContainsFunc(pids, alive), nil })
	if err != nil {
		t.Fatalf("of the processes %v some are left", pids)
	}
}

// alive tells whether a process runs. One that has ended and that nobody has
// waited for does not.
func alive(pid int) bool {
	state, _, err := processStat(pid)
	return err == nil && state != "Z" && state != "X"
}

// children returns the processes that the given one started and that run.
func children(t *testing.T, parent int) []int {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, p, err := processStat(pid); err == nil && p == parent && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// processStat reads a process's state and its parent.
func processStat(pid int) (state string, parent int, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, err
	}
	// The name, in parentheses, may contain anything.
	_, err = fmt.Sscanf(string(data[bytes.LastIndexByte(data, ')')+1:]), "%s %d", &state, &parent)
	return state, parent, err
}

// listening returns the TCP addresses on which a process listens.
func listening(t *testing.T, pid int) []*net.TCPAddr {
	t.Helper()
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	sockets := map[string]bool{}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil {
			sockets[target] = true
		}
	}
	var addresses []*net.TCPAddr
	for _, table := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // no IPv6
		}
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
			const address, state, inode, listen = 1, 3, 9, "0A"
			fields := strings.Fields(line)
			if fields[state] == listen && sockets["socket:["+fields[inode]+"]"] {
				addresses = append(addresses, parseAddress(t, fields[address]))
			}
		}
	}
	return addresses
}

// parseAddress reads an address as /proc writes it: words of four bytes, least
// significant byte first, and the port.
func parseAddress(t *testing.T, s string) *net.TCPAddr {
	t.Helper()
	host, port, _ := strings.Cut(s, ":")
	ip, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(ip, 4) {
		slices.Reverse(word)
	}
	number, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	return &net.TCPAddr{IP: ip, Port: int(number)}
}
