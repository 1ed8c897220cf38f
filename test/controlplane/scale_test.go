package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// One approval among many touches its own system, application and namespace: no other is written, and none is looked at.
func TestOneApprovalTouchesOnlyItsOwn(t *testing.T) {
	s := newSystem(t)
	for range 8 {
		other := newSystem(t)
		other.submit(t, other.application("introduction", v1alpha1.ChangeIntroduction, covered))
	}
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered))
	url, token := measuredOperator(t, s)
	before := calm(t, url, token)
	versions := versionsOfOthers(t, s, application.Name)

	must(t, decide(cio(t), application.Name, v1alpha1.DecisionApproved))
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	after := calm(t, url, token)
	for name, version := range versionsOfOthers(t, s, application.Name) {
		if versions[name] != version {
			t.Errorf("%s was written", name)
		}
	}
	// The decision wakes each of its own once, and what is written of them once or twice more; the application is looked at once
	// more for each of the four writes that say how the decision was told. That is less than one look at each of the others.
	for controller, most := range map[string]int{"namespace": 3, "electronicsystem": 3, "changeapproval": 7, "department": 3,
		"managingsection": 3} {
		if looks := after[controller] - before[controller]; looks > most {
			t.Errorf("the %s controller looked %d times for one approval", controller, looks)
		}
	}
	t.Logf("looks before %v, after %v", before, after)
}

// versionsOfOthers are the versions of every Namespace, system and application but the system's own.
func versionsOfOthers(t *testing.T, s *system, application string) map[string]string {
	t.Helper()
	versions := map[string]string{}
	for _, list := range []client.ObjectList{&corev1.NamespaceList{}, &v1alpha1.ElectronicSystemList{}, &v1alpha1.ChangeApprovalList{}} {
		must(t, env.admin.List(t.Context(), list))
		must(t, meta.EachListItem(list, func(item runtime.Object) error {
			object := item.(client.Object)
			if name := object.GetName(); name != s.name && name != application {
				versions[fmt.Sprintf("%T %s", item, name)] = object.GetResourceVersion()
			}
			return nil
		}))
	}
	return versions
}

var reconciles = regexp.MustCompile(`(?m)^controller_runtime_reconcile_total\{controller="([^"]*)",.*\} (\S+)$`)

// calm waits until the operator has done what there was to do, and returns how often each controller looked at something.
func calm(t *testing.T, url, token string) map[string]int {
	t.Helper()
	var last map[string]int
	quiet := 0
	eventually(t, "the operator has nothing to do", func(ctx context.Context) error {
		status, body, err := scrape(ctx, url, token)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("status %d: %w", status, err)
		}
		looks := map[string]int{}
		for _, match := range reconciles.FindAllStringSubmatch(body, -1) {
			count, err := strconv.ParseFloat(match[2], 64)
			if err != nil {
				return err
			}
			looks[match[1]] += int(count)
		}
		if quiet++; looks["namespace"] == 0 || fmt.Sprint(looks) != fmt.Sprint(last) {
			quiet = 0
		}
		last = looks
		if quiet < 20 { // a second or more: longer than anything that the operator puts off
			return fmt.Errorf("it looked %v times", looks)
		}
		return nil
	})
	return last
}
