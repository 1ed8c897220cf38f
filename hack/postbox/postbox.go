// Package postbox is a mail server on loopback that keeps what it takes: for the tests. It speaks SMTP with STARTTLS or TLS and
// AUTH, and refuses what it is told to.
package postbox

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"strings"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options of a postbox.
type Options struct {
	// Address to listen on; a free port of loopback if empty.
	Address string
	// TLS is offered by STARTTLS, or spoken from the first byte on if Implicit. Nil for none.
	TLS      *tls.Config
	Implicit bool
	// Username and Password that are asked for, unless empty.
	Username, Password string
}

// Mail as a person's mail program shows it.
type Mail struct {
	// From and To of the envelope.
	From, To string
	// Header as it came, and the subject decoded.
	Header  mail.Header
	Subject string
	// Text decoded.
	Text string
}

// Postbox is a mail server that runs.
type Postbox struct {
	options  Options
	server   *smtp.Server
	listener net.Listener

	mutex    sync.Mutex
	mails    []Mail
	attempts int
	refuse   func(to string) error
	taken    func(to string)
}

// Start starts a postbox.
func Start(o Options) (*Postbox, error) {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	p := &Postbox{options: o}
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{postbox: p}, nil }))
	p.server.Domain, p.server.TLSConfig, p.server.EnableSMTPUTF8 = "localhost", o.TLS, true
	p.server.ErrorLog = silent{}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	if p.listener = listener; o.Implicit {
		listener = tls.NewListener(listener, o.TLS)
	}
	go func() { _ = p.server.Serve(listener) }() // it ends with Close
	return p, nil
}

// Address that it listens on.
func (p *Postbox) Address() string { return p.listener.Addr().String() }

// Close ends it, at once.
func (p *Postbox) Close() {
	_ = p.server.Close()
	_ = p.listener.Close() // the server may not know of it yet
}

// Mails that it took, in their order.
func (p *Postbox) Mails() []Mail {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return append([]Mail(nil), p.mails...)
}

// Attempts counts the recipients that it was asked to take mail for.
func (p *Postbox) Attempts() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.attempts
}

// Refuse has each recipient judged; nil refuses none. Say makes such an error.
func (p *Postbox) Refuse(judge func(to string) error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.refuse = judge
}

// Taken calls a function once, after the next mail was kept and before the client hears of it.
func (p *Postbox) Taken(then func(to string)) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.taken = then
}

// Say is an answer with a code.
func Say(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: text}
}

type session struct {
	postbox       *Postbox
	authenticated bool
	from          string
	to            []string
}

func (s *session) AuthMechanisms() []string {
	if s.postbox.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.postbox.options.Username || password != s.postbox.options.Password {
			return smtp.ErrAuthFailed
		}
		s.authenticated = true
		return nil
	}), nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.postbox.options.Username != "" && !s.authenticated {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.postbox.mutex.Lock()
	defer s.postbox.mutex.Unlock()
	s.postbox.attempts++
	if s.postbox.refuse != nil {
		if err := s.postbox.refuse(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	s.postbox.mutex.Lock()
	defer s.postbox.mutex.Unlock()
	for _, to := range s.to {
		letter, err := read(raw)
		if err != nil {
			return err
		}
		letter.From, letter.To = s.from, to
		s.postbox.mails = append(s.postbox.mails, letter)
		if s.postbox.taken != nil {
			s.postbox.taken(to)
			s.postbox.taken = nil
		}
	}
	return nil
}

// read takes a mail of one part of text apart.
func read(raw []byte) (Mail, error) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, fmt.Errorf("read the mail: %w", err)
	}
	letter := Mail{Header: message.Header}
	if letter.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return letter, fmt.Errorf("read the subject: %w", err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || !strings.EqualFold(parameters["charset"], "UTF-8") {
		return letter, errors.Join(fmt.Errorf("the mail is %s in %s", kind, parameters["charset"]), err)
	}
	body := message.Body
	if strings.EqualFold(message.Header.Get("Content-Transfer-Encoding"), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	letter.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	return letter, err
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
