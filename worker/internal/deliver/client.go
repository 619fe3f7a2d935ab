package deliver

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/pemfile"
)

// The parts of an attempt that have a deadline of their own, below the
// destination's timeout for the whole of it.
const (
	connectTimeout = 5 * time.Second
	tlsTimeout     = 5 * time.Second
	idleTimeout    = 60 * time.Second // a kept-alive connection
	pingAfter      = 15 * time.Second // HTTP/2: ask a silent connection whether it lives
	pingTimeout    = 5 * time.Second
)

// newClient makes the client of one destination, with a pool of its own. It uses
// no proxy, because a proxy would connect where the guard cannot see, and follows
// no redirect.
func newClient(d *config.Destination) (*http.Client, error) {
	roots, err := loadRoots(d.CAFile)
	if err != nil {
		return nil, err
	}
	total := time.Duration(d.Timeout)
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialEarly(newDialer(d)),
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    min(tlsTimeout, total),
			ResponseHeaderTimeout:  total,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConnsPerHost:    d.Concurrency,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // what is kept of an answer is what the destination sent
			ForceAttemptHTTP2:      true,
			HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		},
	}, nil
}

// newDialer asks the guard about each address that a name resolves to, right
// before it connects.
func newDialer(d *config.Destination) *net.Dialer {
	return &net.Dialer{Timeout: min(connectTimeout, time.Duration(d.Timeout)), Control: guard{d.AllowPrivate}.control}
}

// loadRoots returns nil, the system's authorities, when no file is named.
func loadRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // see above
	}
	return pemfile.Pool(file)
}
