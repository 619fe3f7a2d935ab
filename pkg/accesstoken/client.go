package accesstoken

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/penstock/penstock/pkg/pemfile"
)

// askTime bounds one request to a token endpoint.
const askTime = 10 * time.Second

// Client gets tokens from a token endpoint, with the client-credentials grant (RFC 6749,
// section 4.4).
type Client struct {
	URL    string
	ID     string
	Secret func(ctx context.Context) (string, error) // called for each token, so that a file can be replaced
	Scope  string                                    // separated by spaces; empty: what the endpoint gives
	CAFile string                                    // authorities of the endpoint's certificate, in PEM; empty: the system's
	Params url.Values                                // further parameters of the request, such as an audience
	// Transport is what asks; nil: a connection of its own, through the proxy of the environment. It
	// replaces CAFile.
	Transport http.RoundTripper
}

// Token asks for a token. It takes a few seconds at most.
func (c *Client) Token(ctx context.Context) (Token, error) {
	secret, err := c.Secret(ctx)
	if err != nil {
		return Token{}, fmt.Errorf("read the client's secret: %w", err)
	}
	transport, err := c.transport()
	if err != nil {
		return Token{}, err
	}
	client := &http.Client{Transport: transport, Timeout: askTime, CheckRedirect: stayHere}
	defer client.CloseIdleConnections()
	asked := clientcredentials.Config{ClientID: c.ID, ClientSecret: secret, TokenURL: c.URL, Scopes: strings.Fields(c.Scope), EndpointParams: c.Params}
	obtained := time.Now()
	t, err := asked.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return Token{}, fmt.Errorf("get an access token from %s: %w", c.host(), readable(err))
	}
	return Token{Text: t.AccessToken, Obtained: obtained, Expires: t.Expiry}, nil
}

// stayHere follows no redirect: the secret is for the configured endpoint alone.
func stayHere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (c *Client) transport() (http.RoundTripper, error) {
	if c.Transport != nil {
		return c.Transport, nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		roots, err := pemfile.Pool(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("authorities of the token endpoint: %w", err)
		}
		settings.RootCAs = roots
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: settings}, nil
}

func (c *Client) host() string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "the token endpoint"
	}
	return u.Host
}

// codes are the errors of RFC 6749 and those of endpoints that want an audience. An endpoint's
// other words are not repeated.
var codes = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"invalid_target", "access_denied",
}

// readable takes out of an error what may hold a secret, and adds what to do.
func readable(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		text := "it answers"
		if refused.Response != nil {
			text += " " + refused.Response.Status
		}
		if slices.Contains(codes, refused.ErrorCode) {
			text += ", " + refused.ErrorCode
		}
		return errors.New(text + "; look at the client's id, secret, scope and audience")
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return errors.New("its answer is no token")
}
