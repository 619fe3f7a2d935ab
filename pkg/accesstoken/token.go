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

// pause is how long a source that gave no token is left alone.
const pause = 2 * time.Second

// Cache keeps the last token of a source until it is time for the next one, so that all who
// need one share it. The source is asked once at a time, and the last token is good meanwhile.
// It is safe for concurrent use.
type Cache struct {
	source Source

	mu     sync.Mutex
	last   Token
	err    error         // of the last time that the source was asked
	again  time.Time     // when a source that failed may be asked again
	asking chan struct{} // closed when the source has answered; nil: it is not asked now
}

// NewCache makes a cache that asks the source when a token is wanted.
func NewCache(s Source) *Cache { return &Cache{source: s} }

// Token returns the last token, or waits for the first one, or for ctx. While the source gives
// none, it returns its error, together with the last token when that is still good.
func (c *Cache) Token(ctx context.Context) (Token, error) {
	t, asked, err := c.look(ctx)
	if asked == nil {
		return t, err
	}
	select {
	case <-asked:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.last, c.err
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
}

// look returns what there is now, or what to wait for when there is nothing.
func (c *Cache) look(ctx context.Context) (t Token, asked <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.last.fresh(now) {
		return c.last, nil, nil
	}
	if !now.Before(c.last.Expires) {
		c.last = Token{}
	}
	if c.asking == nil && !now.Before(c.again) {
		c.asking = make(chan struct{})
		go c.ask(context.WithoutCancel(ctx))
	}
	if c.last.Text != "" || c.asking == nil {
		return c.last, nil, c.err
	}
	return Token{}, c.asking, nil
}

// ask asks the source, which takes a few seconds at most.
func (c *Cache) ask(ctx context.Context) {
	t, err := c.source.Token(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err = err; err == nil {
		c.last = t
	} else {
		c.again = time.Now().Add(pause)
	}
	close(c.asking)
	c.asking = nil
}

// Drop makes the cache ask for another token, if its last one is this: it was refused.
func (c *Cache) Drop(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Text == text {
		c.last = Token{}
	}
}
