// Package e2e tests Kitei as it is installed: its own image, run as Pods of a real node, its webhooks behind a Service, put in,
// upgraded and taken out by the commands of the README and by others that a person may try. "make e2e" runs it.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/hack/devcluster"
	"kitei.dev/kitei/hack/kitei"
	"kitei.dev/kitei/hack/realnode"
	"kitei.dev/kitei/internal/operator"
)

// Images of the operator: this checkout's, and the previous version's.
const (
	current  = "registry.kitei.example/kitei:current"
	previous = "registry.kitei.example/kitei:previous"
)

var env *environment

type environment struct {
	*realnode.Node
	// root of this checkout, and previous: one of the previous version.
	root, previous string
	kubeconfig     string
	admin          client.Client
}

func TestMain(m *testing.M) {
	if os.Getenv("KITEI_E2E") == "" {
		fmt.Println("not asked for: run \"make e2e\"")
		os.Exit(0)
	}
	os.Exit(realnode.Main(prepare, func(dir string) int {
		code, err := runTests(m, dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, "e2e:", err)
			return 1
		}
		return code
	}))
}

// prepare builds all that is needed, which needs the machine's own network.
func prepare(ctx context.Context, dir string) error {
	root, err := kitei.Root()
	if err != nil {
		return err
	}
	if err := realnode.Build(ctx, os.Stdout); err != nil {
		return err
	}
	images := realnode.Images{Dir: dir, Out: os.Stdout}
	if err := images.Pause(ctx, root); err != nil {
		return err
	}
	makefile := filepath.Join(root, "Makefile")
	if err := images.Make(ctx, root, makefile, current, "current"); err != nil {
		return err
	}
	if err := checkOutPrevious(ctx, root, filepath.Join(dir, "previous")); err != nil {
		return err
	}
	if err := images.Make(ctx, filepath.Join(dir, "previous"), makefile, previous, "previous"); err != nil {
		return err
	}
	return run(exec.CommandContext(ctx, "make", "-C", root, "build"))
}

// checkOutPrevious lays the previous version's files into dir.
func checkOutPrevious(ctx context.Context, root, dir string) error {
	commit := os.Getenv("PREVIOUS")
	if commit == "" {
		return errors.New("PREVIOUS names no commit to upgrade from")
	}
	fmt.Println("checking out the previous version", commit)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	const script = `set -o pipefail; git -C "$1" archive "$2" | tar -x -C "$3"`
	return run(exec.CommandContext(ctx, "bash", "-c", script, "bash", root, commit, dir))
}

func run(command *exec.Cmd) error {
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%v: %w", command.Args, err)
	}
	return nil
}

func runTests(m *testing.M, dir string) (code int, err error) {
	ctx := context.Background()
	log.SetLogger(logr.Discard()) // the tests' own clients have nothing to say
	e := &environment{previous: filepath.Join(dir, "previous"), kubeconfig: filepath.Join(dir, "admin.kubeconfig")}
	if e.root, err = kitei.Root(); err != nil {
		return 1, err
	}
	defer func() {
		if code != 0 || err != nil {
			keepLogs(e.root, dir)
		}
	}()
	if e.Node, err = realnode.Start(ctx, dir, os.Stdout, "pause", "previous"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, e.Stop()) }()
	for _, image := range []string{webImage, newWebImage} {
		if err := e.Tag(ctx, realnode.PauseImage, image); err != nil {
			return 1, err
		}
	}
	content, err := devcluster.Kubeconfig("admin", map[string]*rest.Config{"admin": e.Config()})
	if err != nil {
		return 1, err
	}
	if err := os.WriteFile(e.kubeconfig, content, 0o600); err != nil {
		return 1, err
	}
	if e.admin, err = client.New(e.Config(), client.Options{Scheme: operator.Scheme()}); err != nil {
		return 1, err
	}
	env = e
	return m.Run(), nil
}

// keepLogs copies the logs of a run that failed to where they survive it.
func keepLogs(root, dir string) {
	kept := filepath.Join(root, "bin", "e2e-logs")
	_ = os.RemoveAll(kept)
	for name, from := range map[string]string{"node": "logs", "cluster": "cluster/logs", "pods": "pod-logs"} {
		if err := os.CopyFS(filepath.Join(kept, name), os.DirFS(filepath.Join(dir, from))); err != nil {
			fmt.Fprintln(os.Stderr, "keep the logs:", err)
		}
	}
	fmt.Fprintln(os.Stderr, "the logs are in", kept)
}

// patience bounds every wait: a machine may be busy, and a kubelet's pauses grow. Nothing is concluded from how long
// something took.
const patience = 6 * time.Minute

// lasting is a context that lasts through a test's clean-up too.
func lasting(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

// eventually waits until check returns nil.
func eventually(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(lasting(t), 200*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v: %v", what, err, last)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sh runs a command line as a person would, at the root of a checkout, as an administrator of the cluster.
func sh(t *testing.T, checkout, line string) (output string, err error) {
	t.Helper()
	started := time.Now()
	defer func() { t.Logf("$ %s (%s)", line, time.Since(started).Round(100*time.Millisecond)) }()
	cmd := exec.CommandContext(lasting(t), "bash", "-c", line)
	cmd.Dir = checkout
	path := strings.Join([]string{filepath.Join(env.root, "bin"), env.BinDir(), os.Getenv("PATH")}, ":")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+env.kubeconfig, "PATH="+path)
	content, err := cmd.CombinedOutput()
	if err != nil {
		return string(content), fmt.Errorf("%s: %w\n%s", line, err, content)
	}
	return string(content), nil
}

// do runs a command line that must succeed.
func do(t *testing.T, line string) string {
	t.Helper()
	output, err := sh(t, env.root, line)
	must(t, err)
	return output
}
