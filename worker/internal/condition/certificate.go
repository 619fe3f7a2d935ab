package condition

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// How near its end a certificate may be, how often certificates are looked at, and how long
// the gateway may take to show its own.
const (
	nearEnd      = 14 * 24 * time.Hour
	certEvery    = time.Minute
	gatewayTime  = 3 * time.Second
	maxCertBytes = 1 << 20
)

// certificates look at those of the gateway, as senders see it, and of the destinations that
// are shown one, as far as this process can read them.
type certificates struct {
	config  func() *config.Config
	gateway string
	at      time.Time
	ends    map[string]time.Time // by what the certificate is of
}

func newCertificates(cfg func() *config.Config, gateway string) *certificates {
	return &certificates{config: cfg, gateway: gateway}
}

func (c *certificates) look(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	if now.Sub(c.at) >= certEvery {
		c.ends, c.at = c.read(ctx), now
	}
	for what, end := range c.ends {
		if end.Sub(now) > nearEnd {
			continue
		}
		found = append(found, store.Condition{
			Key: incident.Key{Kind: incident.CertificateExpires, Reason: what}, Count: 1, Detail: "it ends at " + end.UTC().Format(time.RFC3339),
		})
	}
	return found, true
}

func (c *certificates) read(ctx context.Context) map[string]time.Time {
	ends := map[string]time.Time{}
	for name, d := range c.config().Destinations {
		if d.TLS == nil {
			continue
		}
		if end, err := readCertificate(d.TLS.CertFile); err == nil {
			ends["destination "+name] = end
		}
	}
	if u, err := url.Parse(c.gateway); err == nil && u.Scheme == "https" {
		if end, shown := askCertificate(ctx, u); shown {
			ends["gateway "+u.Host] = end
		} else if end, knew := c.ends["gateway "+u.Host]; knew { // what was seen holds until it is seen again
			ends["gateway "+u.Host] = end
		}
	}
	return ends
}

// readCertificate returns when the first certificate of a file ends.
func readCertificate(path string) (time.Time, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the configuration names it
	if err != nil || len(text) > maxCertBytes {
		return time.Time{}, os.ErrInvalid
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return time.Time{}, os.ErrInvalid
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, err
	}
	return leaf.NotAfter, nil
}

// askCertificate returns when the certificate ends that a server shows. It trusts nothing: it
// sends no request.
func askCertificate(ctx context.Context, u *url.URL) (time.Time, bool) {
	ctx, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}} //nolint:gosec // an expired certificate is what is looked for, and nothing is sent
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return time.Time{}, false
	}
	defer func() { _ = conn.Close() }()
	shown, ok := conn.(*tls.Conn)
	if !ok || len(shown.ConnectionState().PeerCertificates) == 0 {
		return time.Time{}, false
	}
	return shown.ConnectionState().PeerCertificates[0].NotAfter, true
}
