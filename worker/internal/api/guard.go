package api

import (
	"os"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

// lookEvery is how often a guard looks whether its file has changed.
const lookEvery = 2 * time.Second

// Guard lets requests pass that carry a token. It is safe for concurrent use.
type Guard struct {
	path string
	open bool
	log  *zap.Logger

	mu     sync.Mutex
	tokens tokens
	looked time.Time
	seen   os.FileInfo // of what was read last; nil when it was not there
}

// NewGuard reads the tokens file; an empty path means that there are no tokens. With
// open, everybody may do everything. It fails when the file is not valid.
func NewGuard(path string, open bool, log *zap.Logger) (*Guard, error) {
	g := &Guard{path: path, open: open, log: log, looked: time.Now()}
	if path == "" {
		return g, nil
	}
	g.seen, _ = os.Stat(path) // what goes wrong with it, reading tells
	all, err := readTokens(path)
	if err != nil {
		return nil, err
	}
	g.tokens = all
	return g, nil
}

// current returns the tokens, and reads the file again when it has changed. A file that
// became invalid is logged, and the old tokens stay.
func (g *Guard) current() tokens {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.path == "" || time.Since(g.looked) < lookEvery {
		return g.tokens
	}
	g.looked = time.Now()
	info, _ := os.Stat(g.path)
	if same(info, g.seen) {
		return g.tokens
	}
	g.seen = info
	all, err := readTokens(g.path)
	if err != nil {
		g.log.Error("keeping the old tokens", zap.Error(err))
		return g.tokens
	}
	g.log.Info("read the tokens file", zap.Int("tokens", len(all)))
	g.tokens = all
	return all
}

func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// admit is the middleware that lets only requests pass whose token allows what they want,
// and notes who asks.
func (g *Guard) admit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if g.open {
			c.Set(asker, Holder{Name: anonymous, Scopes: scopes})
			return next(c)
		}
		secret, given := bearer(c.Request().Header.Get(echo.HeaderAuthorization))
		holder, known := g.Holder(secret)
		switch {
		case !given || !known:
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="penstock"`)
			return errUnauthorized
		case !holder.Allows(scopeOf(c.Request())):
			return errForbidden
		}
		c.Set(asker, holder)
		return next(c)
	}
}

// bearer returns the token of an Authorization header (RFC 6750).
func bearer(header string) (string, bool) {
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	return secret, strings.EqualFold(scheme, "bearer") && secret != ""
}
