package httpapi

import (
	"cmp"
	"errors"
	"fmt"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/settings"
)

// How connections are protected.
const (
	TLSFiles      = "files"       // with a certificate from files
	TLSSelfSigned = "self-signed" // with a certificate made at start, for local use
	TLSOff        = "off"         // not at all: a proxy in front ends TLS
)

// Settings are the process settings of the HTTP face.
type Settings struct {
	Listen          string   `default:":8443" desc:"address that receives webhooks"`
	TLSMode         string   `split_words:"true" default:"files" desc:"files, self-signed (local use) or off (behind a proxy that ends TLS)"`
	TLSCertFile     string   `split_words:"true" desc:"certificate chain, PEM; read again when it changes"`
	TLSKeyFile      string   `split_words:"true" desc:"key of the certificate, PEM; read again when it changes"`
	TLSClientCAFile string   `split_words:"true" desc:"authorities of client certificates, PEM; asks clients for one"`
	ProxyProtocol   bool     `split_words:"true" default:"false" desc:"read PROXY protocol v1 or v2 headers from the trusted proxies"`
	TrustedProxies  []string `split_words:"true" desc:"networks of the proxies, comma-separated CIDRs"`

	ClientAddressHeader string `split_words:"true" desc:"header field in which the trusted proxies report who sends, such as X-Forwarded-For, Forwarded or CF-Connecting-IP; from others it is not believed"`
}

// Validate checks what envconfig cannot. It joins all problems.
func (s *Settings) Validate() error {
	return errors.Join(
		settings.Address("PENSTOCK_LISTEN", s.Listen),
		s.validateTLS(),
		s.validateProxies(),
	)
}

func (s *Settings) validateTLS() error {
	switch s.TLSMode {
	case TLSOff:
		if s.TLSClientCAFile != "" {
			return errors.New("PENSTOCK_TLS_CLIENT_CA_FILE: client certificates need TLS, and PENSTOCK_TLS_MODE is off")
		}
		return nil
	case TLSSelfSigned:
		return nil
	case TLSFiles:
		return errors.Join(
			required("PENSTOCK_TLS_CERT_FILE", s.TLSCertFile),
			required("PENSTOCK_TLS_KEY_FILE", s.TLSKeyFile))
	default:
		return fmt.Errorf("PENSTOCK_TLS_MODE: %q is not one of [files self-signed off]", s.TLSMode)
	}
}

func required(name, value string) error {
	if value != "" {
		return nil
	}
	return fmt.Errorf("%s: needed with PENSTOCK_TLS_MODE=files", name)
}

func (s *Settings) validateProxies() error {
	if s.ProxyProtocol && len(s.TrustedProxies) == 0 {
		return errors.New("PENSTOCK_TRUSTED_PROXIES: needed with PENSTOCK_PROXY_PROTOCOL=true")
	}
	if s.ClientAddressHeader != "" && len(s.TrustedProxies) == 0 {
		return errors.New("PENSTOCK_TRUSTED_PROXIES: needed with PENSTOCK_CLIENT_ADDRESS_HEADER; name the networks of the proxies that write it")
	}
	if !httpguts.ValidHeaderFieldName(cmp.Or(s.ClientAddressHeader, "none")) {
		return fmt.Errorf("PENSTOCK_CLIENT_ADDRESS_HEADER: %q is not the name of a header field", s.ClientAddressHeader)
	}
	_, err := s.trusted()
	return err
}

// trusted returns the networks of the proxies.
func (s *Settings) trusted() (auth.Networks, error) {
	networks, err := auth.ParseCIDRs(s.TrustedProxies)
	if err != nil {
		return networks, fmt.Errorf("PENSTOCK_TRUSTED_PROXIES: %w", err)
	}
	return networks, nil
}

// senders returns how to find a sender's address.
func (s *Settings) senders() (senders, error) {
	trusted, err := s.trusted()
	return senders{field: s.ClientAddressHeader, trusted: trusted}, err
}

// SeesSenders reports whether the gateway knows the addresses of senders. It does not
// behind a proxy that ends TLS and reports no addresses.
func (s *Settings) SeesSenders() bool {
	return s.TLSMode != TLSOff || s.ProxyProtocol || s.ClientAddressHeader != ""
}
