package controlplane

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/devcluster"
	"kitei.dev/kitei/hack/kitei"
)

// olderServer gives a test a control plane of its own, which behaves as Kubernetes 1.35 and so has no
// MutatingAdmissionPolicy, with config/older-server installed.
func olderServer(t *testing.T) {
	t.Helper()
	older := &environment{kustomization: kitei.OlderServer, root: env.root, manager: env.manager, plugin: env.plugin}
	var err error
	older.cluster, err = devcluster.Start(t.Context(), devcluster.Options{
		Nodes: 1, Out: os.Stderr, APIServerFlags: map[string]string{"emulated-version": "1.35"},
	})
	must(t, err)
	newer := env
	env = older
	t.Cleanup(func() {
		env = newer
		if t.Failed() && older.operator != nil {
			t.Log(tail(older.operator.LogFile(), 40))
		}
		if older.operator != nil {
			older.operator.Stop(5 * time.Second)
		}
		if err := older.cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	must(t, older.install(t.Context()))
	must(t, older.startOperator(t.Context()))
}

// On a server that cannot hold Pods, those of an unapproved system are refused, and their ReplicaSet tries again until they
// are approved. The operator says so, in the status of the Regulation and in its log; so does the plugin.
func TestOlderServerRefusesInsteadOfHolding(t *testing.T) {
	ownCache(t)
	olderServer(t)
	s := newSystem(t)
	s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonNotApproved)
	user := as(t, "namespace-admin")

	t.Run("the operator says so", func(t *testing.T) {
		eventually(t, "the Regulation says that holding is not to be had", func(ctx context.Context) error {
			var current v1alpha1.Regulation
			if err := env.admin.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
				return err
			}
			return condition(current.Status.Conditions, v1alpha1.ConditionEnforced, metav1.ConditionTrue, v1alpha1.ReasonHoldUnavailable)
		})
		content, err := os.ReadFile(env.operator.LogFile())
		must(t, err)
		if !strings.Contains(string(content), "no MutatingAdmissionPolicy") {
			t.Errorf("the operator's log does not say it:\n%s", content)
		}
	})
	t.Run("the plugin says so", func(t *testing.T) {
		var answer struct {
			Answer string   `json:"answer"`
			Notes  []string `json:"notes"`
		}
		output := plugin(t, nil, "why", "-n", s.name, "-o", "json", "--lang", "en")
		must(t, json.Unmarshal([]byte(output), &answer))
		if answer.Answer != "Refused" || !strings.Contains(strings.Join(answer.Notes, " "), "refused where they would be held") {
			t.Errorf("got %+v", answer)
		}
	})
	t.Run("a pod is refused with the reason", func(t *testing.T) {
		refused(t, user.Create(t.Context(), s.pod("web", web)), "第12条", "導入は承認されていません", "試験部長")
		gatedByItsOwner := s.pod("patient", web) // whoever adds the gate waits as on a newer server
		gatedByItsOwner.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: v1alpha1.SchedulingGate}}
		must(t, user.Create(t.Context(), gatedByItsOwner))
		s.havePods(t, 1, 0)
	})
	t.Run("a workload is admitted, and its pods wait", func(t *testing.T) {
		must(t, user.Create(t.Context(), s.deployment(web, 2)))
		eventually(t, "the ReplicaSet says why its Pods are refused", s.hasReplicaFailure)
		s.havePods(t, 1, 0)
	})
	s.introduce(t, covered)
	s.havePods(t, 0, 3)
	refused(t, user.Create(t.Context(), s.pod("evil", evil)), "第12条", s.name+"-introduction")
}
