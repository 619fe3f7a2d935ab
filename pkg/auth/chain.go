package auth

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Options are what methods need from their surroundings. The zero value works.
type Options struct {
	KeySets *KeySets         // fetched key sets, shared between chains and kept over reloads; nil: an own one
	Now     func() time.Time // the clock; nil: time.Now
}

// Match is one method that a request satisfied.
type Match struct {
	Method string // as the configuration names it, such as "apiKey"
	Name   string // of the key, token or user; the subject of a JWT; the matching name of a certificate
}

// Identity is who sent a request. It holds names only and is safe to log.
type Identity struct {
	Matches []Match // one for each method of the chain, in its order
}

// String returns the matches in the form "apiKey:acme,mtls:hooks.example.com".
func (i Identity) String() string {
	texts := make([]string, len(i.Matches))
	for n, m := range i.Matches {
		texts[n] = m.Method + ":" + m.Name
	}
	return strings.Join(texts, ",")
}

// method is a compiled Method.
type method interface {
	// check returns the name of what matched.
	check(ctx context.Context, r *http.Request) (name string, reason Reason)
}

type link struct {
	kind string
	method
}

// Chain checks requests against all methods of a list. It is safe for
// concurrent use.
type Chain struct {
	links []link
}

// New compiles methods. It fails for the problems that Validate reports, and
// for nothing else: key sets are fetched in the background, until ctx is done,
// and while one was never fetched its tokens are refused. An empty list makes
// a chain that accepts every request.
func New(ctx context.Context, methods []Method, o Options) (*Chain, error) {
	if err := Validate(methods); err != nil {
		return nil, err
	}
	if o.KeySets == nil {
		o.KeySets = NewKeySets(ctx, KeySetOptions{Now: o.Now})
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Chain{}
	for _, m := range methods {
		c.links = append(c.links, compile(m, o)) //nolint:contextcheck // see KeySets.ctx
	}
	return c, nil
}

func compile(m Method, o Options) link {
	switch {
	case m.APIKey != nil:
		return link{kindAPIKey, newAPIKey(m.APIKey)}
	case m.Bearer != nil:
		return link{kindBearer, newBearer(m.Bearer)}
	case m.Basic != nil:
		return link{kindBasic, newBasic(m.Basic)}
	case m.BearerJWT != nil:
		return link{kindJWT, newJWT(m.BearerJWT, o)}
	default:
		return link{kindMTLS, newMTLS(m.MTLS)}
	}
}

// Authenticate checks the request's headers, query and TLS state against every
// method. It reads no body. The error is an *Error. It can wait for a key set
// to be fetched, for a few seconds at most and no longer than ctx.
func (c *Chain) Authenticate(ctx context.Context, r *http.Request) (Identity, error) {
	var id Identity
	for _, l := range c.links {
		name, reason := l.check(ctx, r)
		if reason != ReasonNone {
			return Identity{}, &Error{Method: l.kind, Reason: reason}
		}
		id.Matches = append(id.Matches, Match{Method: l.kind, Name: name})
	}
	return id, nil
}
