package devcluster

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// kwokAnnotation marks the nodes that KWOK plays.
const (
	kwokAnnotation      = "kwok.x-k8s.io/node"
	kwokAnnotationValue = "fake"
)

// startControllers starts what turns objects into running Pods, and returns
// when it works.
func (c *Cluster) startControllers(ctx context.Context) error {
	if err := c.startControllerManager(); err != nil {
		return err
	}
	if err := c.startScheduler(); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(c.admin)
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	if c.options.Nodes > 0 {
		if err := c.startKWOK(); err != nil {
			return err
		}
		if err := c.createNodes(ctx, client); err != nil {
			return err
		}
		err := c.kwok.waitUntil(ctx, "ready nodes", func(ctx context.Context) error {
			return nodesReady(ctx, client)
		})
		if err != nil {
			return err
		}
	}
	return c.controllerManager.waitUntil(ctx, "the default service account", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// stopControllers stops what startControllers started.
func (c *Cluster) stopControllers() {
	var stopping sync.WaitGroup
	for _, p := range []*process{c.controllerManager, c.scheduler, c.kwok} {
		stopping.Go(func() { p.stop(controllerGrace) })
	}
	stopping.Wait()
	c.controllerManager, c.scheduler, c.kwok = nil, nil, nil
}

func (c *Cluster) startControllerManager() error {
	kubeconfig, err := c.writeKubeconfig("system:kube-controller-manager")
	if err != nil {
		return err
	}
	c.controllerManager, err = startProcess(c.dir, c.program("kube-controller-manager"),
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+accountsKeyFile,
		"--root-ca-file="+caCertFile,
		"--cluster-signing-cert-file="+caCertFile,
		"--cluster-signing-key-file="+caKeyFile,
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	)
	return err
}

func (c *Cluster) startScheduler() error {
	kubeconfig, err := c.writeKubeconfig("system:kube-scheduler")
	if err != nil {
		return err
	}
	c.scheduler, err = startProcess(c.dir, c.program("kube-scheduler"),
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	)
	return err
}

// startKWOK starts KWOK for the nodes that we mark, so that a real node could
// join beside them. It serves nothing (no logs, no exec).
func (c *Cluster) startKWOK() error {
	kubeconfig, err := c.writeKubeconfig("kwok", "system:masters")
	if err != nil {
		return err
	}
	c.kwok, err = startProcess(c.dir, c.program("kwok"),
		"--kubeconfig="+kubeconfig,
		"--config="+c.program(stagesFile),
		"--manage-all-nodes=false",
		"--manage-nodes-with-annotation-selector="+kwokAnnotation+"="+kwokAnnotationValue,
		"--server-address=",
	)
	return err
}

func (c *Cluster) createNodes(ctx context.Context, client kubernetes.Interface) error {
	for i := range c.options.Nodes {
		name := fmt.Sprintf("node-%d", i)
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelHostname:   name,
				corev1.LabelOSStable:   "linux",
				corev1.LabelArchStable: "amd64",
			},
			Annotations: map[string]string{kwokAnnotation: kwokAnnotationValue},
		}}
		_, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) { // they do after a restart
			return fmt.Errorf("create node %s: %w", name, err)
		}
	}
	return nil
}

// nodesReady says which node is not ready for Pods yet, if any.
func nodesReady(ctx context.Context, client kubernetes.Interface) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list nodes: %w", err)
	}
	for _, node := range nodes.Items {
		if !nodeReady(&node) {
			return fmt.Errorf("node %s is not ready", node.Name)
		}
	}
	return nil
}

// nodeReady tells whether the node is ready and the controllers know it: they
// lift the taint that every node is born with.
func nodeReady(node *corev1.Node) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == corev1.TaintNodeNotReady {
			return false
		}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
