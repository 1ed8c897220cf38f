package devcluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// KubernetesVersion is the version of the control plane. The nested module
// pins the sources; this is what the programs report about themselves, which
// sources from a module proxy do not know.
const KubernetesVersion = "v1.36.3"

const (
	mainModule = "kitei.dev/kitei"
	// stagesFile holds KWOK's rules of how Nodes and Pods come to life.
	stagesFile = "kwok-stages.yaml"

	buildingPrefix = "building-"

	lockRetry     = 500 * time.Millisecond
	progressEvery = 15 * time.Second
)

// A Toolset is a nested module whose tools are built once and kept.
type Toolset struct {
	// Name of its directory in the cache.
	Name string
	// Title in progress lines.
	Title string
	// Module is the nested module's directory, relative to the main module's root.
	Module string
	// Programs are what the module builds, by the names that go build gives them,
	// and the names we want.
	Programs map[string]string
	// stages are patterns of the stages of KWOK that are kept beside the programs.
	stages []string
}

var controlPlane = Toolset{
	Name:   "controlplane",
	Title:  "the control plane",
	Module: "hack/devcluster/binaries",
	Programs: map[string]string{
		"server":                  "etcd",
		"kube-apiserver":          "kube-apiserver",
		"kube-controller-manager": "kube-controller-manager",
		"kube-scheduler":          "kube-scheduler",
		"kubectl":                 "kubectl",
		"kwok":                    "kwok",
	},
	stages: stagePatterns,
}

// stagePatterns are the stages within KWOK's module: nodes that become ready
// and keep renewing their lease, Pods that run at once and Jobs that complete.
var stagePatterns = []string{
	"kustomize/stage/node/fast/node-initialize.yaml",
	"kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
	"kustomize/stage/pod/fast/pod-*.yaml",
}

// buildFlags are the flags of go build that shape the programs.
func buildFlags() []string {
	version := strings.Split(strings.TrimPrefix(KubernetesVersion, "v"), ".")
	const set = " -X k8s.io/component-base/version."
	return []string{
		"-trimpath",
		"-buildvcs=false",
		"-ldflags=-s -w" +
			set + "gitVersion=" + KubernetesVersion +
			set + "gitMajor=" + version[0] +
			set + "gitMinor=" + version[1] +
			set + "gitTreeState=clean",
	}
}

// Build makes sure that the programs of the control plane are built, and
// returns the directory that holds them.
func Build(ctx context.Context, out io.Writer) (binDir string, err error) {
	return controlPlane.Build(ctx, out)
}

// Build makes sure that the programs are built, and returns the directory that
// holds them. The first build takes minutes; the outcome is kept in the user's
// cache directory until the versions change. Progress goes to out. Only one
// process builds at a time; others wait for it.
func (s Toolset) Build(ctx context.Context, out io.Writer) (binDir string, err error) {
	runtime.LockOSThread() // see childAttributes
	defer runtime.UnlockOSThread()

	module, err := findModule(s.Module)
	if err != nil {
		return "", err
	}
	key, err := s.cacheKey(ctx, module)
	if err != nil {
		return "", err
	}
	userCache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	cache := filepath.Join(userCache, "kitei", s.Name)
	binDir = filepath.Join(cache, key)
	if exists(binDir) {
		return binDir, nil
	}

	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache directory: %w", err)
	}
	unlock, err := s.lock(ctx, filepath.Join(cache, "lock"), out)
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(binDir) { // built while we waited
		return binDir, nil
	}
	return binDir, s.buildInto(ctx, module, binDir, out)
}

// buildInto builds beside binDir and moves the outcome into place, so that
// binDir is either complete or absent. The caller has the lock.
func (s Toolset) buildInto(ctx context.Context, module, binDir string, out io.Writer) error {
	started := time.Now()
	cache := filepath.Dir(binDir)
	unfinished, _ := filepath.Glob(filepath.Join(cache, buildingPrefix+"*"))
	for _, dir := range unfinished { // of builders that were killed
		_ = os.RemoveAll(dir)
	}
	temporary, err := os.MkdirTemp(cache, buildingPrefix)
	if err != nil {
		return fmt.Errorf("make a directory to build in: %w", err)
	}
	defer os.RemoveAll(temporary) // nothing is left there after the move

	fmt.Fprintf(out, "building %s %s (once, some minutes) for %s\n", s.Title, KubernetesVersion, binDir)
	b := &builder{tools: s, module: module, dir: temporary, out: out, started: started}
	if err := b.build(ctx); err != nil {
		return fmt.Errorf("build %s: %w", s.Title, err)
	}
	if err := b.writeStages(ctx); err != nil {
		return fmt.Errorf("collect the stages of kwok: %w", err)
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return fmt.Errorf("open up the directory of the programs: %w", err)
	}
	if err := os.Rename(temporary, binDir); err != nil {
		return fmt.Errorf("move the programs into place: %w", err)
	}
	fmt.Fprintf(out, "built %s in %s\n", s.Title, elapsed(started))
	return nil
}

// lock takes the lock of the cache directory, and says so if it has to wait.
func (s Toolset) lock(ctx context.Context, name string, out io.Writer) (unlock func(), err error) {
	l := flock.New(name)
	locked, err := l.TryLock()
	if err == nil && !locked {
		fmt.Fprintf(out, "waiting for another process that builds %s\n", s.Title)
		_, err = l.TryLockContext(ctx, lockRetry)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the cache directory: %w", err)
	}
	return func() { _ = l.Unlock() }, nil
}

// findModule returns the directory of a nested module. It walks up from the working directory, which is a package's
// folder under go test, to the root of the main module.
func findModule(nested string) (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		switch {
		case err == nil && strings.Contains("\n"+string(data), "\nmodule "+mainModule+"\n"):
			return filepath.Join(dir, filepath.FromSlash(nested)), nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("look for the module %s: %w", mainModule, err)
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("the working directory %s is not within the module %s", start, mainModule)
		}
	}
}

// cacheKey names what the programs are made from: another go.mod, compiler or
// flag makes another key.
func (s Toolset) cacheKey(ctx context.Context, module string) (string, error) {
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			return "", fmt.Errorf("read the pinned versions: %w", err)
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(data), data)
	}
	env, err := goCommand(ctx, module, "env", "GOVERSION", "GOOS", "GOARCH").Output()
	if err != nil {
		return "", fmt.Errorf("ask go for its version: %w", withStderr(err))
	}
	// JSON keeps neighbouring strings apart.
	if err := json.NewEncoder(hash).Encode([][]string{{string(env)}, buildFlags(), s.stages}); err != nil {
		return "", fmt.Errorf("hash the build flags: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func elapsed(since time.Time) time.Duration {
	return time.Since(since).Round(100 * time.Millisecond)
}
