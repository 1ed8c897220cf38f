package devcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	temporaryPrefix = "kitei-devcluster-"
	// inUseFile is locked in a temporary directory as long as its cluster's
	// process lives: the kernel frees the lock however the process ends.
	inUseFile = "in-use"
	// sweepAfter spares a directory that is being made and has no lock yet.
	sweepAfter = time.Minute
)

// makeDir makes a cluster's directory, which only we may read, because it
// holds keys: the given one, or a temporary one if none is given. The returned
// function removes the latter.
func makeDir(given string) (dir string, remove func() error, err error) {
	if given == "" {
		return makeTemporaryDir()
	}
	dir, err = filepath.Abs(given)
	if err != nil {
		return "", nil, fmt.Errorf("find the cluster's directory: %w", err)
	}
	// The keys of another cluster would not fit its data.
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return "", nil, fmt.Errorf("the cluster's directory %s is not empty", dir)
	}
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		return "", nil, fmt.Errorf("make the cluster's directory: %w", err)
	}
	return dir, func() error { return nil }, nil
}

func makeTemporaryDir() (dir string, remove func() error, err error) {
	sweepTemporaryDirs()

	dir, err = os.MkdirTemp("", temporaryPrefix)
	if err != nil {
		return "", nil, fmt.Errorf("make the cluster's directory: %w", err)
	}
	inUse := flock.New(filepath.Join(dir, inUseFile))
	remove = func() error {
		return errors.Join(os.RemoveAll(dir), inUse.Unlock())
	}
	if err := errors.Join(inUse.Lock(), os.Mkdir(filepath.Join(dir, "logs"), 0o700)); err != nil {
		return "", nil, errors.Join(fmt.Errorf("prepare the cluster's directory: %w", err), remove())
	}
	return dir, remove, nil
}

// sweepTemporaryDirs removes what clusters left whose process was killed: some
// hundred megabytes each. It is a courtesy, so errors do not matter.
func sweepTemporaryDirs() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), temporaryPrefix+"*"))
	for _, dir := range dirs {
		name := filepath.Join(dir, inUseFile)
		info, err := os.Stat(name)
		if err != nil || time.Since(info.ModTime()) < sweepAfter {
			continue
		}
		inUse := flock.New(name)
		if free, err := inUse.TryLock(); err == nil && free {
			_ = os.RemoveAll(dir)
			_ = inUse.Unlock()
		}
	}
}
