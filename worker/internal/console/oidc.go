package console

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"go.uber.org/zap"
	"golang.org/x/oauth2"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/penstock/penstock/worker/internal/store"
)

// callbackPath is where the identity provider sends people back to.
const callbackPath = Base + "/oidc/callback"

// flowCookie remembers a sign-in that is under way, for ten minutes. The provider's
// redirect must carry it, so it is SameSite=Lax; it lets nobody in.
const (
	flowCookie = "penstock-oidc"
	flowTime   = 600
)

// signingIn is what the cookie holds.
type signingIn struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Next     string `json:"next"`
}

var (
	errProvider = &failure{http.StatusBadGateway, "The identity provider does not answer", "Try again in a moment, or sign in with a token. The tracker's log says more."}
	errFlow     = &failure{http.StatusBadRequest, "This sign-in is not valid any more", "It took too long, or was begun in another browser. Begin again."}
	errStranger = &failure{http.StatusForbidden, "You are not on the list", "The identity provider knows you, but PENSTOCK_CONSOLE_OIDC_READERS does not name you. Ask who runs Penstock."}
)

// askIdentity answers GET /oidc: it sends the visitor to the identity provider.
func (c *Console) askIdentity(w http.ResponseWriter, r *http.Request) error {
	provider, err := c.identity.discover(r.Context())
	if err != nil {
		c.Log.Warn("nobody can sign in with OpenID Connect", zap.Error(err))
		return errProvider
	}
	s := signingIn{rand.Text(), rand.Text(), oauth2.GenerateVerifier(), back(r.URL.Query().Get("next"))}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	cookie := c.cookie(r, flowCookie, base64.RawURLEncoding.EncodeToString(text), flowTime) //nolint:gosec // see cookie
	cookie.SameSite = http.SameSiteLaxMode
	http.SetCookie(w, cookie)
	http.Redirect(w, r, c.identity.config(provider).AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)), http.StatusSeeOther)
	return nil
}

// takeIdentity answers GET /oidc/callback.
func (c *Console) takeIdentity(w http.ResponseWriter, r *http.Request) error {
	s, ok := c.flow(w, r)
	q := r.URL.Query()
	if !ok || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(s.State)) != 1 {
		return errFlow
	}
	if q.Get("code") == "" {
		return &failure{http.StatusForbidden, "The identity provider did not let you in", "Begin again, or sign in with a token."}
	}
	who, err := c.identity.exchange(r.Context(), q.Get("code"), s.Verifier, s.Nonce)
	if err != nil {
		c.Log.Warn("a sign-in with OpenID Connect failed", zap.Error(err))
		return errProvider
	}
	write := who.in(c.OIDC.Writers)
	if !write && !who.in(c.OIDC.Readers) {
		c.Log.Info("somebody who is not on the list tried to sign in", zap.String("name", who.Name()))
		return errStranger
	}
	if err := c.begin(r.Context(), w, r, store.Session{Name: who.Name(), Write: write}); err != nil {
		return err
	}
	return c.comeAgain(w, r, s.Next) // a redirect would come from the provider, without the cookie
}

// flow returns the sign-in that is under way in this browser, once.
func (c *Console) flow(w http.ResponseWriter, r *http.Request) (s signingIn, ok bool) {
	cookie, err := r.Cookie(flowCookie)
	if err != nil {
		return s, false
	}
	http.SetCookie(w, c.cookie(r, flowCookie, "", -1))
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	ok = err == nil && json.Unmarshal(text, &s) == nil && s.State != ""
	return s, ok
}
