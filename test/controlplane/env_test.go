// Package controlplane tests Kitei as a whole: the operator as a process under its own service account, the policies and
// webhooks of config/default, and the register of 別表第1, on a real control plane.
package controlplane

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/devcluster"
	"kitei.dev/kitei/hack/kitei"
	"kitei.dev/kitei/internal/operator"
)

// long runs the long forms of tests that have one: "make test-long".
var long = flag.Bool("long", false, "run the long forms: more restarts, more steps, hours of churn (see make test-long)")

// env is shared by the tests of this package; each makes systems, sections and namespaces of its own in it.
var env *environment

type environment struct {
	cluster       *devcluster.Cluster
	kustomization string
	root          string
	manager       string
	plugin        string
	webhookPort   int
	auditLog      string // every request of the operator
	operator      *kitei.Operator
	admin         client.Client
}

// testers is a group that every user of the tests is in, and the operator is not: its own rights are tested too.
const testers = "testers"

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "control plane:", err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	ctx := context.Background()
	log.SetLogger(logr.Discard()) // the tests' own clients have nothing to say
	e := &environment{kustomization: kitei.Default}
	if e.root, err = kitei.Root(); err != nil {
		return 1, err
	}
	dir, err := os.MkdirTemp("", "kitei-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	e.auditLog = filepath.Join(dir, "audit.log")
	policy := filepath.Join(dir, "audit-policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
		return 1, err
	}
	if e.cluster, err = devcluster.Start(ctx, devcluster.Options{Nodes: 3, Out: os.Stderr, APIServerFlags: map[string]string{
		"audit-log-path": e.auditLog, "audit-policy-file": policy,
	}}); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, e.cluster.Stop()) }()
	if err := e.build(ctx); err != nil {
		return 1, err
	}
	if err := e.install(ctx); err != nil {
		return 1, err
	}
	if err := e.startOperator(ctx); err != nil {
		return 1, err
	}
	defer func() { e.operator.Stop(5 * time.Second) }()
	env = e
	code = m.Run()
	if code == 0 && wholeRun() {
		if err := e.checkPrivileges(); err != nil {
			return 1, fmt.Errorf("least privilege: %w", err)
		}
	}
	if code != 0 {
		fmt.Fprintln(os.Stderr, tail(e.operator.LogFile(), 40))
	}
	return code, nil
}

// build builds the programs under test.
func (e *environment) build(ctx context.Context) (err error) {
	if e.manager, err = kitei.Build(ctx, e.root, "manager"); err != nil {
		return err
	}
	e.plugin, err = kitei.Build(ctx, e.root, "kubectl-kitei")
	return err
}

// install installs Kitei and the register. Everybody gets the rights of an applicant, an approver,
// a registrar and a secretariat from RBAC, so that what refuses them in a test is Kitei.
func (e *environment) install(ctx context.Context) (err error) {
	if e.webhookPort, err = kitei.FreePort(); err != nil {
		return err
	}
	url := fmt.Sprintf("https://localhost:%d", e.webhookPort)
	if err := kitei.Install(ctx, e.cluster.Kubectl(), e.cluster.Config(), e.root, e.kustomization, url); err != nil {
		return err
	}
	if e.admin, err = client.New(e.cluster.Config(), client.Options{Scheme: operator.Scheme()}); err != nil {
		return err
	}
	for _, role := range []string{"kitei-approver", "kitei-applicant", "kitei-registrar", "kitei-secretariat", "admin"} {
		binding := &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "test-" + role},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{
				{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: testers},
				{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "system:serviceaccounts:default"},
			},
		}
		if err := e.admin.Create(ctx, binding); err != nil {
			return err
		}
	}
	register, err := kitei.Render(ctx, e.cluster.Kubectl(), filepath.Join(e.root, "config", "samples", "arakawa"))
	if err != nil {
		return err
	}
	return kitei.Apply(ctx, e.cluster.Config(), register) // it claims no namespace, so that no webhook must answer yet
}

// startOperator starts one replica under its own account and waits until it serves.
func (e *environment) startOperator(ctx context.Context) error {
	config, err := e.cluster.ServiceAccountConfig(ctx, v1alpha1.OperatorNamespace, v1alpha1.OperatorServiceAccount)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kitei-operator-")
	if err != nil {
		return err
	}
	e.operator, err = kitei.StartOperator(kitei.OperatorOptions{
		Binary: e.manager, Config: config, Dir: dir, WebhookPort: e.webhookPort,
	})
	if err != nil {
		return err
	}
	return e.operator.Ready(ctx)
}

// stopOperator kills the operator for the rest of a test, and starts another one after it.
func stopOperator(t *testing.T) {
	t.Helper()
	env.operator.Kill()
	t.Cleanup(func() {
		if err := env.startOperator(context.Background()); err != nil {
			t.Fatalf("start the operator again: %v", err)
		}
	})
}

// config to act as a user.
func configOf(t *testing.T, user string, groups ...string) *rest.Config {
	t.Helper()
	config, err := env.cluster.AddUser(user, append([]string{testers}, groups...)...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// as is a client that acts as a user.
func as(t *testing.T, user string, groups ...string) client.Client {
	t.Helper()
	c, err := client.New(configOf(t, user, groups...), client.Options{Scheme: operator.Scheme(), Mapper: env.admin.RESTMapper()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cio acts as 情報統括責任者.
func cio(t *testing.T) client.Client {
	t.Helper()
	return as(t, "cio", "arakawa:department:management:head")
}

// patience bounds every wait: a machine may be busy. Nothing is concluded from how long something took.
const patience = 60 * time.Second

// eventually waits until check returns nil.
func eventually(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v: %v", what, err, last)
	}
}

// refused sees that a write was refused, and that the refusal says each of the words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("not refused; wanted a refusal that says %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the refusal does not say %q: %v", word, err)
		}
	}
}

// must stops the test on an error of its own making.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get[T client.Object](t *testing.T, object T, namespace, name string) T {
	t.Helper()
	must(t, env.admin.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object))
	return object
}

// edit makes a change of a cluster-scoped object as cluster-admin, and never meets a conflict: it patches only what it changes.
func edit[T client.Object](t *testing.T, object T, name string, with func(T)) {
	t.Helper()
	get(t, object, "", name)
	before := object.DeepCopyObject().(T)
	with(object)
	must(t, env.admin.Patch(t.Context(), object, client.MergeFrom(before)))
}

// editStatus is edit for the status of an approval.
func editStatus(t *testing.T, name string, change func(*v1alpha1.ChangeApprovalStatus)) {
	t.Helper()
	must(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		var approval v1alpha1.ChangeApproval
		if err := env.admin.Get(t.Context(), client.ObjectKey{Name: name}, &approval); err != nil {
			return err
		}
		change(&approval.Status)
		return env.admin.Status().Update(t.Context(), &approval)
	}))
}

func tail(path string, lines int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func gated(pod *corev1.Pod) bool {
	for _, gate := range pod.Spec.SchedulingGates {
		if gate.Name == v1alpha1.SchedulingGate {
			return true
		}
	}
	return false
}
