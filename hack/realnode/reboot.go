package realnode

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Reboot does what a restart of the machine does to the cluster: it stops the API server, the kubelet and containerd, kills
// every container, and starts all but the containers again, which is the kubelet's business.
func (n *Node) Reboot(ctx context.Context) error {
	if err := n.StopAPIServer(); err != nil {
		return err
	}
	n.kubelet.Kill()
	n.containerd.Kill()
	if err := killContainers(); err != nil {
		return err
	}
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	if err := n.StartAPIServer(ctx); err != nil {
		return err
	}
	return n.startKubelet(ctx)
}

// killContainers kills what runs in the containers' cgroups, and the shims, which are in none.
func killContainers() error {
	processes, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return fmt.Errorf("look for processes: %w", err)
	}
	for _, file := range processes {
		if comm, err := os.ReadFile(file); err == nil && strings.HasPrefix(string(comm), "containerd-shim") {
			kill(filepath.Base(filepath.Dir(file)))
		}
	}
	roots, err := cgroupRoots()
	if err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(roots[0], cgroup), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "cgroup.procs" {
			return err
		}
		pids, err := os.ReadFile(path)
		for _, pid := range strings.Fields(string(pids)) {
			kill(pid)
		}
		return err
	})
}

// kill ends a process; that it has ended already is as good.
func kill(pid string) {
	if number, err := strconv.Atoi(pid); err == nil && number > 1 {
		_ = syscall.Kill(number, syscall.SIGKILL)
	}
}
