package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/api/v1alpha1"
)

// Metrics of the operator that the bench reads.
const (
	metricReconciles = "controller_runtime_reconcile_total"
	metricQueued     = "workqueue_depth"
	metricActive     = "controller_runtime_active_workers"
	metricCPU        = "process_cpu_seconds_total"
	metricResident   = "process_resident_memory_bytes"
	metricLive       = "go_gc_heap_live_bytes" // what the last collection of garbage found in use
	metricCycles     = "go_gc_cycles_total_gc_cycles_total"
)

// metricsReader lets the operator's own account read the metrics, so that the bench needs no other.
func metricsReader() *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "bench-metrics"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kitei-metrics-reader"},
		Subjects: []rbacv1.Subject{{
			Kind: rbacv1.ServiceAccountKind, Namespace: v1alpha1.OperatorNamespace, Name: v1alpha1.OperatorServiceAccount,
		}},
	}
}

// scraped are samples by series, labels included.
type scraped map[string]float64

// sum adds up the series of a metric whose labels contain a text.
func (m scraped) sum(metric, label string) float64 {
	total := 0.0
	for series, value := range m {
		name, labels, _ := strings.Cut(series, "{")
		if name == metric && strings.Contains(labels, label) {
			total += value
		}
	}
	return total
}

// scrape reads the operator's metrics.
func (s *stage) scrape(ctx context.Context) (scraped, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("https://127.0.0.1:%d/metrics", s.metrics), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask for the metrics: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := metricsClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read the metrics: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the metrics: %s", response.Status)
	}
	samples := scraped{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if at < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		if value, err := strconv.ParseFloat(lines.Text()[at+1:], 64); err == nil {
			samples[lines.Text()[:at]] = value
		}
	}
	return samples, nil
}

// The operator makes the certificate of its metrics itself, and anew at each start.
var metricsClient = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
	TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // loopback
}}

// settled waits until the operator has looked at so many namespaces since its start, and at nothing for a while.
func (s *stage) settled(ctx context.Context, namespaces int) error {
	const calm = 5 // looks in a row
	for last, quiet := -1.0, 0; quiet < calm; {
		samples, err := s.scrape(ctx)
		if err == nil {
			busy := samples.sum(metricQueued, "") + samples.sum(metricActive, "")
			seen, all := samples.sum(metricReconciles, `controller="namespace"`), samples.sum(metricReconciles, "")
			if busy == 0 && all == last && seen >= float64(namespaces) {
				quiet++
			} else {
				quiet = 0
			}
			last = all
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.running.Exited():
			return s.running.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// footprint is what the operator takes when it has nothing to do.
type footprint struct {
	ready, settled time.Duration // since its start
	cpu            float64       // share of one processor
	live, resident float64       // bytes
}

// restart starts the operator anew, waits until it has settled, and looks at it.
func (b *bench) restart(ctx context.Context, namespaces int) (f footprint, err error) {
	b.stopOperator()
	start := time.Now()
	if err := b.startOperator(ctx); err != nil {
		return f, err
	}
	f.ready = time.Since(start)
	if err := b.settled(ctx, namespaces); err != nil {
		return f, err
	}
	f.settled = time.Since(start)
	before, err := b.scrape(ctx)
	if err != nil {
		return f, err
	}
	b.say("scale: watching the operator idle for %s", b.idle)
	select {
	case <-ctx.Done():
		return f, ctx.Err()
	case <-time.After(b.idle):
	}
	after, err := b.scrape(ctx)
	if err != nil {
		return f, err
	}
	f.cpu = (after[metricCPU] - before[metricCPU]) / b.idle.Seconds()
	// Scraping makes garbage: two collections from here on, one of them whole, and what lives is known.
	for samples := after; samples[metricCycles] < after[metricCycles]+2; {
		if samples, err = b.scrape(ctx); err != nil {
			return f, err
		}
		f.live, f.resident = samples[metricLive], samples[metricResident]
	}
	return f, nil
}
