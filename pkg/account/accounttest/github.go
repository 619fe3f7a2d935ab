package accounttest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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

// GitHub is a repository with one webhook, as the REST API of GitHub shows it. It never tries
// a delivery again by itself.
type GitHub struct {
	base

	Secret   string // that signs deliveries
	ReadOnly bool   // the token may not ask for redeliveries
	Active   bool   // the webhook

	attempts []*gitAttempt // the oldest first
}

// gitAttempt is an attempt as the API lists it. https://docs.github.com/en/rest/repos/webhooks
type gitAttempt struct {
	ID          int64     `json:"id"`
	GUID        string    `json:"guid"`
	DeliveredAt time.Time `json:"delivered_at"`
	Redelivery  bool      `json:"redelivery"`
	Duration    float64   `json:"duration"`
	Status      string    `json:"status"`
	StatusCode  int       `json:"status_code"`
	Event       string    `json:"event"`
	Action      *string   `json:"action"`
	App         *int64    `json:"installation_id"`
	Repository  int64     `json:"repository_id"`

	payload string
	visible time.Time
}

// firstAttempt is the number of the first attempt.
const firstAttempt = 1000

// NewGitHub makes a repository acme/shop whose webhook has the number 1.
func NewGitHub(o Options) *GitHub {
	return &GitHub{base: newBase(o, limits{status: http.StatusForbidden, fields: "X-RateLimit-"}), Secret: "secret", Active: true}
}

// Happen makes an event of a type, such as push, with its first attempt, and returns its id.
func (g *GitHub) Happen(typ string) string {
	id := uuid.NewString()
	g.mu.Lock()
	payload := fmt.Sprintf(`{"ref":"refs/heads/main","n":%d}`, len(g.attempts))
	g.mu.Unlock()
	g.attempt(id, typ, payload, false)
	return id
}

// attempt delivers, and notes how that ended.
func (g *GitHub) attempt(id, typ, payload string, again bool) {
	g.mu.Lock()
	a := &gitAttempt{
		ID: int64(firstAttempt + len(g.attempts)), GUID: id, Repository: 7, DeliveredAt: g.Now().UTC(), Redelivery: again,
		Event: typ, payload: payload, visible: g.Now().Add(g.Late),
	}
	g.attempts = append(g.attempts, a)
	g.mu.Unlock()
	status := g.Deliver(Delivery{ID: id, Header: g.header(id, typ, payload), Body: []byte(payload)})
	g.mu.Lock()
	defer g.mu.Unlock()
	a.StatusCode, a.Status = status, "OK"
	if status < 200 || status > 299 {
		a.Status = "failed"
	}
}

func (g *GitHub) header(id, typ, payload string) http.Header {
	mac := hmac.New(sha256.New, []byte(g.Secret))
	mac.Write([]byte(payload))
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/0000000")
	h.Set("X-Github-Delivery", id)
	h.Set("X-Github-Event", typ)
	h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return h
}

// ServeHTTP answers as the API.
func (g *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	ok := g.enter(w, r)
	g.mu.Unlock()
	path, under := strings.CutPrefix(r.URL.Path, "/repos/acme/shop/hooks/1")
	switch {
	case !ok:
	case !under:
		w.WriteHeader(http.StatusNotFound)
	case path == "":
		g.serveHook(w)
	case path == "/deliveries":
		g.serveList(w, r)
	default:
		g.serveOne(w, r, strings.TrimPrefix(path, "/deliveries/"))
	}
}

func (g *GitHub) serveHook(w http.ResponseWriter) {
	const at = "https://api.github.com/repos/acme/shop/hooks/1"
	answerJSON(w, map[string]any{
		"type": "Repository", "id": 1, "name": "web", "active": g.Active, "events": []string{"*"},
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "url": at, "test_url": at + "/test", "ping_url": at + "/pings",
		"config":        map[string]string{"url": "https://hooks.example/in/github", "content_type": "json", "insecure_ssl": "0", "secret": "********"},
		"last_response": map[string]any{"code": nil, "status": "unused", "message": nil},
	})
}

// serveList answers a page with the newest attempt first. The cursor is the number of an
// attempt, so that attempts that come meanwhile move nothing.
func (g *GitHub) serveList(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	most, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	if err != nil || most > 100 {
		most = 30
	}
	from := int64(1 << 62)
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		from, _ = strconv.ParseInt(strings.TrimPrefix(cursor, "v1_"), 10, 64)
	}
	page := []*gitAttempt{}
	for _, a := range slices.Backward(g.attempts) {
		if a.ID > from || g.Now().Before(a.visible) || a.Status == "" {
			continue
		}
		if len(page) == most {
			next := *r.URL
			next.RawQuery = url.Values{"per_page": {strconv.Itoa(most)}, "cursor": {"v1_" + strconv.FormatInt(a.ID, 10)}}.Encode()
			w.Header().Set("Link", "<http://"+r.Host+next.String()+`>; rel="next"`)
			break
		}
		page = append(page, a)
	}
	answerJSON(w, page)
}

func (g *GitHub) serveOne(w http.ResponseWriter, r *http.Request, path string) {
	number, asks := strings.CutSuffix(path, "/attempts")
	g.mu.Lock()
	var found *gitAttempt
	if n, err := strconv.Atoi(number); err == nil && n >= firstAttempt && n < firstAttempt+len(g.attempts) {
		if a := g.attempts[n-firstAttempt]; g.Now().Sub(a.DeliveredAt) < 72*time.Hour {
			found = a
		}
	}
	g.mu.Unlock()
	switch {
	case found == nil, asks && g.ReadOnly:
		w.WriteHeader(http.StatusNotFound)
	case asks && r.Method == http.MethodPost:
		g.attempt(found.GUID, found.Event, found.payload, true)
		w.WriteHeader(http.StatusAccepted)
		answerJSON(w, struct{}{})
	default:
		headers := map[string]string{}
		for name, values := range g.header(found.GUID, found.Event, found.payload) {
			headers[name] = values[0]
		}
		answerJSON(w, struct {
			*gitAttempt

			Request  map[string]any `json:"request"`
			Response map[string]any `json:"response"`
		}{
			found,
			map[string]any{"headers": headers, "payload": json.RawMessage(found.payload)},
			map[string]any{"headers": map[string]string{}, "payload": ""},
		})
	}
}

func answerJSON(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text)
}
