package config

import (
	"crypto/sha256"
	"crypto/x509"
	"path/filepath"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/pemfile"
)

// caFile checks that the file has certificates.
func (c *checker) caFile(path string, d *Destination) {
	data, ok := c.certificateFile(path, "caFile", d.CAFile, d)
	if ok && !x509.NewCertPool().AppendCertsFromPEM(pemfile.Clean(data)) {
		c.failf(path, "%s holds no certificate in PEM", d.CAFile)
	}
}

// clientTLS checks that certificate and key are there, and belong together.
func (c *checker) clientTLS(path string, d *Destination) {
	cert, key := strict.Key(path, "certFile"), strict.Key(path, "keyFile")
	if c.brokenAt(path) {
		return
	}
	_, hasCert := c.certificateFile(cert, "certFile", d.TLS.CertFile, d)
	_, hasKey := c.certificateFile(key, "keyFile", d.TLS.KeyFile, d)
	if !hasCert || !hasKey {
		return
	}
	if _, err := pemfile.Pair(d.TLS.CertFile, d.TLS.KeyFile); err != nil {
		c.failf(path, "%s", err)
	}
}

// certificateFile reads a file of a destination, and notes its content under a key. A process
// that resolves no secrets of destinations delivers nothing, and need not have the file.
func (c *checker) certificateFile(path, key, name string, d *Destination) (data []byte, ok bool) {
	if !filepath.IsAbs(name) {
		c.failf(path, "the file needs an absolute path")
		return nil, false
	}
	if !c.secrets.has(Destinations) {
		return nil, false
	}
	data, err := c.secrets.files.file(name, maxFile)
	if err != nil {
		c.failf(path, "%s %s", name, err)
		return nil, false
	}
	if d.digests == nil {
		d.digests = map[string][sha256.Size]byte{}
	}
	d.digests[key] = sha256.Sum256(data)
	return data, true
}
