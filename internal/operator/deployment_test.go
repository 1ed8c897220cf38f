package operator

import (
	"os"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// The Deployment never takes a replica away first, and leaves one that ends the time that it takes.
func TestDeploymentLetsReplicasEnd(t *testing.T) {
	var deployment appsv1.Deployment
	var budget policyv1.PodDisruptionBudget
	for file, object := range map[string]any{"deployment.yaml": &deployment, "pod_disruption_budget.yaml": &budget} {
		content, err := os.ReadFile("../../config/manager/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(content, object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	spec := &deployment.Spec
	if rolling := spec.Strategy.RollingUpdate; *spec.Replicas < 2 || rolling == nil || rolling.MaxUnavailable.IntValue() != 0 ||
		rolling.MaxSurge.IntValue() < 1 {
		t.Errorf("an update takes a replica away before the next is ready: %+v", spec.Strategy)
	}
	if budget.Spec.MinAvailable.IntValue() < 1 {
		t.Error("a drain may take every replica")
	}
	pod := &spec.Template.Spec
	manager := &pod.Containers[0]
	if !slices.Contains(manager.Args, "--leader-elect") {
		t.Error("the replicas do not choose a leader")
	}
	pause := time.Duration(manager.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second
	if needed := pause + drainLongest + shutdownLongest; grace < needed {
		t.Errorf("a replica may take %s to end, and is killed after %s", needed, grace)
	}
}
