package accesstoken

import (
	"context"
	"sync"
	"time"
)

// Token is an access token.
type Token struct {
	Text     string
	Obtained time.Time
	Expires  time.Time // zero: it does not say
}

// Renew returns when it is time for the next token: after two thirds of this one's life. It
// is zero for a token that does not end.
func (t Token) Renew() time.Time {
	if t.Expires.IsZero() {
		return time.Time{}
	}
	return t.Obtained.Add(t.Expires.Sub(t.Obtained) * 2 / 3)
}

// fresh reports whether it is not yet time for another one.
func (t Token) fresh(now time.Time) bool {
	return t.Text != "" && (t.Expires.IsZero() || now.Before(t.Renew()))
}

// Source gives tokens.
type Source interface {
	// Token returns a token that is valid now.
	Token(ctx context.Context) (Token, error)
}

// Cache keeps the last token of a source until it is time for the next one, so that the
// connections of a process share it. It is safe for concurrent use.
type Cache struct {
	source Source

	mu   sync.Mutex
	last Token
}

// NewCache makes a cache that asks the source when a token is wanted.
func NewCache(s Source) *Cache { return &Cache{source: s} }

// Token returns the last token, or asks for the next one. While the source gives none, it
// returns its error, together with the last token when that is still good.
func (c *Cache) Token(ctx context.Context) (Token, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.fresh(time.Now()) {
		return c.last, nil
	}
	t, err := c.source.Token(ctx)
	if err == nil {
		c.last = t
	}
	if time.Now().Before(c.last.Expires) {
		return c.last, err
	}
	return t, err
}

// Drop makes the cache ask for another token, if its last one is this: the broker refuses it.
func (c *Cache) Drop(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Text == text {
		c.last = Token{}
	}
}
