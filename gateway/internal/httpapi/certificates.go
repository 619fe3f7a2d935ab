package httpapi

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/pemfile"
)

// recheckEvery is how often, at most, the files are looked at.
const recheckEvery = time.Second

// certificates hands out the TLS configuration made of files, and makes it anew
// when a file changed. It looks at the files when a client connects, at most once
// in recheckEvery: that works on every file system and needs no goroutine. It is
// safe for concurrent use.
type certificates struct {
	certFile, keyFile, clientCAFile string
	log                             *zap.Logger

	current atomic.Pointer[loaded]
	checked atomic.Int64 // when the files were looked at last, in Unix nanoseconds
}

// loaded is a configuration and the state of the files that it was made of.
type loaded struct {
	config *tls.Config
	state  fileState
}

// newCertificates reads the files for the first time.
func newCertificates(s Settings, log *zap.Logger) (*certificates, error) {
	c := &certificates{certFile: s.TLSCertFile, keyFile: s.TLSKeyFile, clientCAFile: s.TLSClientCAFile, log: log}
	state, err := c.look()
	if err != nil {
		return nil, err
	}
	return c, c.load(state)
}

// configFor is tls.Config.GetConfigForClient.
func (c *certificates) configFor(*tls.ClientHelloInfo) (*tls.Config, error) {
	now := time.Now().UnixNano()
	last := c.checked.Load()
	if now-last >= int64(recheckEvery) && c.checked.CompareAndSwap(last, now) {
		c.refresh()
	}
	return c.current.Load().config, nil
}

// refresh loads the files again if they changed. While they cannot be used, as
// in the middle of being replaced, the last good ones stay.
func (c *certificates) refresh() {
	state, err := c.look()
	if err == nil && state == c.current.Load().state {
		return
	}
	if err == nil {
		err = c.load(state)
	}
	if err != nil {
		c.log.Error("keeping the TLS certificate: its files cannot be used", zap.Error(err))
		return
	}
	c.log.Info("took a new TLS certificate", zap.String("file", c.certFile))
}

func (c *certificates) load(state fileState) error {
	pair, err := pemfile.Pair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("load the TLS certificate: %w", err)
	}
	config := baseTLS()
	config.Certificates = []tls.Certificate{pair}
	if err := askForClients(config, c.clientCAFile); err != nil {
		return err
	}
	c.current.Store(&loaded{config, state})
	return nil
}

// baseTLS is what every mode has in common.
func baseTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// askForClients makes the server ask for a client certificate, which the sources
// that authenticate by one then demand; others take connections without.
func askForClients(config *tls.Config, caFile string) error {
	if caFile == "" {
		return nil
	}
	pool, err := pemfile.Pool(caFile)
	if err != nil {
		return fmt.Errorf("the client certificate authorities: %w", err)
	}
	config.ClientCAs = pool
	config.ClientAuth = tls.VerifyClientCertIfGiven
	return nil
}

// fileState tells one content of the files from another. A path that leads
// through a symbolic link, as in a mounted Kubernetes secret, is followed.
type fileState [3]struct {
	modified time.Time
	size     int64
}

func (c *certificates) look() (state fileState, err error) {
	for i, name := range []string{c.certFile, c.keyFile, c.clientCAFile} {
		if name == "" {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return state, fmt.Errorf("look at the TLS files: %w", err)
		}
		state[i].modified, state[i].size = info.ModTime(), info.Size()
	}
	return state, nil
}
