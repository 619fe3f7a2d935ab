package condition

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/pemfile"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
)

// How often this process reads certificates, and how long the gateway may take to show its own.
const (
	certEvery   = time.Minute
	gatewayTime = 3 * time.Second
)

// Files are certificates of a connection. An empty name means that there is none.
type Files struct {
	Certificate string // of this process
	Authorities string // that the other side's certificate may come from
}

// certificates watch for those near their end: that of the gateway as senders see it, the files
// of this process, and what deliverers report of their destinations.
type certificates struct {
	options *Options
	at      time.Time
	own     map[string]pemfile.Validity // by whose the certificate is
	servers map[string]pemfile.Validity // of destinations, by their names: what deliverers reported last
}

// find returns the certificates that should have been renewed by now.
func (c *certificates) find(ctx context.Context, now time.Time) (found []store.Condition, known bool) {
	if now.Sub(c.at) >= certEvery {
		c.own, c.at = c.read(ctx), now
	}
	all := maps.Clone(c.own)
	c.addReported(all)
	for _, whose := range slices.Sorted(maps.Keys(all)) {
		if all[whose].NearEnd(now) {
			found = append(found, store.Condition{
				Key: incident.Key{Kind: incident.CertificateExpires, Reason: whose}, Count: 1, Detail: "it ends at " + all[whose].Ends.Format(time.RFC3339),
			})
		}
	}
	return found, true
}

// addReported adds the certificates of destinations. A deliverer knows what a destination shows
// once it has made an attempt: until one does, what was reported before holds.
func (c *certificates) addReported(all map[string]pemfile.Validity) {
	servers := map[string]pemfile.Validity{}
	for _, report := range c.options.Fleet.Reports() {
		for i := range report.Destinations {
			d := &report.Destinations[i]
			keepLater(servers, d.Name, d.Server)
			keepLater(all, "the client of destination "+d.Name, d.Client)
			keepLater(all, "the authorities of destination "+d.Name, d.Authorities)
		}
	}
	for name := range c.options.Config().Destinations {
		if _, known := servers[name]; !known {
			keepLater(servers, name, c.servers[name])
		}
		keepLater(all, "the server of destination "+name, servers[name])
	}
	c.servers = servers
}

// keepLater keeps the certificate that ends last: the one that was renewed.
func keepLater(all map[string]pemfile.Validity, whose string, v pemfile.Validity) {
	if v.Ends.After(all[whose].Ends) {
		all[whose] = v
	}
}

// read returns the certificates that this process can see. What cannot be read is left out: the
// connections that need it fail, and say so.
func (c *certificates) read(ctx context.Context) map[string]pemfile.Validity {
	all := map[string]pemfile.Validity{}
	put := func(whose, file string, read func(string) (*x509.Certificate, error)) {
		if file == "" {
			return
		}
		if cert, err := read(file); err == nil {
			all[whose] = pemfile.ValidityOf(cert)
		}
	}
	put("the tracker at the broker", c.options.BrokerFiles.Certificate, pemfile.Leaf)
	put("the authorities of the broker", c.options.BrokerFiles.Authorities, pemfile.LastAuthority)
	for name, channel := range c.options.Config().Notifications.Channels {
		put("the authorities of channel "+name, channel.CAFile, pemfile.LastAuthority)
	}
	if u, err := url.Parse(c.options.Gateway); err == nil && u.Scheme == "https" {
		whose := "gateway " + u.Host
		keepLater(all, whose, pemfile.ValidityOf(readShown(ctx, u)))
		if _, shown := all[whose]; !shown { // the last one holds until another one is seen
			keepLater(all, whose, c.own[whose])
		}
	}
	return all
}

// readShown returns the certificate that a server shows; nil when it shows none. It trusts
// nothing, and sends no request.
func readShown(ctx context.Context, u *url.URL) *x509.Certificate {
	ctx, cancel := context.WithTimeout(ctx, gatewayTime)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}} //nolint:gosec // an expired certificate is what is looked for, and nothing is sent
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil
	}
	defer func() { _ = conn.Close() }()
	shown, ok := conn.(*tls.Conn)
	if !ok || len(shown.ConnectionState().PeerCertificates) == 0 {
		return nil
	}
	return shown.ConnectionState().PeerCertificates[0]
}
