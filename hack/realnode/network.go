package realnode

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"kitei.dev/kitei/hack/devcluster"
)

// Addresses within the enclosure.
const (
	nodeAddress = "10.97.0.1"
	podRange    = "10.98.0.0/16"
)

// arrangeNetwork gives the enclosure a loopback and the node an address. The range of Services leads to a bridge that has no
// ports: kube-proxy rewrites what has an endpoint before it gets there, and the rest gets nowhere.
func arrangeNetwork() error {
	for _, line := range []string{
		"link set lo up",
		"link add node0 type bridge",
		"addr add " + nodeAddress + "/24 dev node0",
		"link set node0 up",
		"route add " + devcluster.ServiceRange + " dev node0 src " + nodeAddress,
	} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, output)
		}
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		return fmt.Errorf("let Pods reach each other: %w", err)
	}
	return nil
}
