package realnode

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// needed are the programs that do not come from Go modules, with the Debian package of each.
var needed = []struct{ program, debian string }{
	{"containerd", "containerd"},
	{"ctr", "containerd"},
	{"runc", "runc"},
	{cniPlugins + "/bridge", "containernetworking-plugins"},
	{"buildah", "buildah"},
	{"ip", "iproute2"},
	{"iptables", "iptables"},
	{"nft", "nftables"},
	{"conntrack", "conntrack"},
}

// cniPlugins is where Debian keeps them.
const cniPlugins = "/usr/lib/cni"

// Missing is an error that says what this machine lacks for a real node and how to get it.
func Missing() error {
	if os.Geteuid() != 0 {
		return errors.New("a real node needs root: containers, network interfaces and cgroups are made")
	}
	var missing []string
	for _, n := range needed {
		if _, err := exec.LookPath(n.program); err != nil && !slices.Contains(missing, n.debian) {
			missing = append(missing, n.debian)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("a real node needs Debian packages that are not installed: run \"make e2e-packages\", or\n"+
		"    apt-get install --no-install-recommends %s", strings.Join(missing, " "))
}
