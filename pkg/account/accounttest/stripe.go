package accounttest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stripe is an account with one endpoint, as the API of Stripe shows it. What was not
// delivered is tried again when the test calls Retry.
type Stripe struct {
	base

	Secret  string // that signs deliveries
	Enabled bool   // the endpoint

	events []*stripeEvent // the oldest first
}

type stripeEvent struct {
	id        string
	typ       string
	created   time.Time
	delivered bool
}

// NewStripe makes an account whose endpoint is we_1.
func NewStripe(o Options) *Stripe {
	return &Stripe{base: newBase(o, limits{status: http.StatusTooManyRequests}), Secret: "whsec_secret", Enabled: true}
}

// Happen makes an event of a type with its first attempt, and returns its id.
func (s *Stripe) Happen(typ string) string {
	s.mu.Lock()
	e := &stripeEvent{id: fmt.Sprintf("evt_%06d", len(s.events)), typ: typ, created: s.Now().UTC()}
	s.events = append(s.events, e)
	s.mu.Unlock()
	s.try(e)
	return e.id
}

// Retry tries again what was not delivered.
func (s *Stripe) Retry() {
	s.mu.Lock()
	all := slices.Clone(s.events)
	s.mu.Unlock()
	for _, e := range all {
		s.mu.Lock()
		delivered := e.delivered
		s.mu.Unlock()
		if !delivered {
			s.try(e)
		}
	}
}

func (s *Stripe) try(e *stripeEvent) {
	body, err := json.MarshalIndent(e.object(), "", "  ")
	if err != nil {
		panic(err)
	}
	at := strconv.FormatInt(s.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte(at + "." + string(body)))
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil)))
	status := s.Deliver(Delivery{ID: e.id, Header: h, Body: body})
	s.mu.Lock()
	defer s.mu.Unlock()
	e.delivered = status >= 200 && status <= 299
}

// object is the event as the API has it. https://docs.stripe.com/api/events/object
func (e *stripeEvent) object() map[string]any {
	return map[string]any{
		"id": e.id, "object": "event", "type": e.typ, "created": e.created.Unix(), "livemode": true,
		"data": map[string]any{"object": map[string]any{"id": "ch_" + e.id, "object": "charge"}},
	}
}

// ServeHTTP answers as the API.
func (s *Stripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.enter(w, r):
	case r.URL.Path == "/v1/webhook_endpoints/we_1":
		status := map[bool]string{true: "enabled", false: "disabled"}[s.Enabled]
		answerJSON(w, map[string]any{"id": "we_1", "url": "https://hooks.example/in/stripe", "status": status, "enabled_events": []string{"*"}})
	case r.URL.Path == "/v1/events":
		s.serveList(w, r)
	default:
		id := strings.TrimPrefix(r.URL.Path, "/v1/events/")
		for _, e := range s.events {
			if e.id == id && s.Now().Sub(e.created) < 30*24*time.Hour {
				answerJSON(w, e.object())
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
	}
}

// serveList answers a page of the list, with the newest event first.
func (s *Stripe) serveList(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	most, err := strconv.Atoi(q.Get("limit"))
	if err != nil || most < 1 || most > 100 {
		most = 10
	}
	bound := func(name string, otherwise int64) int64 {
		if n, err := strconv.ParseInt(q.Get("created["+name+"]"), 10, 64); err == nil {
			return n
		}
		return otherwise
	}
	least, before := bound("gte", 0), bound("lt", 1<<62)
	after, seen := q.Get("starting_after"), q.Get("starting_after") == ""
	page, more := []any{}, false
	for _, e := range slices.Backward(s.events) {
		listed := e.created.Unix() >= least && e.created.Unix() < before && (q.Get("delivery_success") != "false" || !e.delivered)
		switch {
		case !seen:
			seen = e.id == after
		case !listed, s.Now().Before(e.created.Add(s.Late)):
		case len(page) == most:
			more = true
		default:
			page = append(page, e.object())
		}
	}
	answerJSON(w, map[string]any{"object": "list", "url": "/v1/events", "has_more": more, "data": page})
}
