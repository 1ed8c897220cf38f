package devcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
)

const eventually = 30 * time.Second

// TestCluster shares one cluster among its parts, which run in order: the last
// stops it.
func TestCluster(t *testing.T) {
	c, err := Start(t.Context(), Options{Nodes: 3, Out: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
	client := kubernetes.NewForConfigOrDie(c.Config())

	t.Run("version and features", func(t *testing.T) { testVersion(t, c, client) })
	t.Run("listens on loopback only", func(t *testing.T) { testLoopback(t, c) })
	t.Run("users", func(t *testing.T) { testUsers(t, c) })
	t.Run("service accounts", func(t *testing.T) { testServiceAccount(t, c) })
	t.Run("kubectl", func(t *testing.T) { testKubectl(t, c) })
	t.Run("deployment runs", func(t *testing.T) { testDeployment(t, client) })
	t.Run("API server restarts", func(t *testing.T) { testRestart(t, c, client) })
	t.Run("a program that dies is reported", func(t *testing.T) { testFailure(t, c) })
	t.Run("stop", func(t *testing.T) { testStop(t, c) })
}

func testVersion(t *testing.T, c *Cluster, client kubernetes.Interface) {
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.GitVersion != KubernetesVersion || version.Major != "1" || version.Minor != "36" {
		t.Errorf("server version = %+v, want %s", version, KubernetesVersion)
	}
	resources, err := client.Discovery().ServerResourcesForGroupVersion("admissionregistration.k8s.io/v1")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(resources.APIResources, func(r metav1.APIResource) bool {
		return r.Kind == "MutatingAdmissionPolicy"
	}) {
		t.Error("MutatingAdmissionPolicy v1 is not served")
	}
	// The plugin that enforces them is on, too: it checks expressions.
	_, err = client.AdmissionregistrationV1().ValidatingAdmissionPolicies().Create(t.Context(),
		&admissionv1.ValidatingAdmissionPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: "invalid"},
			Spec:       admissionv1.ValidatingAdmissionPolicySpec{Validations: []admissionv1.Validation{{Expression: "no CEL"}}},
		}, metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) {
		t.Errorf("creating an invalid policy: %v, want invalid", err)
	}
	if err := c.Err(); err != nil {
		t.Error(err)
	}
}

func testLoopback(t *testing.T, c *Cluster) {
	addresses := 0
	for _, p := range c.processes() {
		for _, address := range listening(t, p.cmd.Process.Pid) {
			addresses++
			t.Logf("%s listens on %s", p.name, address)
			if !address.IP.IsLoopback() {
				t.Errorf("%s listens on %s", p.name, address)
			}
		}
	}
	if addresses == 0 {
		t.Error("found no listening address at all")
	}
}

func testUsers(t *testing.T, c *Cluster) {
	for name, tc := range map[string]struct {
		user   string
		groups []string
	}{
		"with groups":    {"digital-head", []string{"officers", "digital"}},
		"without groups": {"clerk", nil},
		"not ASCII":      {"副区長", []string{"政策経営部"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := c.AddUser(tc.user, tc.groups...)
			if err != nil {
				t.Fatal(err)
			}
			who := whoAmI(t, cfg)
			got, want := sets.New(who.Groups...), sets.New(tc.groups...).Insert("system:authenticated")
			if who.Username != tc.user || !got.Equal(want) {
				t.Errorf("user = %s %q, want %s %q", who.Username, who.Groups, tc.user, sets.List(want))
			}
			_, err = kubernetes.NewForConfigOrDie(cfg).CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
			if !apierrors.IsForbidden(err) {
				t.Errorf("listing secrets without a role: %v, want forbidden", err)
			}
		})
	}
	if who := whoAmI(t, c.Config()); !slices.Contains(who.Groups, "system:masters") {
		t.Errorf("the administrator's groups are %q", who.Groups)
	}
}

func testServiceAccount(t *testing.T, c *Cluster) {
	cfg, err := c.ServiceAccountConfig(t.Context(), "default", "default")
	if err != nil {
		t.Fatal(err)
	}
	if who := whoAmI(t, cfg); who.Username != "system:serviceaccount:default:default" {
		t.Errorf("user = %s", who.Username)
	}
	if _, err := c.ServiceAccountConfig(t.Context(), "default", "nobody"); !apierrors.IsNotFound(err) {
		t.Errorf("token of a service account that does not exist: %v, want not found", err)
	}
}

func testKubectl(t *testing.T, c *Cluster) {
	clerk, err := c.AddUser("clerk")
	if err != nil {
		t.Fatal(err)
	}
	data, err := Kubeconfig("admin", map[string]*rest.Config{"admin": c.Config(), "clerk": clerk})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"auth whoami -o jsonpath={.status.userInfo.username}":                 "admin",
		"auth whoami -o jsonpath={.status.userInfo.username} --context=clerk": "clerk",
		"get nodes -o name": "node/node-0\nnode/node-1\nnode/node-2",
	} {
		cmd := exec.Command(c.Kubectl(), append(strings.Fields(args), "--kubeconfig="+file)...)
		out, err := cmd.CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("kubectl %s: %v, %q, want %q", args, err, out, want)
		}
	}
}

func testDeployment(t *testing.T, client kubernetes.Interface) {
	labels := map[string]string{"app": "web"}
	_, err := client.AppsV1().Deployments("default").Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(int32(3)),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "example.com/web:1"}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitForAvailable(t, client, 3)

	pods, err := client.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase != corev1.PodRunning || pod.Spec.NodeName == "" {
			t.Errorf("pod %s is %s on node %q", pod.Name, pod.Status.Phase, pod.Spec.NodeName)
		}
		// The ServiceAccount admission plugin is on, as in a real cluster.
		if pod.Spec.ServiceAccountName != "default" || len(pod.Spec.Volumes) == 0 {
			t.Errorf("pod %s has service account %q and volumes %v",
				pod.Name, pod.Spec.ServiceAccountName, pod.Spec.Volumes)
		}
	}
}

func testRestart(t *testing.T, c *Cluster, client kubernetes.Interface) {
	before := c.apiServer.cmd.Process.Pid
	// More than once: clients that kept running would wait longer each time.
	for range 3 {
		if err := c.RestartAPIServer(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := c.apiServer.cmd.Process.Pid; after == before {
		t.Error("the API server did not restart")
	}
	deployment, err := client.AppsV1().Deployments("default").Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// Controllers, scheduler and nodes are at work again.
	deployment.Spec.Replicas = ptr.To(int32(5))
	if _, err := client.AppsV1().Deployments("default").Update(t.Context(), deployment, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	waitForAvailable(t, client, 5)

	if err := c.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Discovery().ServerVersion(); err == nil {
		t.Error("a stopped API server answers")
	}
	if err := c.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.StartAPIServer(t.Context()); err != nil {
		t.Errorf("starting it again: %v", err)
	}
	if err := c.Err(); err != nil {
		t.Error(err)
	}
}

func testFailure(t *testing.T, c *Cluster) {
	if err := c.scheduler.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.scheduler.exited
	err := c.Err()
	if err == nil || !strings.Contains(err.Error(), "kube-scheduler ended: signal: killed; the end of its log:\n") {
		t.Errorf("error = %v", err)
	}
}

func testStop(t *testing.T, c *Cluster) {
	programs := children(t, os.Getpid())
	if len(programs) != 4 { // not the scheduler, which testFailure killed
		t.Errorf("%d programs run before the stop", len(programs))
	}
	started := time.Now()
	first := c.Stop()
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if first == nil || !strings.Contains(first.Error(), "kube-scheduler") || strings.Contains(first.Error(), "etcd ended") {
		t.Errorf("error = %v, want that of the scheduler", first)
	}
	if again := c.Stop(); !errors.Is(again, first) {
		t.Errorf("the second stop returns %v", again)
	}
	for _, pid := range programs {
		if alive(pid) {
			t.Errorf("process %d is left", pid)
		}
	}
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("the temporary directory is left: %v", err)
	}
	if err := c.RestartAPIServer(t.Context()); err == nil {
		t.Error("restarted the API server of a stopped cluster")
	}
}

// whoAmI asks the API server whom it takes us for.
func whoAmI(t *testing.T, cfg *rest.Config) authenticationv1.UserInfo {
	t.Helper()
	review, err := kubernetes.NewForConfigOrDie(cfg).AuthenticationV1().SelfSubjectReviews().Create(
		t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return review.Status.UserInfo
}

// waitForAvailable waits until the deployment runs the given number of Pods.
func waitForAvailable(t *testing.T, client kubernetes.Interface, replicas int32) {
	t.Helper()
	var last string
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, eventually, true,
		func(ctx context.Context) (bool, error) {
			d, err := client.AppsV1().Deployments("default").Get(ctx, "web", metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			last = fmt.Sprintf("%+v", d.Status)
			return d.Status.ObservedGeneration == d.Generation && d.Status.AvailableReplicas == replicas, nil
		})
	if err != nil {
		t.Fatalf("wait for %d replicas: %v; status: %s", replicas, err, last)
	}
}
