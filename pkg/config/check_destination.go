package config

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock/penstock/pkg/config/internal/strict"
)

const (
	maxTimeout     = Duration(15 * time.Minute) // the broker takes a message back after 30
	maxConcurrency = 2000                       // the largest prefetch that quorum queues are made for
	maxAMQPName    = 255
	ownNames       = "penstock."
)

func (c *checker) destination(path string, d *Destination) {
	c.target(path, d)
	d.shared = c.Has(strict.Key(path, "concurrency"))
	if (d.Timeout <= 0 || d.Timeout > maxTimeout) && !c.broken(path, "timeout") {
		c.failf(strict.Key(path, "timeout"), "the timeout is above zero and at most 15m")
	}
	if (d.Concurrency < 1 || d.Concurrency > maxConcurrency) && !c.broken(path, "concurrency") {
		c.failf(strict.Key(path, "concurrency"), "the concurrency is 1 to %d", maxConcurrency)
	}
	c.headers(strict.Key(path, "headers"), d)
	if d.Signing != nil {
		c.signing(strict.Key(path, "signing"), d.Signing)
	}
	if c.Has(strict.Key(path, "caFile")) && !c.broken(path, "caFile") {
		c.caFile(strict.Key(path, "caFile"), d)
	}
	c.destinationCredentials(path, d)
	if at := strict.Key(path, "format"); c.Has(at) && d.Format != CloudEventsBinary && d.Format != CloudEventsStructured && !c.brokenAt(at) {
		c.failf(at, "expected %s or %s; leave it out to send bodies as they are", CloudEventsBinary, CloudEventsStructured)
	}
	if d.Request != nil {
		c.request(strict.Key(path, "request"), d)
	}
	if d.Batch != nil {
		c.batch(strict.Key(path, "batch"), d)
	}
}

// target checks what says where a destination is.
func (c *checker) target(path string, d *Destination) {
	url, exchange := strict.Key(path, "url"), strict.Key(path, "exchange")
	switch {
	case c.broken(path, "url", "exchange", "routingKey"):
	case c.Has(url) && c.Has(exchange):
		c.failf(exchange, "a destination has a url or an exchange, not both")
	case c.Has(exchange):
		c.exchange(path, d)
	case d.URL == "":
		c.failf(url, "a destination has a url or an exchange: it is missing")
	case c.Has(strict.Key(path, "routingKey")):
		c.failf(strict.Key(path, "routingKey"), "a routing key belongs to an exchange")
	default:
		c.url(url, d.URL, true)
	}
}

// exchange checks a destination that is one.
func (c *checker) exchange(path string, d *Destination) {
	exchange, key := strict.Key(path, "exchange"), strict.Key(path, "routingKey")
	c.amqpName(exchange, d.Exchange)
	c.amqpName(key, d.RoutingKey)
	if d.Exchange == "" && d.RoutingKey == "" {
		c.failf(key, "the default exchange needs the name of a queue as the routing key")
	}
	if d.Exchange == "" && strings.HasPrefix(d.RoutingKey, ownNames) {
		c.failf(key, "the names that begin with %s are Penstock's own", ownNames)
	}
	if strings.HasPrefix(d.Exchange, ownNames) {
		c.failf(exchange, "the names that begin with %s are Penstock's own", ownNames)
	}
	for _, name := range []string{"request", "format", "headers", "forwardCredentials", "basic", "oauth2", "tls", "proxy", "signing", "allowPrivate", "caFile"} {
		if at := strict.Key(path, name); c.Has(at) {
			c.failf(at, "the key belongs to a url, and the destination is an exchange")
		}
	}
}

// amqpName checks a short text of AMQP 0-9-1.
func (c *checker) amqpName(path, name string) {
	if len(name) > maxAMQPName || strings.ContainsFunc(name, unicode.IsControl) {
		c.failf(path, "a name has at most %d bytes and no control characters", maxAMQPName)
	}
}

// url checks an absolute http or https URL. It quotes nothing of it, as
// credentials may be in any part.
func (c *checker) url(path, text string, query bool) {
	u, err := url.Parse(text)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https"):
		c.failf(path, "is not a URL such as https://host/path")
	case u.Hostname() == "":
		c.failf(path, "the URL has no host")
	case !validPort(u):
		c.failf(path, "the URL's port is not one of 1 to 65535")
	case u.User != nil:
		c.failf(path, "a URL holds no credentials; send them in a header")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		c.failf(path, "a URL to send to has no fragment (#)")
	case !query && (u.RawQuery != "" || u.ForceQuery):
		c.failf(path, "the URL is written without its query")
	}
}

// headers checks what is added to requests against what HTTP allows, and against
// what the deliverer sets itself.
func (c *checker) headers(path string, d *Destination) {
	seen := map[string]string{}
	for name, value := range d.Headers {
		at := strict.Key(path, name)
		canonical := http.CanonicalHeaderKey(name)
		if other, twice := seen[canonical]; twice {
			c.failf(at, "%s and %s are the same field", min(other, name), max(other, name))
		}
		seen[canonical] = name
		switch {
		case !c.fieldName(at, name, d):
		case !httpguts.ValidHeaderFieldValue(value.Reveal()):
			c.failf(at, "the value has characters that a header field cannot have, such as a line break")
		}
	}
}

// fieldName checks that a field can be added to requests, and reports whether it can.
func (c *checker) fieldName(path, name string, d *Destination) bool {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		c.failf(path, "is not the name of a header field")
	case canonical == "Authorization" && (d.Basic != nil || d.OAuth2 != nil):
		c.failf(path, "basic and oauth2 set this field; leave it or them out")
	case reserved(canonical, d.Signing != nil):
		c.failf(path, "this field is set by the deliverer")
	default:
		return true
	}
	return false
}

func reserved(name string, signed bool) bool {
	switch name {
	case "Connection", "Content-Length", "Content-Encoding", "Keep-Alive", "Proxy-Connection", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "Traceparent", "Tracestate":
		return true
	case "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature":
		return signed
	default:
		return strings.HasPrefix(name, "Penstock-")
	}
}

// signing checks that the secrets are what Standard Webhooks signs with.
func (c *checker) signing(path string, s *Signing) {
	secrets := strict.Key(path, "secrets")
	switch {
	case c.broken(path, "secrets"):
	case len(s.Secrets) == 0:
		c.failf(secrets, "signing needs at least one secret")
	case c.secrets.has(Destinations):
		for i, secret := range s.Secrets {
			key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
			if err != nil || len(key) == 0 {
				c.failf(strict.Index(secrets, i), "the secret is not base64, with or without the prefix whsec_")
			}
		}
	}
}

// validPort accepts a URL without a port, too. An empty one stands for the scheme's.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return true
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}
