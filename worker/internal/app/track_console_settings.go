package app

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock/penstock/worker/internal/console"
)

// ConsoleSettings are what the tracker's console needs besides the API's.
type ConsoleSettings struct {
	GatewayURL string `envconfig:"GATEWAY_URL" desc:"where senders see the gateway, such as https://hooks.example.com: the console shows it as the address for providers"`
	ConsoleURL string `envconfig:"CONSOLE_URL" desc:"where browsers see the console, such as https://penstock.example.com; needed behind a proxy that changes the host, for OpenID Connect, and by an open API that has a name with a dot"`

	OIDCIssuer       string   `envconfig:"CONSOLE_OIDC_ISSUER" desc:"an OpenID Connect provider to sign in to the console with; its redirect URI is PENSTOCK_CONSOLE_URL/console/oidc/callback"`
	OIDCName         string   `envconfig:"CONSOLE_OIDC_NAME" default:"single sign-on" desc:"what the provider is called on the button"`
	OIDCClientID     string   `envconfig:"CONSOLE_OIDC_CLIENT_ID" desc:"the console's client id at the provider"`
	OIDCClientSecret string   `envconfig:"CONSOLE_OIDC_CLIENT_SECRET" file:"true" desc:"and its secret; none for a public client"`
	OIDCReaders      []string `envconfig:"CONSOLE_OIDC_READERS" desc:"who may look: addresses, @domains, group:NAME, or * for everybody whom the provider lets in, comma-separated"`
	OIDCWriters      []string `envconfig:"CONSOLE_OIDC_WRITERS" desc:"who may replay, discard and pause too, in the same way"`
}

// Validate checks the console's settings. It joins all problems.
func (s *ConsoleSettings) Validate() error {
	errs := []error{address("PENSTOCK_GATEWAY_URL", s.GatewayURL), address("PENSTOCK_CONSOLE_URL", s.ConsoleURL), address("PENSTOCK_CONSOLE_OIDC_ISSUER", s.OIDCIssuer)}
	if s.OIDCIssuer != "" {
		if s.OIDCClientID == "" {
			errs = append(errs, errors.New("PENSTOCK_CONSOLE_OIDC_CLIENT_ID: must be set with PENSTOCK_CONSOLE_OIDC_ISSUER"))
		}
		if s.ConsoleURL == "" {
			errs = append(errs, errors.New("PENSTOCK_CONSOLE_URL: must be set with PENSTOCK_CONSOLE_OIDC_ISSUER: the provider sends people back there"))
		}
		if len(s.OIDCReaders)+len(s.OIDCWriters) == 0 {
			errs = append(errs, errors.New("PENSTOCK_CONSOLE_OIDC_READERS: nobody could sign in; name who may, or set it to *"))
		}
	}
	return errors.Join(errs...)
}

// address checks an absolute URL without a query.
func address(name, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s: must be a URL such as https://penstock.example.com, without a query", name)
	}
	return nil
}

// options fills in what the settings say.
func (s *ConsoleSettings) options(o *console.Options) {
	o.GatewayURL = strings.TrimSuffix(s.GatewayURL, "/")
	if s.ConsoleURL != "" {
		o.URL, _ = url.Parse(s.ConsoleURL) // Validate has parsed it
	}
	if s.OIDCIssuer != "" {
		o.OIDC = &console.OIDC{
			Name: s.OIDCName, Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: s.OIDCClientSecret,
			Readers: s.OIDCReaders, Writers: s.OIDCWriters,
		}
	}
}

// consoleURL is where people find the console's pages, without a slash at the end; empty when
// it is not known.
func (s *ConsoleSettings) consoleURL() string {
	if s.ConsoleURL == "" {
		return ""
	}
	return strings.TrimSuffix(s.ConsoleURL, "/") + console.Base
}
