package httpapi

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"go.uber.org/zap"
)

// secured is how connections are secured.
type secured struct {
	config  *tls.Config        // nil: not at all
	current func() *tls.Config // the one with the certificate that senders see
}

// newTLS returns what the mode asks for.
func newTLS(s Settings, log *zap.Logger) (*secured, error) {
	switch s.TLSMode {
	case TLSOff:
		return &secured{}, nil
	case TLSSelfSigned:
		config, err := newSelfSigned(s)
		return &secured{config, func() *tls.Config { return config }}, err
	default:
		files, err := newCertificates(s, log)
		if err != nil {
			return nil, err
		}
		config := baseTLS()
		config.GetConfigForClient = files.configFor
		return &secured{config, func() *tls.Config { return files.current.Load().config }}, nil
	}
}

// expiry is when the first certificate of the chain expires; zero without one.
func (s *secured) expiry() (first time.Time) {
	if s.config == nil {
		return first
	}
	for _, der := range s.current().Certificates[0].Certificate {
		c, err := x509.ParseCertificate(der)
		if err == nil && (first.IsZero() || c.NotAfter.Before(first)) {
			first = c.NotAfter
		}
	}
	return first
}

func newSelfSigned(s Settings) (*tls.Config, error) {
	certificate, err := selfSigned()
	if err != nil {
		return nil, err
	}
	config := baseTLS()
	config.Certificates = []tls.Certificate{certificate}
	return config, askForClients(config, s.TLSClientCAFile)
}
