package deliver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/pemfile"
)

// filesEvery is how often the certificates in files are read.
const filesEvery = time.Minute

// Certificates are those of a destination. What is zero is not there, or not known.
type Certificates struct {
	Server      pemfile.Validity // the certificate that the destination showed last
	Client      pemfile.Validity // the one that it is shown, of certFile
	Authorities pemfile.Validity // the last one of caFile
}

// certificates watch those of one destination. It is safe for concurrent use.
type certificates struct {
	config *config.Destination

	mu     sync.Mutex
	server *x509.Certificate // nil: the destination has shown none
	files  Certificates
	readAt time.Time
}

// observe keeps the certificate that the destination showed in an attempt. One that is over ends
// the attempt with an error.
func (c *certificates) observe(res *http.Response, err error) {
	var shown *x509.Certificate
	if invalid, is := errors.AsType[x509.CertificateInvalidError](err); is && invalid.Reason == x509.Expired {
		shown = invalid.Cert
	}
	if res != nil {
		shown = leafOf(res.TLS)
	}
	if shown == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server = shown
}

func leafOf(s *tls.ConnectionState) *x509.Certificate {
	if s == nil || len(s.PeerCertificates) == 0 {
		return nil
	}
	return s.PeerCertificates[0]
}

// read returns the certificates as they are now.
func (c *certificates) read(now time.Time) Certificates {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.readAt) >= filesEvery {
		c.files, c.readAt = c.readFiles(), now
	}
	all := c.files
	all.Server = pemfile.ValidityOf(c.server)
	return all
}

// readFiles leaves out what cannot be read: the client fails with it, and says so.
func (c *certificates) readFiles() (all Certificates) {
	if c.config.TLS != nil {
		leaf, _ := pemfile.Leaf(c.config.TLS.CertFile)
		all.Client = pemfile.ValidityOf(leaf)
	}
	if c.config.CAFile != "" {
		last, _ := pemfile.LastAuthority(c.config.CAFile)
		all.Authorities = pemfile.ValidityOf(last)
	}
	return all
}
