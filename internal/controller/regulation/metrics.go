package regulation

import (
	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"kitei.dev/kitei/api/v1alpha1"
)

var (
	// Without labels, but only there once it was measured: a replica that never led says nothing.
	enforcedMetric = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "kitei_enforced",
		Help: "1 while every policy and webhook of Kitei is in place as installed, 0 otherwise.",
	}, nil)
	namespacesMetric = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "kitei_namespaces",
		Help: "Namespaces by clearance.",
	}, []string{"clearance"})
)

func init() { //nolint:gochecknoinits // the registry of controller-runtime is filled before its server starts
	metrics.Registry.MustRegister(enforcedMetric, namespacesMetric)
}

func measure(enforced metav1.Condition, counts []v1alpha1.NamespaceCount) {
	value := 0.0
	if enforced.Status == metav1.ConditionTrue {
		value = 1
	}
	enforcedMetric.WithLabelValues().Set(value)
	namespacesMetric.Reset()
	for _, count := range counts {
		namespacesMetric.WithLabelValues(string(count.Clearance)).Set(float64(count.Count))
	}
}
