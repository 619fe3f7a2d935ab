package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// sendMail sends a message over SMTP. Nothing goes over a connection without TLS.
func sendMail(ctx context.Context, c *config.Channel, m *message) error {
	client, err := openMail(ctx, c)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	defer func() { _ = client.Close() }()
	e := c.Email
	if e.Username.Reveal() != "" {
		host, _, _ := net.SplitHostPort(e.Server)
		if err := client.Auth(smtp.PlainAuth("", e.Username.Reveal(), e.Password.Reveal(), host)); err != nil {
			return errors.New("the mail server does not accept the user name and the password")
		}
	}
	if err := client.Mail(readMailbox(e.From)); err != nil {
		return fmt.Errorf("the mail server refuses the sender: %w", err)
	}
	for _, to := range e.To {
		if err := client.Rcpt(readMailbox(to)); err != nil {
			return fmt.Errorf("the mail server refuses a recipient: %w", err)
		}
	}
	body, err := client.Data()
	if err != nil {
		return fmt.Errorf("the mail server takes no text: %w", err)
	}
	if _, err := body.Write(mailText(e, m)); err != nil {
		return fmt.Errorf("send the mail's text: %w", err)
	}
	if err := body.Close(); err != nil {
		return fmt.Errorf("the mail server refuses the mail: %w", err)
	}
	_ = client.Quit() // it has the mail
	return nil
}

// openMail connects to the server, and protects the connection.
func openMail(ctx context.Context, c *config.Channel) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(c.Email.Server)
	if err != nil {
		return nil, err
	}
	to := newDestination(c)
	settings, err := deliver.TLSOf(to)
	if err != nil {
		return nil, err
	}
	settings.ServerName = host
	conn, err := deliver.NewDialer(to).DialContext(ctx, "tcp", c.Email.Server)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // else a server could keep it for ever
	}
	if c.Email.TLS == config.ImplicitTLS {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if c.Email.TLS == config.StartTLS {
		if err := client.StartTLS(settings); err != nil {
			return nil, errors.Join(fmt.Errorf("protect the connection with STARTTLS: %w", err), client.Close())
		}
	}
	return client, nil
}

// readMailbox returns the address without a name.
func readMailbox(text string) string {
	if a, err := mail.ParseAddress(text); err == nil {
		return a.Address
	}
	return text // it was checked when it was loaded
}

// mailText is a mail with its header. A repetition has the same Message-ID.
func mailText(e *config.Email, m *message) []byte {
	domain := "penstock"
	if _, after, found := strings.Cut(readMailbox(e.From), "@"); found {
		domain = after
	}
	var b strings.Builder
	for _, field := range [][2]string{
		{"From", e.From}, {"To", strings.Join(e.To, ", ")}, {"Subject", mime.QEncoding.Encode("utf-8", m.writeSubject())},
		{"Date", m.At.UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + m.ID + "@" + domain + ">"}, {"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "base64"},
	} {
		b.WriteString(field[0] + ": " + field[1] + "\r\n")
	}
	b.WriteString("\r\n")
	encoded := base64.StdEncoding.EncodeToString([]byte(m.writeText()))
	for len(encoded) > 0 {
		n := min(len(encoded), 76)
		b.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	return []byte(b.String())
}
