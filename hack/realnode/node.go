package realnode

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"kitei.dev/kitei/hack/devcluster"
)

// nodeTools are built from the version of Kubernetes that the control plane is of, and only for those who want a node.
var nodeTools = devcluster.Toolset{
	Name:     "node",
	Title:    "kubelet and kube-proxy",
	Module:   "hack/realnode/binaries",
	Programs: map[string]string{"kubelet": "kubelet", "kube-proxy": "kube-proxy"},
}

const nodeName = "real"

//go:embed files
var files embed.FS

// Node is the real node with its control plane.
type Node struct {
	*devcluster.Cluster
	dir, bin                       string
	containerd, kubelet, kubeProxy *devcluster.Program
}

// Build builds the programs, if need be.
func Build(ctx context.Context, out io.Writer) error {
	if _, err := devcluster.Build(ctx, out); err != nil {
		return err
	}
	_, err := nodeTools.Build(ctx, out)
	return err
}

// Start starts the node within the enclosure of [Main] and returns when it is ready for Pods. The images of the given names
// are there.
func Start(ctx context.Context, dir string, out io.Writer, images ...string) (*Node, error) {
	n := &Node{dir: dir}
	var err error
	if n.bin, err = nodeTools.Build(ctx, out); err != nil {
		return nil, err
	}
	if err := n.start(ctx, out, images); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context, out io.Writer, images []string) (err error) {
	if err := makeCgroups(); err != nil {
		return err
	}
	if err := n.writeFiles(); err != nil {
		return err
	}
	if err := n.startContainerd(ctx); err != nil {
		return err
	}
	for _, image := range images {
		if err := n.Import(ctx, image); err != nil {
			return err
		}
	}
	n.Cluster, err = devcluster.Start(ctx, devcluster.Options{
		Address: nodeAddress, Dir: filepath.Join(n.dir, "cluster"), Out: out,
		APIServerFlags: map[string]string{"authorization-mode": "Node,RBAC", "enable-admission-plugins": "NodeRestriction"},
	})
	if err != nil {
		return err
	}
	if err := n.writeKubeconfig("kubelet", "system:node:"+nodeName, "system:nodes"); err != nil {
		return err
	}
	if err := n.writeKubeconfig("kube-proxy", "system:kube-proxy"); err != nil {
		return err
	}
	if err := n.startKubelet(ctx); err != nil {
		return err
	}
	if n.kubeProxy, err = devcluster.StartProgram(n.dir, filepath.Join(n.bin, "kube-proxy"),
		"--kubeconfig=kube-proxy.kubeconfig", "--proxy-mode=nftables", "--hostname-override="+nodeName,
		"--cluster-cidr="+podRange, "--healthz-bind-address=", "--metrics-bind-address=",
		"--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0"); err != nil {
		return err
	}
	fmt.Fprintln(out, "the node is ready")
	return nil
}

// writeFiles fills in the configuration of containerd, the network plugins and the kubelet.
func (n *Node) writeFiles() error {
	all, err := template.ParseFS(files, "files/*")
	if err != nil {
		return fmt.Errorf("read the node's configuration: %w", err)
	}
	for _, t := range all.Templates() {
		var content bytes.Buffer
		if err := t.Execute(&content, map[string]string{
			"Dir": n.dir, "Pause": PauseImage, "Plugins": cniPlugins, "Pods": podRange, "Address": nodeAddress, "Cgroup": "/" + cgroup,
		}); err != nil {
			return fmt.Errorf("write the node's configuration: %w", err)
		}
		file := filepath.Join(n.dir, "conf", t.Name())
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, content.Bytes(), 0o600)); err != nil {
			return fmt.Errorf("write the node's configuration: %w", err)
		}
	}
	return nil
}

// writeKubeconfig lets a program of the node act as a user of the cluster. The authority of its clients is beside it.
func (n *Node) writeKubeconfig(program, user string, groups ...string) error {
	config, err := n.AddUser(user, groups...)
	if err != nil {
		return err
	}
	content, err := devcluster.Kubeconfig(user, map[string]*rest.Config{user: config})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(filepath.Join(n.dir, program+".kubeconfig"), content, 0o600),
		os.WriteFile(filepath.Join(n.dir, "ca.crt"), config.CAData, 0o600)); err != nil {
		return fmt.Errorf("write the kubeconfig of %s: %w", program, err)
	}
	return nil
}

// startContainerd starts containerd, at first or again, and waits until it answers.
func (n *Node) startContainerd(ctx context.Context) (err error) {
	program, err := exec.LookPath("containerd")
	if err != nil {
		return fmt.Errorf("find containerd: %w", err)
	}
	if n.containerd, err = devcluster.StartProgram(n.dir, program, "--config=conf/containerd.toml"); err != nil {
		return err
	}
	return n.containerd.WaitUntil(ctx, "containerd", func(ctx context.Context) error { return n.ctr(ctx, "version") })
}

// startKubelet starts the kubelet, at first or again, and waits until the node is ready.
func (n *Node) startKubelet(ctx context.Context) (err error) {
	if n.kubelet, err = devcluster.StartProgram(n.dir, filepath.Join(n.bin, "kubelet"),
		"--config=conf/kubelet.yaml", "--kubeconfig=kubelet.kubeconfig", "--root-dir="+filepath.Join(n.dir, "kubelet"),
		"--hostname-override="+nodeName, "--node-ip="+nodeAddress); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(n.Config())
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	since := time.Now().Add(-time.Second).Truncate(time.Second)
	return n.kubelet.WaitUntil(ctx, "a ready node", func(ctx context.Context) error { return nodeReady(ctx, client, since) })
}

// nodeReady asks for a node that was heard of since, is ready, and whose first taint is lifted.
func nodeReady(ctx context.Context, client kubernetes.Interface, since time.Time) error {
	node, err := client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue &&
			!condition.LastHeartbeatTime.Time.Before(since) && len(node.Spec.Taints) == 0 {
			return nil
		}
	}
	return fmt.Errorf("the node is not ready: %+v %+v", node.Spec.Taints, node.Status.Conditions)
}

// Import loads an image that [Images] exported under a name.
func (n *Node) Import(ctx context.Context, name string) error {
	return n.ctr(ctx, "--namespace=k8s.io", "images", "import", archive(n.dir, name))
}

// Tag gives an image another name.
func (n *Node) Tag(ctx context.Context, image, other string) error {
	return n.ctr(ctx, "--namespace=k8s.io", "images", "tag", "--force", image, other)
}

// Forget takes a name of an image away.
func (n *Node) Forget(ctx context.Context, image string) error {
	return n.ctr(ctx, "--namespace=k8s.io", "images", "remove", "--sync", image)
}

func (n *Node) ctr(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "ctr", append([]string{"--address=" + filepath.Join(n.dir, "containerd.sock")}, args...)...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ctr %v: %w: %s", args, err, output)
	}
	return nil
}

// Err is an error for each program that ended by itself.
func (n *Node) Err() error {
	var errs []error
	if n.Cluster != nil {
		errs = append(errs, n.Cluster.Err())
	}
	for _, p := range []*devcluster.Program{n.containerd, n.kubelet, n.kubeProxy} {
		if p != nil {
			errs = append(errs, p.Err())
		}
	}
	return errors.Join(errs...)
}

// Stop returns what Err would have, and stops the programs. The containers end with the enclosure.
func (n *Node) Stop() error {
	err := n.Err()
	for _, p := range []*devcluster.Program{n.kubelet, n.kubeProxy} {
		if p != nil {
			p.Stop(2 * time.Second)
		}
	}
	if n.Cluster != nil {
		_ = n.Cluster.Stop() // its error is in Err's
	}
	if n.containerd != nil {
		n.containerd.Stop(2 * time.Second)
	}
	return err
}
