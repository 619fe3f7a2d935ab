package accounttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// How often an event may be resent, and how far back attempts are listed.
const (
	mostResends = 5
	labWindow   = 7 * 24 * time.Hour
)

// GitLab is a project acme/shop with one webhook, as the REST API of GitLab shows it. It never
// tries a delivery again by itself, and lists an attempt when it is over. Set the fields before
// it is used.
type GitLab struct {
	base

	Secret   string // that it sends with deliveries
	ReadOnly bool   // the token may not resend
	Disables int    // after how many failures in a row the webhook is disabled; 0: never
	TooLarge int    // the size of a body of which no attempt is kept; 0: any is

	attempts []*labAttempt // the oldest first
	resends  []time.Time   // of the last minute
	failures int           // in a row
}

// labAttempt is an attempt. https://docs.gitlab.com/api/project_webhooks/
type labAttempt struct {
	id      int
	key     string
	typ     string
	data    json.RawMessage
	status  string
	created time.Time
}

// NewGitLab makes a project whose webhook has the number 1.
func NewGitLab(o Options) *GitLab {
	return &GitLab{base: newBase(o, limits{status: http.StatusTooManyRequests, fields: "RateLimit-", after: true}), Secret: "secret"}
}

// Happen makes an event of a type, such as Push Hook, with its attempt, and returns its id.
func (g *GitLab) Happen(typ string) string {
	id := uuid.NewString()
	g.mu.Lock()
	body := fmt.Sprintf(`{"object_kind":"push","event_name":%q,"user_email":"ada@example.com","n":%d}`, typ, len(g.attempts))
	g.mu.Unlock()
	g.attempt(id, typ, []byte(body))
	return id
}

// attempt delivers, notes how that ended, and returns the answer's status; 0: there was none.
func (g *GitLab) attempt(id, typ string, body []byte) int {
	if g.disabled() {
		return 0
	}
	status := g.Deliver(Delivery{ID: id, Header: g.header(id, typ, g.Secret), Body: body})
	g.mu.Lock()
	defer g.mu.Unlock()
	a := &labAttempt{id: len(g.attempts) + 1, key: id, typ: typ, status: "internal error", created: g.Now().UTC()}
	a.data = bytes.ReplaceAll(body, []byte("ada@example.com"), []byte("[REDACTED]"))
	if g.TooLarge > 0 && len(body) >= g.TooLarge {
		a.data = json.RawMessage(`{"oversize": true}`)
	}
	if status != 0 {
		a.status = strconv.Itoa(status)
	}
	if g.failures++; status >= 200 && status <= 299 {
		g.failures = 0
	}
	g.attempts = append(g.attempts, a)
	return status
}

func (g *GitLab) disabled() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Disables > 0 && g.failures >= g.Disables
}

func (g *GitLab) header(id, typ, token string) http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "GitLab/18.5.0", "Idempotency-Key": id, "X-Gitlab-Event": typ,
		"X-Gitlab-Instance": "https://gitlab.example", "X-Gitlab-Token": token,
	} {
		h.Set(name, value)
	}
	return h
}

// ServeHTTP answers as the API.
func (g *GitLab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	ok := g.enter(w, r)
	g.mu.Unlock()
	whole := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4") // is there at GitLab itself
	path, under := strings.CutPrefix(whole, "/projects/acme%2Fshop/hooks/1")
	switch {
	case !ok:
	case whole == "/personal_access_tokens/self":
		scope := map[bool]string{false: "api", true: "read_api"}[g.ReadOnly]
		answerJSON(w, map[string]any{"id": 7, "name": "penstock", "active": true, "scopes": []string{scope}, "expires_at": "2031-01-31"})
	case !under:
		w.WriteHeader(http.StatusNotFound)
	case path == "":
		g.serveHook(w)
	case path == "/events":
		g.serveList(w, r)
	default:
		g.serveResend(w, strings.TrimSuffix(strings.TrimPrefix(path, "/events/"), "/resend"))
	}
}

func (g *GitLab) serveHook(w http.ResponseWriter) {
	status := map[bool]string{false: "executable", true: "temporarily_disabled"}[g.disabled()]
	answerJSON(w, map[string]any{
		"id": 1, "url": "https://hooks.example/in/gitlab", "project_id": 3, "push_events": true, "issues_events": true, "job_events": false,
		"enable_ssl_verification": true, "alert_status": status, "disabled_until": nil, "created_at": "2026-01-01T00:00:00.000Z",
	})
}

// serveList answers a page with the newest attempt first. Pages are counted from the newest on:
// what is sent meanwhile moves all others.
func (g *GitLab) serveList(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	page, most := number("page", 1), number("per_page", 20)
	if most > 20 || page < 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var shown []*labAttempt
	for _, a := range slices.Backward(g.attempts) {
		if now := g.Now(); !now.Before(a.created.Add(g.Late)) && now.Sub(a.created) < labWindow {
			shown = append(shown, a)
		}
	}
	from, to := min((page-1)*most, len(shown)), min(page*most, len(shown))
	w.Header().Set("X-Page", strconv.Itoa(page))
	w.Header().Set("X-Per-Page", strconv.Itoa(most))
	w.Header().Set("X-Next-Page", "")
	if to < len(shown) {
		next := url.Values{"page": {strconv.Itoa(page + 1)}, "per_page": {strconv.Itoa(most)}}
		w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		w.Header().Set("Link", "<http://"+r.Host+r.URL.EscapedPath()+"?"+next.Encode()+`>; rel="next"`)
	}
	list := []map[string]any{}
	for _, a := range shown[from:to] {
		list = append(list, g.object(a))
	}
	answerJSON(w, list)
}

func (g *GitLab) object(a *labAttempt) map[string]any {
	headers := map[string]string{}
	for name, values := range g.header(a.key, a.typ, "[REDACTED]") {
		headers[name] = values[0]
	}
	return map[string]any{
		"id": a.id, "url": "https://hooks.example/in/gitlab", "trigger": "push_hooks", "request_headers": headers, "request_data": a.data,
		"response_headers": map[string]string{}, "response_body": "", "execution_duration": 0.2, "response_status": a.status,
		"created_at": a.created.Format("2006-01-02T15:04:05.000Z07:00"),
	}
}

// serveResend sends an attempt again as it was kept.
func (g *GitLab) serveResend(w http.ResponseWriter, number string) {
	g.mu.Lock()
	now := g.Now()
	g.resends = slices.DeleteFunc(g.resends, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	limited := len(g.resends) >= mostResends
	var found *labAttempt
	if n, err := strconv.Atoi(number); err == nil && n > 0 && n <= len(g.attempts) && now.Sub(g.attempts[n-1].created) < labWindow {
		found = g.attempts[n-1]
	}
	if !limited {
		g.resends = append(g.resends, now)
	}
	g.mu.Unlock()
	switch {
	case g.ReadOnly:
		w.WriteHeader(http.StatusForbidden)
	case limited:
		w.WriteHeader(http.StatusTooManyRequests)
	case found == nil:
		w.WriteHeader(http.StatusNotFound)
	default:
		status := g.attempt(found.key, found.typ, found.data)
		if status == 0 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		w.WriteHeader(http.StatusCreated)
		answerJSON(w, map[string]int{"response_status": status})
	}
}
