package deliver

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/penstock/penstock/pkg/config"
)

// errProxy quotes nothing of the URL, which may hold a password.
var errProxy = errors.New("the URL of the proxy cannot be read")

// proxyOf returns what leads each request through the destination's proxy; nil without one.
func proxyOf(d *config.Destination) (func(*http.Request) (*url.URL, error), error) {
	text := d.Proxy.Reveal()
	if text == "" {
		return nil, nil //nolint:nilnil // no proxy is what is asked for
	}
	proxy, err := url.Parse(text)
	if err != nil {
		return nil, errProxy
	}
	return guard{d.AllowPrivate}.through(proxy), nil
}

// through leads requests through a proxy, once the guard has passed each address of their
// target. The proxy resolves the name again: its own rules have the last word about that.
func (g guard) through(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		found, err := net.DefaultResolver.LookupNetIP(r.Context(), "ip", r.URL.Hostname())
		if err != nil {
			return nil, fmt.Errorf("check where the proxy is to connect to: %w", err)
		}
		for _, addr := range found {
			if err := g.check(addr); err != nil {
				return nil, err
			}
		}
		return proxy, nil
	}
}
