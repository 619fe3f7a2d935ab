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

// newClient makes the client of one destination, with a pool of its own. It uses the proxy
// that the destination names and no other, because the guard has to know of it, and follows
// no redirect.
func newClient(d *config.Destination) (*http.Client, error) {
	settings, err := tlsOf(d)
	if err != nil {
		return nil, err
	}
	proxy, err := proxyOf(d)
	if err != nil {
		return nil, err
	}
	total := time.Duration(d.Timeout)
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &renewed{build: func() *http.Transport {
			return &http.Transport{
				Proxy:                  proxy,
				DialContext:            dialEarly(newDialer(d)),
				TLSClientConfig:        settings.Clone(),
				TLSHandshakeTimeout:    min(tlsTimeout, total),
				ResponseHeaderTimeout:  total,
				IdleConnTimeout:        idleTimeout,
				MaxIdleConnsPerHost:    d.Concurrency,
				MaxResponseHeaderBytes: 64 << 10,
				DisableCompression:     true, // what is kept of an answer is what the destination sent
				ForceAttemptHTTP2:      true,
				HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
			}
		}},
	}, nil
}

// newDialer asks the guard about each address that a name resolves to, right
// before it connects. With a proxy, that is the proxy's, which the operator chose.
func newDialer(d *config.Destination) *net.Dialer {
	allowed := guard{d.AllowPrivate || d.Proxy.Reveal() != ""}
	return &net.Dialer{Timeout: min(connectTimeout, time.Duration(d.Timeout)), Control: allowed.control}
}

// tlsOf returns what connections to the destination trust and show.
func tlsOf(d *config.Destination) (*tls.Config, error) {
	roots, err := loadRoots(d.CAFile)
	if err != nil {
		return nil, err
	}
	settings := &tls.Config{
		RootCAs: roots, MinVersion: tls.VersionTLS12,
		ClientSessionCache: tls.NewLRUClientSessionCache(0), // the next connections resume what the last ones agreed on
	}
	if d.TLS != nil {
		pair, err := pemfile.Pair(d.TLS.CertFile, d.TLS.KeyFile)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return settings, nil
}

// loadRoots returns nil, the system's authorities, when no file is named.
func loadRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // see above
	}
	return pemfile.Pool(file)
}
