package notification

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// idDomain is the right side of every Message-ID. It does not follow the sender's address, so that a repetition after a
// change of that bears the same ID.
const idDomain = "kitei.dev"

// Mail tells a notice by SMTP, to each address by a message of its own: one address that the server refuses keeps no other
// from being told.
type Mail struct {
	// Live reads the Secret.
	Live  client.Reader
	Clock clock.PassiveClock
}

// Name of the channel.
func (m *Mail) Name() v1alpha1.NotificationChannel { return v1alpha1.ChannelMail }

// Configured where the regulation names a server.
func (m *Mail) Configured(n v1alpha1.Notification) bool { return n.SMTP != nil }

// Deliver sends the messages over one connection. An address counts as told from the moment in which the server has taken
// its message, whatever becomes of the connection afterwards.
func (m *Mail) Deliver(ctx context.Context, n v1alpha1.Notification, notice Notice, to []v1alpha1.MailAddress,
) ([]v1alpha1.MailAddress, error) {
	messages := make([]*mail.Msg, 0, len(to))
	for _, address := range to {
		letter, err := m.letter(n.SMTP.From, address, notice)
		if err != nil {
			return nil, failure(v1alpha1.FailureMisconfigured, "write the mail: %w", err)
		}
		messages = append(messages, letter)
	}
	server, err := m.server(ctx, n.SMTP)
	if err != nil {
		return nil, err
	}
	if err := server.DialWithContext(ctx); err != nil {
		return nil, failure(refusedAtDoor(err), "connect to %s: %w", n.SMTP.Address, err)
	}
	sendErr := server.Send(messages...)
	_ = server.Close() // the messages are taken or not; how it ends says nothing of them
	var told []v1alpha1.MailAddress
	for i, letter := range messages {
		if letter.IsDelivered() {
			told = append(told, to[i])
		}
	}
	if len(told) < len(to) {
		return told, failure(refusedMessage(messages, sendErr), "send by %s: %w", n.SMTP.Address, sendErr)
	}
	return told, nil
}

// letter writes the message to one address. Everything in its headers is an address of the API's pattern, or one line that
// the library encodes: what a person wrote cannot become a header.
func (m *Mail) letter(from, to v1alpha1.MailAddress, notice Notice) (*mail.Msg, error) {
	letter := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingB64))
	if err := letter.From(string(from)); err != nil {
		return nil, fmt.Errorf("read the sender's address: %w", err)
	}
	if err := letter.To(string(to)); err != nil {
		return nil, fmt.Errorf("read the address: %w", err)
	}
	letter.SetMessageIDWithValue(notice.ID + "@" + idDomain)
	letter.SetDateWithValue(m.Clock.Now())
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // no absence is answered to
	letter.SetUserAgent("Kitei")
	letter.Subject(strings.Join(strings.Fields(notice.Title), " "))
	letter.SetBodyString(mail.TypeTextPlain, strings.Join(notice.Lines, "\r\n")+"\r\n")
	return letter, nil
}

// server prepares the connection.
func (m *Mail) server(ctx context.Context, smtp *v1alpha1.SMTP) (*mail.Client, error) {
	host, number, err := net.SplitHostPort(smtp.Address)
	if err != nil {
		return nil, failure(v1alpha1.FailureMisconfigured, "read the server's address: %w", err)
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, failure(v1alpha1.FailureMisconfigured, "read the server's port: %w", err)
	}
	config, err := trust(smtp.CABundle)
	if err != nil {
		return nil, err
	}
	config.ServerName = host
	options := []mail.Option{
		mail.WithPort(int(port)), mail.WithTLSConfig(config), mail.WithoutSMTPUTF8(), // addresses are ASCII
	}
	if deadline, has := ctx.Deadline(); has { // once to connect, and anew to send
		options = append(options, mail.WithTimeout(max(deadline.Sub(m.Clock.Now())/2, time.Second)))
	}
	switch smtp.TLS {
	case v1alpha1.MailImplicitTLS:
		options = append(options, mail.WithSSL())
	case v1alpha1.MailClear:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if smtp.Authentication == v1alpha1.AuthenticationSecret {
		login, err := credentials(ctx, m.Live, v1alpha1.SMTPSecret, "username", "password")
		if err != nil {
			return nil, err
		}
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(login[0]),
			mail.WithPassword(login[1]))
	}
	server, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, failure(v1alpha1.FailureMisconfigured, "prepare the connection: %w", err)
	}
	return server, nil
}

// refusedAtDoor classes what went wrong before the first message: the connection, TLS, or who Kitei is.
func refusedAtDoor(err error) v1alpha1.NotificationFailure {
	var answer *textproto.Error
	switch {
	case strings.Contains(err.Error(), "STARTTLS"): // the library has no error of its own for a server that lacks it
		return v1alpha1.FailureUntrusted
	case strings.Contains(err.Error(), "AUTH") && (!errors.As(err, &answer) || answer.Code >= 500):
		return v1alpha1.FailureUnauthorized
	case errors.As(err, &answer) && answer.Code >= 500:
		return v1alpha1.FailureRejected
	case errors.As(err, &answer):
		return v1alpha1.FailureDeferred
	}
	return unreached(err)
}

// refusedMessage classes what the server said of the messages. Those that may still be taken decide.
func refusedMessage(messages []*mail.Msg, err error) v1alpha1.NotificationFailure {
	class := v1alpha1.FailureUnreachable
	for _, letter := range messages {
		var answer *mail.SendError
		if letter.IsDelivered() || !errors.As(letter.SendError(), &answer) {
			continue
		}
		switch code := answer.ErrorCode(); {
		case code >= 500:
			class = v1alpha1.FailureRejected
		case code >= 400:
			return v1alpha1.FailureDeferred
		default:
			return unreached(err)
		}
	}
	return class
}
