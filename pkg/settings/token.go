package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/penstock/penstock/pkg/accesstoken"
	"github.com/penstock/penstock/pkg/amqpx"
)

// usesTokens reports whether access tokens are the passwords at the broker.
func (a *AMQP) usesTokens() bool { return a.AMQPTokenURL != "" || a.AMQPTokenFile != "" }

func (a *AMQP) validateTokens() error {
	var errs []error
	if a.AMQPTokenURL != "" && a.AMQPTokenFile != "" {
		errs = append(errs, errors.New("PENSTOCK_AMQP_TOKEN_URL and PENSTOCK_AMQP_TOKEN_FILE: set one of them"))
	}
	if a.usesTokens() && a.AMQPPassword != "" {
		errs = append(errs, errors.New("PENSTOCK_AMQP_PASSWORD: the access token takes its place; take one of them out"))
	}
	given := []bool{a.AMQPTokenURL != "", a.AMQPClientID != "", a.AMQPClientKey != ""}
	if slices.Contains(given, true) && slices.Contains(given, false) && !a.withoutSecrets {
		errs = append(errs, errors.New("PENSTOCK_AMQP_TOKEN_URL, PENSTOCK_AMQP_CLIENT_ID and PENSTOCK_AMQP_CLIENT_SECRET: set all of them or none"))
	}
	return errors.Join(append(errs, tokenURL(a.AMQPTokenURL))...)
}

// tokenURL wants TLS, because the secret travels to the endpoint, unless it is on this
// machine.
func tokenURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return errors.New("PENSTOCK_AMQP_TOKEN_URL: it is not https://host/path, without a user")
	}
	here := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return errors.New("PENSTOCK_AMQP_TOKEN_URL: it needs https, because the client's secret travels there")
	}
	return nil
}

// tokenUser is the user name beside a token, which RabbitMQ does not look at.
const tokenUser = "penstock"

// tokenLogin returns what reads the next login: where the broker is, and a token.
func (a *AMQP) tokenLogin() func(context.Context) (amqpx.Login, error) {
	urls := Reread(func(a *AMQP) []string { return a.AMQPURLs }, "AMQP_URLS")
	tokens := a.tokens()
	return func(ctx context.Context) (amqpx.Login, error) {
		login := amqpx.Login{URLs: a.AMQPURLs, Username: cmp.Or(a.AMQPUsername, a.AMQPClientID, tokenUser), Token: true}
		if urls != nil {
			var err error
			if login.URLs, err = urls(ctx); err != nil {
				return login, err
			}
		}
		token, err := tokens.Token(ctx)
		if err != nil {
			err = fmt.Errorf("log in with an access token: %w", err)
		}
		login.Password, login.Renew, login.Stale = token.Text, token.Renew(), err
		if cache, ok := tokens.(*accesstoken.Cache); ok {
			login.Drop = func() { cache.Drop(token.Text) }
		}
		if token.Text == "" {
			return login, err
		}
		return login, nil
	}
}

// tokens returns where tokens come from. A file is read each time: it may be put right.
func (a *AMQP) tokens() accesstoken.Source {
	if a.AMQPTokenFile != "" {
		return accesstoken.File{Path: a.AMQPTokenFile}
	}
	secret := Reread(func(a *AMQP) string { return a.AMQPClientKey }, "AMQP_CLIENT_SECRET")
	if secret == nil {
		secret = func(context.Context) (string, error) { return a.AMQPClientKey, nil }
	}
	return caches.of(strings.Join([]string{a.AMQPTokenURL, a.AMQPClientID, a.AMQPTokenScope, a.AMQPTokenFor}, "\n"), &accesstoken.Client{
		URL: a.AMQPTokenURL, ID: a.AMQPClientID, Secret: secret, Scope: a.AMQPTokenScope, Params: a.tokenParams(), CAFile: a.AMQPTokenCAFile,
	})
}

// caches are those of this process: all its connections share a token.
var caches sharedCaches

// sharedCaches keep one cache for each place that tokens come from.
type sharedCaches struct {
	mu  sync.Mutex
	all map[string]*accesstoken.Cache
}

func (c *sharedCaches) of(place string, s accesstoken.Source) *accesstoken.Cache {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[place] == nil {
		if c.all == nil {
			c.all = map[string]*accesstoken.Cache{}
		}
		c.all[place] = accesstoken.NewCache(s)
	}
	return c.all[place]
}

// tokenParams are the parameters of a request for a token that the standard does not know.
func (a *AMQP) tokenParams() url.Values {
	if a.AMQPTokenFor == "" {
		return nil
	}
	return url.Values{"audience": {a.AMQPTokenFor}}
}
