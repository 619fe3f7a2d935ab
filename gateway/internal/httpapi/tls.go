package httpapi

import (
	"crypto/tls"

	"go.uber.org/zap"
)

// newTLS returns the TLS configuration of a mode that is not TLSOff.
func newTLS(s Settings, log *zap.Logger) (*tls.Config, error) {
	if s.TLSMode == TLSSelfSigned {
		return newSelfSigned(s)
	}
	files, err := newCertificates(s, log)
	if err != nil {
		return nil, err
	}
	config := baseTLS()
	config.GetConfigForClient = files.configFor
	return config, nil
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
