package operator

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"kitei.dev/kitei/api/v1alpha1"
)

// FuzzCertificateFiles writes whatever a Secret holds over a pair that serves: the files are a pair that serves afterwards too,
// the Secret's if it holds one. A replica that starts with half of a new pair would serve nothing.
func FuzzCertificateFiles(f *testing.F) {
	oldCert, oldKey := pair(f, "old.example")
	newCert, newKey := pair(f, "new.example")
	scheme := Scheme()
	f.Fuzz(func(t *testing.T, which uint8, at uint16, with []byte) {
		spoil := func(content []byte, spoilt bool) []byte {
			if !spoilt {
				return content
			}
			cut := int(at) % (len(content) + 1)
			return append(append([]byte{}, content[:cut]...), with...)
		}
		data := map[string][]byte{
			corev1.TLSCertKey:       spoil(newCert, which&1 != 0),
			corev1.TLSPrivateKeyKey: spoil(newKey, which&2 != 0),
		}
		switch which & 12 {
		case 4:
			delete(data, corev1.TLSCertKey)
		case 8:
			delete(data, corev1.TLSPrivateKeyKey)
		case 12:
			data[corev1.TLSPrivateKeyKey] = oldKey // of another pair
		}
		dir := t.TempDir()
		for name, content := range map[string][]byte{corev1.TLSCertKey: oldCert, corev1.TLSPrivateKeyKey: oldKey} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.OperatorNamespace, Name: certificateSecret}, Data: data}
		files := &certificateFiles{client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(secret).Build(), dir: dir}
		_, err := files.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(secret)})
		_, usable := tls.X509KeyPair(data[corev1.TLSCertKey], data[corev1.TLSPrivateKeyKey])
		if err != nil && usable == nil {
			t.Fatal(err)
		}
		if _, err := tls.LoadX509KeyPair(filepath.Join(dir, corev1.TLSCertKey), filepath.Join(dir, corev1.TLSPrivateKeyKey)); err != nil {
			t.Fatalf("the files serve nothing any more: %v", err)
		}
		written, err := os.ReadFile(filepath.Join(dir, corev1.TLSCertKey))
		if err != nil || (bytes.Equal(written, data[corev1.TLSCertKey])) != (usable == nil) {
			t.Fatalf("the Secret's pair is one: %v, and it was written: %v", usable == nil, usable != nil)
		}
		if _, err := os.Stat(filepath.Join(dir, corev1.TLSCertKey+".new")); !errors.Is(err, fs.ErrNotExist) {
			t.Fatal("half a file is left")
		}
	})
}

func pair(f *testing.F, host string) (certificate, key []byte) {
	f.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		f.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		f.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}
