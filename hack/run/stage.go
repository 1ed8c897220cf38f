package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/devcluster"
	"kitei.dev/kitei/hack/kitei"
	"kitei.dev/kitei/hack/postbox"
)

// stage is what runs: a cluster, the operator, and the kubeconfig for the reader.
type stage struct {
	progress
	root, dir   string
	pods        int
	webhookHost string // by which the API server reaches the operator
	webhookPort int
	mailPort    int

	cluster  *devcluster.Cluster // nil where KUBECONFIG names another
	admin    *rest.Config
	kubectl  string
	manager  string
	operator *kitei.Operator
	postbox  *postbox.Postbox
	mails    int // of the postbox that were shown
	// daysAhead is what the reader wrote last about the operator's clock.
	daysAhead string
}

// persons of the demonstration, by the name of their context, with the groups that hold offices in the register.
var persons = map[string][]string{
	"cio":            {"arakawa:department:management:head"},
	"digital-head":   {"arakawa:section:digital-promotion:head"},
	"platform-staff": {"arakawa:section:digital-promotion:members"},
	"tax-head":       {"arakawa:section:tax:head"},
	"tax-staff":      {"arakawa:section:tax:members"},
	"nhi-head":       {"arakawa:section:nhi-pension:head"},
	"welfare-head":   {"arakawa:section:welfare-promotion:head"},
	"resident-bucho": {"arakawa:department:resident-life:head"},
	"planning-bucho": {"arakawa:department:general-planning:head"},
	"revenue-staff":  {"arakawa:section:revenue:members"}, // a section that the tutorial's reorganisation makes
}

// lines makes a writer of whole lines into progress.
func (s *stage) lines() io.Writer {
	reader, writer := io.Pipe()
	go func() {
		var line string
		for buffer := make([]byte, 1); ; {
			if _, err := reader.Read(buffer); err != nil {
				return
			}
			if buffer[0] != '\n' {
				line += string(buffer)
				continue
			}
			s.say("%s", line)
			line = ""
		}
	}()
	return writer
}

func (s *stage) findCluster(ctx context.Context) error {
	if given := os.Getenv("KUBECONFIG"); given != "" {
		s.say("using the cluster of %s", given)
		config, err := clientcmd.BuildConfigFromFlags("", given)
		if err != nil {
			return fmt.Errorf("read KUBECONFIG: %w", err)
		}
		if s.webhookHost == "localhost" && !kitei.OnLoopback(config.Host) {
			return fmt.Errorf("the API server %s is not on this machine and would not find the operator's webhooks on localhost, so that"+
				" it would refuse writes: unset KUBECONFIG for a control plane of this machine's own, say by which name the server"+
				" reaches this machine (-webhook-host), or install Kitei in the cluster (make install)", config.Host)
		}
		s.admin = config
		bin, err := devcluster.Build(ctx, s.lines())
		s.kubectl = filepath.Join(bin, "kubectl")
		return err
	}
	s.say("starting a control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, 3 KWOK nodes")
	cluster, err := devcluster.Start(ctx, devcluster.Options{Nodes: 3, Out: s.lines(), Dir: filepath.Join(s.dir, "cluster")})
	if err != nil {
		return err
	}
	s.cluster, s.admin, s.kubectl = cluster, cluster.Config(), cluster.Kubectl()
	return nil
}

func (s *stage) build(ctx context.Context) error {
	s.say("building the operator and the kubectl plugin")
	var err error
	if s.manager, err = kitei.Build(ctx, s.root, "manager"); err != nil {
		return err
	}
	if _, err = kitei.Build(ctx, s.root, "kubectl-kitei"); err != nil {
		return err
	}
	// The kubectl of the same version, where the plugin is: one folder for the reader's PATH.
	link := filepath.Join(s.root, "bin", "kubectl")
	_ = os.Remove(link)
	return os.Symlink(s.kubectl, link)
}

func (s *stage) install(ctx context.Context) error {
	s.say("installing config/default: kinds, roles, webhooks, policies")
	return kitei.Install(ctx, s.kubectl, s.admin, s.root, kitei.Default, fmt.Sprintf("https://%s:%d", s.webhookHost, s.webhookPort))
}

func (s *stage) startOperator(ctx context.Context) error {
	s.say("starting the operator as %s", v1alpha1.OperatorUsername)
	return s.runOperator(ctx, s.manager)
}

// runOperator starts a program as the operator, and waits until it is ready.
func (s *stage) runOperator(ctx context.Context, program string) error {
	// Its own account, with the rights that it has in a cluster and no more.
	account, err := devcluster.ServiceAccountConfig(ctx, s.admin, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "operator"), 0o700); err != nil {
		return fmt.Errorf("make a place for the operator's files: %w", err)
	}
	s.operator, err = kitei.StartOperator(kitei.OperatorOptions{
		Binary: program, Config: account, Dir: filepath.Join(s.dir, "operator"), WebhookHost: s.webhookHost, WebhookPort: s.webhookPort,
	})
	if err != nil {
		return err
	}
	return s.operator.Ready(ctx)
}

func (s *stage) registerSystems(ctx context.Context) error {
	s.say("installing the register of 別表第1 (config/samples/arakawa)")
	if err := s.kubectlRun(ctx, nil, "apply", "--server-side", "-k", filepath.Join(s.root, "config", "samples", "arakawa")); err != nil {
		return err
	}
	return s.waitForRoles(ctx)
}

// waitForRoles waits until the operator has derived the roles of those who act in the demonstration, and the API server
// knows them.
func (s *stage) waitForRoles(ctx context.Context) error {
	for person, may := range map[string][]string{
		"digital-head": {"create", "changeapprovals"}, "cio": {"patch", "changeapprovals", "--subresource=status"},
	} {
		question := append([]string{"auth", "can-i", "--quiet"}, may...)
		err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			return s.kubectlRun(ctx, impersonate(person), question...) == nil, s.operator.Err()
		})
		if err != nil {
			return fmt.Errorf("wait until %s may %v: %w", person, may, err)
		}
	}
	return nil
}

// impersonate makes kubectl act as a person of the demonstration.
func impersonate(person string) []string {
	options := []string{"--as=" + person, "--as-group=system:authenticated"}
	for _, group := range persons[person] {
		options = append(options, "--as-group="+group)
	}
	return options
}

// deploySample plays the head of デジタル推進課: claims the namespace, submits the application; and a platform team: deploys.
func (s *stage) deploySample(ctx context.Context) error {
	sample := filepath.Join(s.root, "config", "samples", "tax")
	head := impersonate("digital-head")
	s.say("digital-head gives the tax system the namespace tax, and submits application r8-tax")
	if err := s.kubectlRun(ctx, head, "patch", "electronicsystem", "tax", "--type=merge",
		"--patch-file", filepath.Join(sample, "system-claim.yaml")); err != nil {
		return err
	}
	if err := s.kubectlRun(ctx, head, "apply", "-f", filepath.Join(sample, "application.yaml")); err != nil {
		return err
	}
	s.say("the platform team deploys tax-web with %d Pods", s.pods)
	if err := s.kubectlRun(ctx, nil, "apply", "-k", sample); err != nil {
		return err
	}
	if err := s.kubectlRun(ctx, nil, "scale", "-n", "tax", "deployment/tax-web", fmt.Sprintf("--replicas=%d", s.pods)); err != nil {
		return err
	}
	s.say("waiting until the Pods are held")
	return s.waitForPods(ctx, func(held, _ int) bool { return held == s.pods })
}

// kubectlRun runs kubectl as the administrator, or as whom the options say.
func (s *stage) kubectlRun(ctx context.Context, as []string, arguments ...string) error {
	kubeconfig, err := s.writeKubeconfig()
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, s.kubectl, append(as, arguments...)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %v: %w\n%s", arguments, err, output)
	}
	return nil
}

// writeKubeconfig writes a kubeconfig with a context for each person; the administrator's is the current one. In a cluster
// of somebody else's there are no persons to make: the reader impersonates them.
func (s *stage) writeKubeconfig() (string, error) {
	path := filepath.Join(s.dir, "kubeconfig")
	if s.cluster == nil {
		return os.Getenv("KUBECONFIG"), nil
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	contexts := map[string]*rest.Config{"admin": s.admin}
	for name, groups := range persons {
		config, err := s.cluster.AddUser(name, groups...)
		if err != nil {
			return "", err
		}
		contexts[name] = config
	}
	content, err := devcluster.Kubeconfig("admin", contexts)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return "", fmt.Errorf("write the kubeconfig: %w", err)
	}
	return path, nil
}

// waitForPods waits until the sample's Pods, so many held and so many running, are as wanted.
func (s *stage) waitForPods(ctx context.Context, wanted func(held, running int) bool) error {
	c, err := kubernetes.NewForConfig(s.admin)
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	for {
		pods, err := c.CoreV1().Pods("tax").List(ctx, metav1.ListOptions{})
		if err != nil {
			return fmt.Errorf("list the sample's Pods: %w", err)
		}
		held, running := count(pods.Items)
		if wanted(held, running) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.operator.Exited():
			return s.operator.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func count(pods []corev1.Pod) (held, running int) {
	for i := range pods {
		for _, gate := range pods[i].Spec.SchedulingGates {
			if gate.Name == v1alpha1.SchedulingGate {
				held++
			}
		}
		if pods[i].Status.Phase == corev1.PodRunning {
			running++
		}
	}
	return held, running
}

func (s *stage) stop() {
	fmt.Fprintln(s.out)
	s.say("stopping")
	if s.operator != nil {
		s.operator.Stop(5 * time.Second)
	}
	if s.postbox != nil {
		s.postbox.Close()
	}
	if s.cluster != nil {
		if err := s.cluster.Stop(); err != nil {
			s.say("%v", err)
		}
	}
	if s.cluster == nil && s.operator != nil {
		s.say("Kitei stays installed in that cluster, without its operator; make uninstall takes it out")
	}
	s.say("nothing is left running")
}
