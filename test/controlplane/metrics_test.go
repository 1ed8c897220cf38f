package controlplane

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kitei.dev/kitei/hack/kitei"
)

// Metrics are for those whom RBAC lets read /metrics, and say whether the regulation is enforced.
func TestMetrics(t *testing.T) {
	url, reader := measuredOperator(t, newSystem(t))
	stranger, err := env.cluster.ServiceAccountConfig(t.Context(), "default", "default")
	must(t, err)
	eventually(t, "the reader is served", func(ctx context.Context) error {
		status, body, err := scrape(ctx, url, reader)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("status %d: %w", status, err)
		}
		for _, line := range []string{"kitei_enforced 1", `kitei_namespaces{clearance="held"}`} {
			if !strings.Contains(body, line) {
				return fmt.Errorf("no %q in the metrics", line)
			}
		}
		return nil
	})
	for name, token := range map[string]string{"nobody": "", "a stranger": stranger.BearerToken} {
		if status, _, err := scrape(t.Context(), url, token); err != nil || status == http.StatusOK {
			t.Errorf("%s is answered with status %d (%v)", name, status, err)
		}
	}
}

// measuredOperator puts an operator that serves metrics in the place of the other, and returns where, and the token of an account
// of the system's namespace that may read them.
func measuredOperator(t *testing.T, s *system) (url, token string) {
	t.Helper()
	stopOperator(t)
	port, err := kitei.FreePort()
	must(t, err)
	launch(t, func(o *kitei.OperatorOptions) { o.MetricsPort = port })
	must(t, env.admin.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: s.name + "-metrics"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kitei-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: s.name, Name: "default"}},
	}))
	reader, err := env.cluster.ServiceAccountConfig(t.Context(), s.name, "default")
	must(t, err)
	return fmt.Sprintf("https://127.0.0.1:%d/metrics", port), reader.BearerToken
}

func scrape(ctx context.Context, url, token string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the server makes its certificate itself
	}}
	defer c.CloseIdleConnections()
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}
