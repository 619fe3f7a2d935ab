package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// sessionTime is how long somebody stays signed in.
const sessionTime = 12 * time.Hour

// The cookies. Under TLS the session's has the prefix that makes browsers refuse it from
// anywhere else (https://www.rfc-editor.org/rfc/rfc6265bis, section 4.1.3).
const (
	sessionCookie       = "penstock-session"
	secureSessionCookie = "__Secure-penstock-session"
	noticeCookie        = "penstock-notice"
	themeCookie         = "penstock-theme"
)

// Tokens are what people sign in with.
type Tokens interface {
	// Open reports whether everybody may do everything.
	Open() bool
	// Any reports whether there is a token at all.
	Any() bool
	// Holder returns who a token belongs to.
	Holder(secret string) (api.Holder, bool)
	// HolderOf returns who the token with a hash belongs to, as long as it is valid.
	HolderOf(hash string) (api.Holder, bool)
}

// visitor is who asks for a page.
type visitor struct {
	Name  string
	Write bool
	Open  bool // nobody has to sign in
}

// errNobody says that a request belongs to no session.
var errNobody = errors.New("console: nobody has signed in")

// visitorOf returns who the request's session belongs to. It fails with errNobody.
func (c *Console) visitorOf(r *http.Request) (*visitor, error) {
	if c.Tokens.Open() {
		return &visitor{Name: "anonymous", Write: true, Open: true}, nil
	}
	hash, ok := c.shown(r)
	if !ok {
		return nil, errNobody
	}
	session, err := c.Sessions.Session(r.Context(), hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNobody
	}
	if err != nil {
		return nil, err
	}
	if session.Token == "" {
		if c.identity == nil {
			return nil, errNobody // OpenID Connect was turned off since
		}
		return &visitor{Name: session.Name, Write: session.Write}, nil
	}
	holder, ok := c.Tokens.HolderOf(session.Token)
	if !ok || !holder.Allows(api.ScopeRead) {
		return nil, errNobody
	}
	return &visitor{Name: holder.Name, Write: holder.Allows(api.ScopeWrite)}, nil
}

func (c *Console) cookieName(r *http.Request) string {
	if c.secure(r) {
		return secureSessionCookie
	}
	return sessionCookie
}

// shown returns the hash of the secret that the browser shows.
func (c *Console) shown(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(c.cookieName(r))
	if err != nil || cookie.Value == "" {
		return "", false
	}
	return hashOf(cookie.Value), true
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// begin gives the browser a new session.
func (c *Console) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, n store.Session) error {
	secret := rand.Text() + rand.Text()
	n.Hash, n.Expires = hashOf(secret), c.now().Add(sessionTime)
	if err := c.Sessions.AddSession(ctx, n); err != nil {
		return err
	}
	http.SetCookie(w, c.cookie(r, c.cookieName(r), secret, int(sessionTime/time.Second)))
	return nil
}

// end takes the session away, from the store and from the browser.
func (c *Console) end(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, c.cookie(r, c.cookieName(r), "", -1))
	if hash, ok := c.shown(r); ok {
		return c.Sessions.EndSession(r.Context(), hash)
	}
	return nil
}

// cookie makes one that scripts do not see and other sites cannot make use of.
func (c *Console) cookie(r *http.Request, name, value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure follows the connection: a browser drops a secure cookie from plain HTTP
		Name: name, Value: value, Path: Base, MaxAge: seconds, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: c.secure(r),
	}
}
