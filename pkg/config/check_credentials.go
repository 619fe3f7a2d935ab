package config

import (
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/config/internal/strict"
)

// destinationCredentials checks what a destination is shown, and the way to it.
func (c *checker) destinationCredentials(path string, d *Destination) {
	if d.Basic != nil && d.OAuth2 != nil {
		c.failf(strict.Key(path, "oauth2"), "a destination has basic or oauth2, not both")
	}
	if d.Basic != nil {
		c.basic(strict.Key(path, "basic"), d.Basic)
	}
	if d.OAuth2 != nil {
		c.oauth2(strict.Key(path, "oauth2"), d.OAuth2)
	}
	if d.TLS != nil {
		c.tls(strict.Key(path, "tls"), d)
	}
	if at := strict.Key(path, "proxy"); c.Has(at) && !c.brokenAt(at) {
		c.proxy(at, d.Proxy.Reveal())
	}
}

// basic checks a user name and a password.
func (c *checker) basic(path string, b *BasicAuth) {
	c.needed(path, "username", "password")
	if name := strict.Key(path, "username"); strings.Contains(b.Username.Reveal(), ":") {
		c.failf(name, "a user name has no colon")
	}
}

// oauth2 checks where tokens come from.
func (c *checker) oauth2(path string, o *OAuth2) {
	c.needed(path, "tokenURL", "clientID", "clientSecret")
	if at := strict.Key(path, "tokenURL"); c.Has(at) && !c.brokenAt(at) {
		c.url(at, o.TokenURL, true)
	}
	scopes := strict.Key(path, "scopes")
	c.filled(path, "scopes", len(o.Scopes), "leave it out to get what the endpoint gives")
	c.once(scopes, o.Scopes)
	for i, scope := range o.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \t\r\n\"\\") || !httpguts.ValidHeaderFieldValue(scope) {
			c.failf(strict.Index(scopes, i), "a scope is a word; write several as a list")
		}
	}
	for name := range o.EndpointParams {
		switch name {
		case "grant_type", "client_id", "client_secret", "scope":
			c.failf(strict.Key(strict.Key(path, "endpointParams"), name), "the deliverer sets this parameter")
		}
	}
}

// needed checks that keys are there.
func (c *checker) needed(path string, keys ...string) {
	for _, key := range keys {
		if at := strict.Key(path, key); !c.Has(at) && !c.broken(path, key) {
			c.failf(at, "is missing")
		}
	}
}

// tls checks a client certificate, which only an endpoint with TLS asks for.
func (c *checker) tls(path string, d *Destination) {
	c.needed(path, "certFile", "keyFile")
	c.clientTLS(path, d)
	if u, err := url.Parse(d.URL); err == nil && u.Scheme == "http" {
		c.failf(path, "a client certificate needs an https URL")
	}
}

// proxy checks the URL of a proxy. It quotes nothing of it, because it may hold a password.
// Without secrets, it is not known.
func (c *checker) proxy(path, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" || u.Hostname() == "":
		c.failf(path, "is not the URL of a proxy, such as http://proxy.internal:3128")
	case !validPort(u):
		c.failf(path, "the URL's port is not one of 1 to 65535")
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		c.failf(path, "the URL of a proxy has no path, query or fragment")
	}
}
