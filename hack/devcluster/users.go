package devcluster

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	certutil "k8s.io/client-go/util/cert"
)

// Rate limits of the clients we hand out. Tests create hundreds of objects,
// and the server protects itself.
const (
	clientQPS   = 1000
	clientBurst = 2000
)

// tokenLifetime is how long a service account's token is good for: nobody
// renews it, so it must outlast a day of trying things.
const tokenLifetime = 24 * time.Hour

// Config returns a client configuration of a cluster administrator: a member
// of system:masters, whom nothing but admission can refuse.
func (c *Cluster) Config() *rest.Config {
	return rest.CopyConfig(c.admin)
}

// AddUser returns a client configuration of a new user with the given groups,
// who proves the identity by a client certificate. The user has no rights but
// those that RBAC grants to the name and the groups.
func (c *Cluster) AddUser(name string, groups ...string) (*rest.Config, error) {
	cert, key, err := c.authority.issue(certutil.Config{
		CommonName:   name,
		Organization: groups,
		Usages:       []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, fmt.Errorf("add user: %w", err)
	}
	cfg := c.anonymousConfig()
	cfg.CertData, cfg.KeyData = cert, key
	return cfg, nil
}

// ServiceAccountConfig returns a client configuration that acts as an existing
// service account of the cluster.
func (c *Cluster) ServiceAccountConfig(ctx context.Context, namespace, name string) (*rest.Config, error) {
	return ServiceAccountConfig(ctx, c.admin, namespace, name)
}

// ServiceAccountConfig returns a client configuration that acts as an existing
// service account, by a token that the API server issues for it. It works for
// any cluster of which admin is the configuration of an administrator.
func ServiceAccountConfig(ctx context.Context, admin *rest.Config, namespace, name string) (*rest.Config, error) {
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	seconds := int64(tokenLifetime / time.Second)
	request, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}},
		metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("request token of service account %s/%s: %w", namespace, name, err)
	}
	cfg := rest.AnonymousClientConfig(admin)
	cfg.BearerToken = request.Status.Token
	return cfg, nil
}

// anonymousConfig reaches the API server without an identity.
func (c *Cluster) anonymousConfig() *rest.Config {
	return &rest.Config{
		Host:            fmt.Sprintf("https://%s:%d", c.address(), c.port),
		TLSClientConfig: rest.TLSClientConfig{CAData: c.authority.certPEM()},
		QPS:             clientQPS,
		Burst:           clientBurst,
	}
}

// Kubeconfig returns one kubeconfig file with a context for each of the given
// client configurations, under the name it has in the map, and with certificates
// and tokens embedded. The context named current is the one in use.
func Kubeconfig(current string, contexts map[string]*rest.Config) ([]byte, error) {
	if _, ok := contexts[current]; !ok {
		return nil, fmt.Errorf("write kubeconfig: no context named %q", current)
	}
	file := clientcmdapi.NewConfig()
	file.CurrentContext = current
	for name, cfg := range contexts {
		cluster := clientcmdapi.NewCluster()
		cluster.Server = cfg.Host
		cluster.CertificateAuthorityData = cfg.CAData
		user := clientcmdapi.NewAuthInfo()
		user.ClientCertificateData = cfg.CertData
		user.ClientKeyData = cfg.KeyData
		user.Token = cfg.BearerToken
		link := clientcmdapi.NewContext()
		link.Cluster, link.AuthInfo = name, name

		file.Clusters[name], file.AuthInfos[name], file.Contexts[name] = cluster, user, link
	}
	data, err := clientcmd.Write(*file)
	if err != nil {
		return nil, fmt.Errorf("write kubeconfig: %w", err)
	}
	return data, nil
}

// writeKubeconfig makes a user for a program of the control plane and returns
// the name of a kubeconfig file with which the program can act as that user.
func (c *Cluster) writeKubeconfig(user string, groups ...string) (string, error) {
	cfg, err := c.AddUser(user, groups...)
	if err != nil {
		return "", err
	}
	data, err := Kubeconfig(user, map[string]*rest.Config{user: cfg})
	if err != nil {
		return "", err
	}
	name := filepath.Join(c.dir, strings.TrimPrefix(user, "system:")+".kubeconfig")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		return "", fmt.Errorf("write kubeconfig of %s: %w", user, err)
	}
	return name, nil
}
