package devcluster

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	certutil "k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// Names of the files of the cluster's keys and certificates.
const (
	caCertFile      = "ca.crt"
	caKeyFile       = "ca.key"
	serverCertFile  = "apiserver.crt"
	serverKeyFile   = "apiserver.key"
	accountsKeyFile = "service-accounts.key"

	kubeletClientCertFile = "kubelet-client.crt"
	kubeletClientKeyFile  = "kubelet-client.key"
)

// certLifetime is short: these certificates belong to a cluster that lives for
// a test, or for a day of somebody trying things.
const certLifetime = 7 * 24 * time.Hour

// An authority signs the certificate of the API server and those of its
// clients. One authority does both, as in a cluster that kubeadm makes.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key of the certificate authority: %w", err)
	}
	cert, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "kubernetes"}, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate of the certificate authority: %w", err)
	}
	return &authority{cert: cert, key: key}, nil
}

func (a *authority) certPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certutil.CertificateBlockType, Bytes: a.cert.Raw})
}

// issue returns a new certificate and its key, both PEM.
func (a *authority) issue(cfg certutil.Config) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key of %q: %w", cfg.CommonName, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, nil, fmt.Errorf("choose serial number of %q: %w", cfg.CommonName, err)
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:      pkix.Name{CommonName: cfg.CommonName, Organization: cfg.Organization},
		DNSNames:     cfg.AltNames.DNSNames,
		IPAddresses:  cfg.AltNames.IPs,
		SerialNumber: serial,
		NotBefore:    a.cert.NotBefore,
		NotAfter:     now.Add(certLifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  cfg.Usages,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, nil, fmt.Errorf("sign certificate of %q: %w", cfg.CommonName, err)
	}
	keyPEM, err = keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode key of %q: %w", cfg.CommonName, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: certutil.CertificateBlockType, Bytes: der}), keyPEM, nil
}

// writeServerFiles writes into dir what the control plane reads: the
// authority, the API server's certificate, and the key that signs the tokens
// of service accounts.
func (a *authority) writeServerFiles(dir, address string) error {
	caKey, err := keyutil.MarshalPrivateKeyToPEM(a.key)
	if err != nil {
		return fmt.Errorf("encode key of the certificate authority: %w", err)
	}
	serverCert, serverKey, err := a.issue(certutil.Config{
		CommonName: "kube-apiserver",
		AltNames: certutil.AltNames{
			DNSNames: []string{"localhost", "kubernetes.default.svc"},
			IPs:      []net.IP{net.ParseIP(address), net.ParseIP(kubernetesService)},
		},
		Usages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return err
	}
	accountsKey, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return fmt.Errorf("generate key of the service accounts: %w", err)
	}
	for name, data := range map[string][]byte{
		caCertFile:      a.certPEM(),
		caKeyFile:       caKey,
		serverCertFile:  serverCert,
		serverKeyFile:   serverKey,
		accountsKeyFile: accountsKey,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fmt.Errorf("write certificates: %w", err)
		}
	}
	return nil
}

// writeKubeletClientFiles writes what the API server shows to kubelets, for logs
// and exec.
func (c *Cluster) writeKubeletClientFiles() error {
	cert, key, err := c.authority.issue(certutil.Config{
		CommonName:   "kube-apiserver-kubelet-client",
		Organization: []string{"system:masters"},
		Usages:       []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{kubeletClientCertFile: cert, kubeletClientKeyFile: key} {
		if err := os.WriteFile(filepath.Join(c.dir, name), data, 0o600); err != nil {
			return fmt.Errorf("write certificates: %w", err)
		}
	}
	return nil
}
