package realnode

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Kubelet and kube-proxy are pinned apart from the control plane, and must be of its version all the same.
func TestNodeIsOfTheVersionOfTheControlPlane(t *testing.T) {
	pins := func(module string) string {
		content, err := os.ReadFile(filepath.Join("..", "..", module, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		pin := regexp.MustCompile(`(?m)^\s+k8s\.io/kubernetes v\S+|=> k8s\.io/\S+ v\S+`)
		return strings.Join(pin.FindAllString(string(content), -1), "\n")
	}
	node, plane := pins(nodeTools.Module), pins("hack/devcluster/binaries")
	if node != plane || !strings.Contains(node, "k8s.io/kubernetes v") {
		t.Errorf("the node is built from\n%s\nthe control plane from\n%s", node, plane)
	}
}

func TestMissingSaysHowToGetWhatIsMissing(t *testing.T) {
	if os.Geteuid() != 0 {
		if err := Missing(); err == nil || !strings.Contains(err.Error(), "root") {
			t.Errorf("without root: %v", err)
		}
		return
	}
	t.Setenv("PATH", t.TempDir())
	if err := Missing(); err == nil || !strings.Contains(err.Error(), "apt-get install --no-install-recommends containerd runc") {
		t.Errorf("on a bare machine: %v", err)
	}
}
