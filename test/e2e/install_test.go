package e2e

import (
	"context"
	"testing"
)

// The README's way: install, and the sample is held, approved, and runs.
func TestInstall(t *testing.T) {
	startClean(t)
	do(t, install)
	itWorks(t)
}

// The operator comes back by itself, with the policies in force, when all its Pods are killed and when the machine is: API
// server, containerd, kubelet and every container. What was approved runs again, and what was held is held.
func TestNodeRestarts(t *testing.T) {
	startClean(t)
	do(t, install)
	applyBoth(t, env.root)
	for what, strike := range map[string]func(){
		"all replicas are killed": func() { do(t, "kubectl delete pods -n kitei-system --all --force --grace-period=0") },
		"the machine restarts":    func() { must(t, env.Reboot(lasting(t))) },
	} {
		t.Log(what)
		strike()
		startsPod(t, "kube-system")
		havePods(t, "tax", 0, 3)
		havePods(t, "residents", 3, 0)
		havePods(t, "kitei-system", 0, 2)
		do(t, "kubectl rollout restart -n tax deployment/tax-web")
		havePods(t, "tax", 0, 3)
	}
	// The machine is back before the operator is: until it serves, a person who applies is refused.
	eventually(t, "the modification is submitted", func(context.Context) error {
		_, err := sh(t, env.root, "kubectl create -f config/samples/tax/modification.yaml "+digitalHead)
		return err
	})
	approve(t, "r8-tax-v2")
	eventually(t, "the modification is in effect", func(context.Context) error {
		_, err := sh(t, env.root, "kubectl set image -n tax deployment/tax-web web="+newWebImage)
		return err
	})
	havePods(t, "tax", 0, 3)
}
