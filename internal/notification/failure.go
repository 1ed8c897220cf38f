package notification

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"kitei.dev/kitei/api/v1alpha1"
)

// Failure says why a notice was not delivered. Its class may be shown to everybody; the error is for the operator's log, and
// holds no credentials.
type Failure struct {
	Class v1alpha1.NotificationFailure
	Err   error
}

// Error says both.
func (f *Failure) Error() string { return fmt.Sprintf("%s: %v", f.Class, f.Err) }

// Unwrap returns the error behind it.
func (f *Failure) Unwrap() error { return f.Err }

func failure(class v1alpha1.NotificationFailure, format string, arguments ...any) *Failure {
	return &Failure{Class: class, Err: fmt.Errorf(format, arguments...)}
}

// Class of an error of a channel.
func Class(err error) v1alpha1.NotificationFailure {
	var known *Failure
	if errors.As(err, &known) {
		return known.Class
	}
	return v1alpha1.FailureUnreachable
}

// unreached classes what went wrong before the other side said anything.
func unreached(err error) v1alpha1.NotificationFailure {
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	if errors.As(err, &certificate) || errors.As(err, &plain) {
		return v1alpha1.FailureUntrusted
	}
	return v1alpha1.FailureUnreachable
}

// trust is how a server is trusted: by the certificates given, or where there are none by the system's.
func trust(caBundle string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caBundle != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(caBundle)) {
			return nil, failure(v1alpha1.FailureMisconfigured, "caBundle holds no certificate")
		}
	}
	return config, nil
}
