package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/store"
)

// signInPage is what the page asks.
type signInPage struct {
	Next   string
	Wrong  string // why it was refused
	Tokens bool   // whether there is any to sign in with
	OIDC   string // what the identity provider is called; empty without
}

// showSignIn answers GET /sign-in.
func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := back(r.URL.Query().Get("next"))
	_, err := c.visitorOf(r)
	switch {
	case err == nil:
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // back let it through
		return nil
	case errors.Is(err, errNobody):
		return c.askToSignIn(w, r, next, "", http.StatusOK)
	default:
		return err
	}
}

func (c *Console) askToSignIn(w http.ResponseWriter, r *http.Request, next, wrong string, status int) error {
	data := signInPage{Next: next, Wrong: wrong, Tokens: c.Tokens.Any()}
	if c.identity != nil {
		data.OIDC = c.OIDC.Name
	}
	return c.render(w, r, nil, rendering{page: "sign-in", title: "Sign in", status: status, data: data})
}

// signIn answers POST /sign-in.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) error {
	next := back(r.PostFormValue("next"))
	if !c.guesses.allowed(r.RemoteAddr, c.now()) {
		w.Header().Set("Retry-After", strconv.Itoa(int(guessPause/time.Second)))
		return c.askToSignIn(w, r, next, "Too many wrong tokens came from your address. Wait for half a minute.", http.StatusTooManyRequests)
	}
	holder, ok := c.Tokens.Holder(r.PostFormValue("token"))
	switch {
	case !ok:
		c.guesses.failed(r.RemoteAddr, c.now())
		return c.askToSignIn(w, r, next, "The tokens file does not name this token.", http.StatusUnauthorized)
	case !holder.Allows(api.ScopeRead):
		return c.askToSignIn(w, r, next, "The token is valid, but it has not the scope read.", http.StatusForbidden)
	}
	if err := c.begin(r.Context(), w, r, store.Session{Name: holder.Name, Token: holder.Hash}); err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // back let it through
	return nil
}

// signOut answers POST /sign-out.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := c.end(w, r); err != nil {
		return err
	}
	c.leave(w, r, Base+"/sign-in", "signed-out")
	return nil
}

// sendToSignIn leads to the sign-in, and from there to where the visitor wanted to go.
func (c *Console) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	to := Base + "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != Base+"/" {
		to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// cameFromElsewhere reports whether somebody followed a link from another site, for
// instance from a chat. A browser then keeps the session's cookie back.
func cameFromElsewhere(r *http.Request) bool {
	h := r.Header
	return r.Method == http.MethodGet && h.Get("Sec-Fetch-Site") == "cross-site" && h.Get("Sec-Fetch-Mode") == "navigate"
}

// comeAgain answers with a page that leads to one of ours, so that the browser asks for
// that one as for a link of our own.
func (c *Console) comeAgain(w http.ResponseWriter, r *http.Request, to string) error {
	return c.render(w, r, nil, rendering{page: "continue", title: "Opening the console", data: back(to)})
}
