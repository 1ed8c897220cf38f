package kitei

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/rest"

	"kitei.dev/kitei/hack/devcluster"
)

// Build builds a program of cmd into the repository's bin folder and returns its path.
func Build(ctx context.Context, root, name string) (string, error) {
	program := filepath.Join(root, "bin", name)
	// Without the flags of a release, so that what "go test" compiled is used again.
	return program, BuildAs(ctx, root, name, program)
}

// BuildAs builds a program of cmd into a file, with flags of "go build".
func BuildAs(ctx context.Context, root, name, program string, flags ...string) error {
	command := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", program}, flags, []string{"./cmd/" + name})...)
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", name, err, output)
	}
	return nil
}

// Root is the repository's root, found from the working directory upwards.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("this is not a checkout of kitei: no PROJECT file here or above")
		}
		dir = parent
	}
}

// Operator is one replica of the operator, running as a process on this machine.
type Operator struct {
	*devcluster.Program
	probe string
}

// OperatorOptions of one replica.
type OperatorOptions struct {
	// Binary is the path of the manager.
	Binary string
	// Config with which the operator reaches the API server: its own service account's.
	Config *rest.Config
	// Dir for its files; it must exist.
	Dir string
	// WebhookHost by which the API server reaches this machine; localhost if empty. Any other is served on every address.
	WebhookHost string
	// WebhookPort of the webhooks.
	WebhookPort int
	// LeaderElect where there is more than one replica.
	LeaderElect bool
	// MetricsPort on loopback; 0 for no metrics.
	MetricsPort int
}

// StartOperator starts a replica. Wait for it with [Operator.Ready].
func StartOperator(o OperatorOptions) (*Operator, error) {
	kubeconfig := filepath.Join(o.Dir, "operator.kubeconfig")
	content, err := devcluster.Kubeconfig("operator", map[string]*rest.Config{"operator": o.Config})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(kubeconfig, content, 0o600); err != nil {
		return nil, fmt.Errorf("write the operator's kubeconfig: %w", err)
	}
	certificates := filepath.Join(o.Dir, "certs")
	if err := os.MkdirAll(certificates, 0o700); err != nil {
		return nil, fmt.Errorf("make a place for certificates: %w", err)
	}
	probe, err := FreePort()
	if err != nil {
		return nil, err
	}
	metrics := "0"
	if o.MetricsPort != 0 {
		metrics = fmt.Sprintf("127.0.0.1:%d", o.MetricsPort)
	}
	name, address := "localhost", "127.0.0.1"
	if o.WebhookHost != "" && o.WebhookHost != name {
		name, address = o.WebhookHost, ""
	}
	program, err := devcluster.StartProgram(o.Dir, o.Binary,
		"--kubeconfig="+kubeconfig,
		fmt.Sprintf("--leader-elect=%t", o.LeaderElect),
		"--metrics-bind-address="+metrics,
		fmt.Sprintf("--health-probe-bind-address=127.0.0.1:%d", probe),
		"--webhook-host="+address,
		fmt.Sprintf("--webhook-port=%d", o.WebhookPort),
		"--cert-dir="+certificates,
		"--certificate-dns-names="+name,
	)
	if err != nil {
		return nil, err
	}
	return &Operator{Program: program, probe: fmt.Sprintf("http://127.0.0.1:%d/readyz", probe)}, nil
}

// Ready waits until the replica serves its webhooks.
func (o *Operator) Ready(ctx context.Context) error {
	return o.WaitUntil(ctx, "the operator", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.probe, nil)
		if err != nil {
			return err
		}
		probe := http.Client{Timeout: 2 * time.Second}
		response, err := probe.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("not ready: %s", response.Status)
		}
		return nil
	})
}

// FreePort is a TCP port of loopback that nothing listens on now.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return 0, fmt.Errorf("free the port again: %w", err)
	}
	return port, nil
}

// PortFree says whether nothing listens on a TCP port of loopback.
func PortFree(port int) bool {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	return err == nil && listener.Close() == nil
}

// OnLoopback says whether the server of a URL is on this machine.
func OnLoopback(server string) bool {
	parsed, err := url.Parse(server)
	if err != nil {
		return false
	}
	host := parsed.Hostname()
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
