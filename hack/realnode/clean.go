package realnode

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// cgroup is the parent of everything that the node runs, in each hierarchy.
const (
	cgroup      = "kitei-realnode"
	cgroupMount = "/sys/fs/cgroup"
)

// clean removes what no namespace covers: the cgroups and the directory. The processes have ended or are about to: what
// was killed a moment ago may still be in its cgroup.
func clean() error {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	enough := time.After(time.Minute)
	for {
		err := errors.Join(removeCgroups(), os.RemoveAll(dir))
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-enough:
			return err
		}
	}
}

func removeCgroups() error {
	roots, err := cgroupRoots()
	if err != nil {
		return err
	}
	for _, root := range roots {
		var all []string
		err := filepath.WalkDir(filepath.Join(root, cgroup), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				all = append(all, path)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for cgroups: %w", err)
		}
		for _, path := range slices.Backward(all) { // the children first
			if err := syscall.Rmdir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove cgroup %s: %w", path, err)
			}
		}
	}
	return nil
}

// cgroupRoots are the mounts of the hierarchies: many in version 1, one in version 2.
func cgroupRoots() ([]string, error) {
	if _, err := os.Stat(filepath.Join(cgroupMount, "cgroup.controllers")); err == nil {
		return []string{cgroupMount}, nil
	}
	entries, err := os.ReadDir(cgroupMount)
	if err != nil {
		return nil, fmt.Errorf("look for cgroups: %w", err)
	}
	var roots []string
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(cgroupMount, entry.Name(), "cgroup.procs")); err == nil {
			roots = append(roots, filepath.Join(cgroupMount, entry.Name()))
		}
	}
	return roots, nil
}

// makeCgroups makes the parent, which the kubelet wants to find.
func makeCgroups() error {
	roots, err := cgroupRoots()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := os.MkdirAll(filepath.Join(root, cgroup), 0o755); err != nil {
			return fmt.Errorf("make cgroup: %w", err)
		}
	}
	return nil
}
