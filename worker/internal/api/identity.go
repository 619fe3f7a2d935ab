package api

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// anonymous is who asks where the API is open.
const anonymous = "anonymous"

// asker is where a request keeps who asks.
const asker = "penstock.asker"

// by returns the name of the token that a request came with.
func by(c echo.Context) string { return holderOf(c).Name }

func holderOf(c echo.Context) Holder {
	h, _ := c.Get(asker).(Holder)
	return h
}

// scopeOf is what a request needs: to change something takes more, and so do all payloads.
func scopeOf(r *http.Request) Scope {
	if r.URL.Path == relayPath {
		return ScopeRelay
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ScopeRead
	}
	return ScopeWrite
}

// GetMe answers GET /me.
func (s *Server) GetMe(c echo.Context) error {
	h := holderOf(c)
	me := Me{Name: h.Name, Scopes: make([]TokenScope, len(h.Scopes))}
	for i, scope := range h.Scopes {
		me.Scopes[i] = TokenScope(scope)
	}
	return c.JSON(http.StatusOK, me)
}
