package plugin

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"kitei.dev/kitei/api/v1alpha1"
)

// A namespace of ten thousand Pods is read a page at a time, and counted whole.
func TestCountReadsPages(t *testing.T) {
	const all = 10_000
	c := &connection{Client: interceptor.NewClient(fake.NewFakeClient(), interceptor.Funcs{
		List: func(_ context.Context, _ client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			asked := (&client.ListOptions{}).ApplyOptions(options)
			if asked.Limit == 0 || asked.Limit > 1000 || asked.Namespace != "tax" {
				t.Errorf("%d Pods at once of namespace %q", asked.Limit, asked.Namespace)
				asked.Limit = all
			}
			from, _ := strconv.Atoi(asked.Continue)
			pods := list.(*corev1.PodList)
			for i := from; i < min(all, from+int(asked.Limit)); i++ {
				pod := corev1.Pod{}
				switch i % 4 {
				case 0:
					pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: v1alpha1.SchedulingGate}, {Name: "other"}}
				case 1:
					pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "other"}}
				}
				pods.Items = append(pods.Items, pod)
			}
			if next := from + len(pods.Items); next < all {
				pods.Continue = fmt.Sprint(next)
			}
			return nil
		},
	})}
	e := Explanation{Namespace: "tax"}
	c.count(t.Context(), &e, labels.Everything(), english)
	if diff := cmp.Diff(&PodCount{All: all, Held: all / 4, HeldByOthers: all / 4}, e.Pods); diff != "" || len(e.Notes) > 0 {
		t.Errorf("notes %q, count (-want +got):\n%s", e.Notes, diff)
	}
}
