package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/accesstoken"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/pemfile"
)

// renewalPause is how long after one refused token another one is believed to be good: a
// destination that answers 401 to everything costs its token endpoint little.
const renewalPause = 5 * time.Second

const headerAuthorization = "Authorization"

// basicOf returns the value of the field Authorization; nothing without a user name.
func basicOf(b *config.BasicAuth) string {
	if b == nil {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(b.Username.Reveal()+":"+b.Password.Reveal()))
}

// bearer gives requests their access token. It is safe for concurrent use.
type bearer struct {
	cache *accesstoken.Cache

	mu      sync.Mutex
	refused string    // the token that was given up last
	at      time.Time // and when
}

// newBearer returns nil for a destination without access tokens.
func newBearer(d *config.Destination) (*bearer, error) {
	if d.OAuth2 == nil {
		return nil, nil //nolint:nilnil // no token is what is asked for
	}
	transport, err := tokenTransport(d)
	if err != nil {
		return nil, err
	}
	o := d.OAuth2
	params := url.Values{}
	for name, value := range o.EndpointParams {
		params.Set(name, value.Reveal())
	}
	return &bearer{cache: accesstoken.NewCache(&accesstoken.Client{
		URL: o.TokenURL, ID: o.ClientID.Reveal(), Scope: strings.Join(o.Scopes, " "), Params: params, Transport: transport,
		Secret: func(context.Context) (string, error) { return o.ClientSecret.Reveal(), nil },
	})}, nil
}

// tokenTransport reaches the token endpoint under the guard of the destination. It keeps no
// connection: tokens are rare.
func tokenTransport(d *config.Destination) (*http.Transport, error) {
	proxy, err := proxyOf(d)
	if err != nil {
		return nil, err
	}
	roots, err := moreRoots(d.CAFile)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           newDialer(d).DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: connectTimeout,
		DisableKeepAlives:     true,
		ForceAttemptHTTP2:     true,
	}, nil
}

// moreRoots returns the system's authorities and those of a file.
func moreRoots(file string) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil || file == "" {
		return roots, err
	}
	content, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	roots.AppendCertsFromPEM(pemfile.Clean(content))
	return roots, nil
}

// authorize puts a token into a request, and returns it.
func (b *bearer) authorize(req *http.Request) (token string, err error) {
	t, err := b.cache.Token(req.Context())
	if t.Text == "" {
		return "", noToken(err)
	}
	req.Header.Set(headerAuthorization, "Bearer "+t.Text)
	return t.Text, nil
}

// noToken gives the lack of a token its reason: an address or a name of the endpoint that is
// not right has its own.
func noToken(err error) error {
	reason := fault.ReasonToken
	if is[*ForbiddenError](err) {
		reason = fault.ReasonForbidden
	}
	return fault.Because(reason, err)
}

// refuse gives up a token that the destination refused, and reports whether another one is
// worth a try.
func (b *bearer) refuse(token string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if token == b.refused { // by a request beside this one
		return true
	}
	if now.Sub(b.at) < renewalPause {
		return false
	}
	b.refused, b.at = token, now
	b.cache.Drop(token)
	return true
}

// sendAuthorized sends a request with the destination's access token, if it has any, and once
// more with a new token when the destination refuses the first.
func (d *endpoint) sendAuthorized(req *http.Request) (res *http.Response, err error) {
	defer func() { d.certificates.observe(res, err) }()
	if d.bearer == nil {
		return d.client.Do(req)
	}
	token, err := d.bearer.authorize(req)
	if err != nil {
		return nil, err
	}
	res, err = d.client.Do(req)
	if err != nil || res.StatusCode != http.StatusUnauthorized || !d.bearer.refuse(token, time.Now()) {
		return res, err
	}
	readBody(res)
	again := req.Clone(req.Context())
	if again.Body, err = req.GetBody(); err != nil {
		return nil, fmt.Errorf("send the request again: %w", err)
	}
	if _, err := d.bearer.authorize(again); err != nil {
		return nil, err
	}
	return d.client.Do(again)
}
