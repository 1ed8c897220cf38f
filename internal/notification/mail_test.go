package notification

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/hack/postbox"
)

// identity is a certificate for 127.0.0.1, and what to trust to trust it.
func identity(t *testing.T) (server *tls.Config, caBundle string) {
	t.Helper()
	with := httptest.NewTLSServer(nil)
	defer with.Close()
	return &tls.Config{Certificates: with.TLS.Certificates},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: with.Certificate().Raw}))
}

func secret(name string, data map[string]string) client.Client {
	object := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.OperatorNamespace, Name: name}, Data: map[string][]byte{}}
	for key, value := range data {
		object.Data[key] = []byte(value)
	}
	return fake.NewClientBuilder().WithObjects(object).Build()
}

func box(t *testing.T, o postbox.Options) *postbox.Postbox {
	t.Helper()
	p, err := postbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func deliver(t *testing.T, secrets client.Reader, smtp v1alpha1.SMTP, notice Notice, to ...v1alpha1.MailAddress) (
	[]v1alpha1.MailAddress, error,
) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if smtp.From == "" {
		smtp.From = "kitei@arakawa.example"
	}
	m := &Mail{Live: secrets, Clock: clock.RealClock{}}
	return m.Deliver(ctx, v1alpha1.Notification{SMTP: &smtp}, notice, to)
}

var plain = Notice{ID: "1.1.approved", Title: "承認", Lines: []string{"一行目", "二行目"}}

func TestMailProtectsItsConnection(t *testing.T) {
	server, ca := identity(t)
	login := secret(v1alpha1.SMTPSecret, map[string]string{"username": "kitei", "password": "pass"})
	with := v1alpha1.AuthenticationSecret
	for name, test := range map[string]struct {
		box     postbox.Options
		smtp    v1alpha1.SMTP
		secrets client.Reader
		fails   v1alpha1.NotificationFailure
	}{
		"STARTTLS with a password": {
			postbox.Options{TLS: server, Username: "kitei", Password: "pass"},
			v1alpha1.SMTP{TLS: v1alpha1.MailStartTLS, CABundle: ca, Authentication: with}, login, ""},
		"TLS with a password": {
			postbox.Options{TLS: server, Implicit: true, Username: "kitei", Password: "pass"},
			v1alpha1.SMTP{TLS: v1alpha1.MailImplicitTLS, CABundle: ca, Authentication: with}, login, ""},
		"in the clear":              {postbox.Options{}, v1alpha1.SMTP{TLS: v1alpha1.MailClear}, nil, ""},
		"STARTTLS is the default":   {postbox.Options{}, v1alpha1.SMTP{}, nil, v1alpha1.FailureUntrusted},
		"STARTTLS is not optional":  {postbox.Options{}, v1alpha1.SMTP{TLS: v1alpha1.MailStartTLS}, nil, v1alpha1.FailureUntrusted},
		"an unknown certificate":    {postbox.Options{TLS: server}, v1alpha1.SMTP{}, nil, v1alpha1.FailureUntrusted},
		"TLS, unknown certificate":  {postbox.Options{TLS: server, Implicit: true}, v1alpha1.SMTP{TLS: v1alpha1.MailImplicitTLS}, nil, v1alpha1.FailureUntrusted},
		"no certificate to trust":   {postbox.Options{}, v1alpha1.SMTP{CABundle: "none"}, nil, v1alpha1.FailureMisconfigured},
		"a wrong password":          {postbox.Options{TLS: server, Username: "kitei", Password: "other"}, v1alpha1.SMTP{CABundle: ca, Authentication: with}, login, v1alpha1.FailureUnauthorized},
		"no AUTH where it is asked": {postbox.Options{TLS: server}, v1alpha1.SMTP{CABundle: ca, Authentication: with}, login, v1alpha1.FailureUnauthorized},
		"no Secret":                 {postbox.Options{TLS: server}, v1alpha1.SMTP{CABundle: ca, Authentication: with}, secret("other", nil), v1alpha1.FailureMisconfigured},
		"half a Secret": {postbox.Options{TLS: server}, v1alpha1.SMTP{CABundle: ca, Authentication: with},
			secret(v1alpha1.SMTPSecret, map[string]string{"username": "kitei"}), v1alpha1.FailureMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			p := box(t, test.box)
			test.smtp.Address = p.Address()
			told, err := deliver(t, test.secrets, test.smtp, plain, "head@tax.example")
			if test.fails == "" {
				if err != nil || !slices.Equal(told, []v1alpha1.MailAddress{"head@tax.example"}) || len(p.Mails()) != 1 {
					t.Fatalf("told %v, %d mails: %v", told, len(p.Mails()), err)
				}
				return
			}
			if got := Class(err); err == nil || got != test.fails || len(told) > 0 || len(p.Mails()) > 0 {
				t.Fatalf("told %v, %d mails, %s: %v; wanted %s", told, len(p.Mails()), got, err, test.fails)
			}
			if strings.Contains(err.Error(), "pass\"") {
				t.Errorf("the error has a password in it: %v", err)
			}
		})
	}
}

func TestMailServerSaysNo(t *testing.T) {
	for name, test := range map[string]struct {
		refuse map[string]error
		told   []v1alpha1.MailAddress
		fails  v1alpha1.NotificationFailure
	}{
		"later":           {map[string]error{"a@x.example": postbox.Say(450, "greylisted"), "b@x.example": postbox.Say(451, "later")}, nil, v1alpha1.FailureDeferred},
		"never":           {map[string]error{"a@x.example": postbox.Say(550, "no such user"), "b@x.example": postbox.Say(554, "no")}, nil, v1alpha1.FailureRejected},
		"one never":       {map[string]error{"a@x.example": postbox.Say(550, "no such user")}, []v1alpha1.MailAddress{"b@x.example"}, v1alpha1.FailureRejected},
		"one later":       {map[string]error{"b@x.example": postbox.Say(450, "later")}, []v1alpha1.MailAddress{"a@x.example"}, v1alpha1.FailureDeferred},
		"never and later": {map[string]error{"a@x.example": postbox.Say(550, "no"), "b@x.example": postbox.Say(450, "later")}, nil, v1alpha1.FailureDeferred},
	} {
		t.Run(name, func(t *testing.T) {
			p := box(t, postbox.Options{})
			p.Refuse(func(to string) error { return test.refuse[to] })
			told, err := deliver(t, nil, v1alpha1.SMTP{Address: p.Address(), TLS: v1alpha1.MailClear}, plain, "a@x.example", "b@x.example")
			if Class(err) != test.fails || !slices.Equal(told, test.told) || len(p.Mails()) != len(test.told) {
				t.Errorf("told %v, %d mails: %v; wanted %v and %s", told, len(p.Mails()), err, test.told, test.fails)
			}
		})
	}
}

// A server that takes a mail and then hangs up has taken it.
func TestMailIsTakenWhateverComesAfter(t *testing.T) {
	p := box(t, postbox.Options{})
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go hangUpAfterData(listener, p.Address())
	told, err := deliver(t, nil, v1alpha1.SMTP{Address: listener.Addr().String(), TLS: v1alpha1.MailClear}, plain, "head@tax.example")
	if err != nil || len(told) != 1 {
		t.Errorf("told %v: %v", told, err)
	}
}

// hangUpAfterData passes one connection on, and cuts it with the answer to the mail.
func hangUpAfterData(listener net.Listener, to string) {
	caller, err := listener.Accept()
	if err != nil {
		return
	}
	defer func() { _ = caller.Close() }()
	server, err := net.Dial("tcp", to) //nolint:noctx // loopback, in a test
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := caller.Read(buffer)
			if err != nil {
				return
			}
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer, data := make([]byte, 4096), false
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		_, _ = caller.Write(buffer[:n])
		if data {
			return
		}
		data = strings.HasPrefix(string(buffer[:n]), "354")
	}
}

func TestMailServerIsAway(t *testing.T) {
	p := box(t, postbox.Options{})
	p.Close()
	_, err := deliver(t, nil, v1alpha1.SMTP{Address: p.Address()}, plain, "head@tax.example")
	if Class(err) != v1alpha1.FailureUnreachable {
		t.Errorf("nobody listens: %v", err)
	}
	// One that accepts and says nothing costs the attempt's time and no more.
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	m := &Mail{Clock: clock.RealClock{}}
	_, err = m.Deliver(ctx, v1alpha1.Notification{SMTP: &v1alpha1.SMTP{Address: listener.Addr().String(), From: "kitei@arakawa.example"}},
		plain, []v1alpha1.MailAddress{"head@tax.example"})
	if Class(err) != v1alpha1.FailureUnreachable {
		t.Errorf("nobody speaks: %v", err)
	}
}

// What a person wrote ends up in the subject and the text, and nowhere else.
func TestMailHeadersCannotBeInjected(t *testing.T) {
	p := box(t, postbox.Options{})
	evil := "件名\r\nBcc: everybody@example.com\nX-Evil: 1\u2028Subject: other"
	notice := Notice{ID: "1.1.approved", Title: evil, Lines: []string{"理由: a", ".", "QUIT", "From: b"}}
	if _, err := deliver(t, nil, v1alpha1.SMTP{Address: p.Address(), TLS: v1alpha1.MailClear}, notice, "head@tax.example"); err != nil {
		t.Fatal(err)
	}
	mails := p.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	got := mails[0]
	for _, name := range []string{"Bcc", "X-Evil"} {
		if value := got.Header.Get(name); value != "" {
			t.Errorf("there is a header %s: %s", name, value)
		}
	}
	if want := "件名 Bcc: everybody@example.com X-Evil: 1 Subject: other"; got.Subject != want {
		t.Errorf("the subject is %q, want %q", got.Subject, want)
	}
	if want := "理由: a\n.\nQUIT\nFrom: b\n"; got.Text != want {
		t.Errorf("the text is %q, want %q", got.Text, want)
	}
	for name, want := range map[string]string{
		"From": "<kitei@arakawa.example>", "To": "<head@tax.example>", "Message-Id": "<1.1.approved@kitei.dev>", "Auto-Submitted": "auto-generated",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	for _, address := range []v1alpha1.MailAddress{"a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>, <c@d.example", ""} {
		if told, err := deliver(t, nil, v1alpha1.SMTP{Address: p.Address(), TLS: v1alpha1.MailClear}, plain, address); err == nil {
			t.Errorf("%q was told: %v", address, told)
		}
		if told, err := deliver(t, nil, v1alpha1.SMTP{Address: p.Address(), TLS: v1alpha1.MailClear, From: address + " "}, plain,
			"head@tax.example"); err == nil {
			t.Errorf("%q was the sender: %v", address, told)
		}
	}
	if mails := p.Mails(); len(mails) != 1 {
		t.Errorf("%d mails more: %v", len(mails)-1, fmt.Sprint(mails[1:]))
	}
}
