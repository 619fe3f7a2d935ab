package accounttest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// PayPal is an app with one webhook, WH1, as the API of PayPal shows it. Its access token is
// Options.Token, which it gives for the id "id" and the secret "secret".
type PayPal struct{ happenings }

// NewPayPal makes an app.
func NewPayPal(o Options) *PayPal {
	p := &PayPal{happenings{base: newBase(o, limits{status: http.StatusTooManyRequests}), prefix: "WH-", sign: plainHeader}}
	p.object = func(e *happening) map[string]any {
		return map[string]any{
			"id": e.id, "event_type": e.typ, "create_time": e.at.Format(time.RFC3339Nano), "resource_type": "sale", "resource": map[string]any{"id": strconv.Itoa(e.n)},
		}
	}
	return p
}

// ServeHTTP answers as the API. https://developer.paypal.com/docs/api/webhooks/v1
func (p *PayPal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const events = "/v1/notifications/webhooks-events"
	p.mu.Lock()
	ok := r.URL.Path == "/v1/oauth2/token" || p.enter(w, r)
	p.mu.Unlock()
	id, resends := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, events+"/"), "/resend")
	switch {
	case !ok:
	case r.URL.Path == "/v1/oauth2/token":
		p.serveToken(w, r)
	case r.URL.Path == "/v1/notifications/webhooks/WH1":
		answerJSON(w, map[string]any{"id": "WH1", "url": "https://hooks.example/in/paypal", "event_types": []any{map[string]string{"name": "*", "status": "ENABLED"}}})
	case r.URL.Path == events:
		p.serveList(w, r)
	default:
		p.serveOne(w, id, resends)
	}
}

func (p *PayPal) serveToken(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	switch {
	case p.broken != 0:
		w.WriteHeader(p.broken)
	case id != "id" || secret != "secret" || r.PostFormValue("grant_type") != "client_credentials" || p.token != p.Token:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		w.Header().Set("Content-Type", "application/json")
		answerJSON(w, map[string]any{"access_token": p.Token, "token_type": "Bearer", "expires_in": 32400})
	}
}

func (p *PayPal) serveList(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	most, err := strconv.Atoi(q.Get("page_size"))
	if err != nil || most < 1 || most > 300 {
		most = 10
	}
	below := len(p.events)
	if n, err := strconv.Atoi(q.Get("next_page_token")); err == nil {
		below = n
	}
	page, more := p.listed(below, most, within(q.Get("start_time"), q.Get("end_time")))
	events := []any{}
	for _, e := range page {
		events = append(events, p.object(e))
	}
	answer := map[string]any{"events": events, "count": len(events)}
	if more {
		next := url.Values{"page_size": q["page_size"], "start_time": q["start_time"], "end_time": q["end_time"], "next_page_token": {strconv.Itoa(page[len(page)-1].n)}}
		answer["links"] = []any{map[string]string{"rel": "next", "href": "https://api-m.paypal.com" + r.URL.Path + "?" + next.Encode()}}
	}
	answerJSON(w, answer)
}

func (p *PayPal) serveOne(w http.ResponseWriter, id string, resends bool) {
	p.mu.Lock()
	e := p.named(id, 30*24*time.Hour)
	pending := e != nil && !e.delivered && !p.givenUp(e)
	p.mu.Unlock()
	switch {
	case e == nil:
		w.WriteHeader(http.StatusNotFound)
	case resends:
		if !pending {
			p.try(e)
		}
		w.WriteHeader(http.StatusAccepted)
		answerJSON(w, p.object(e))
	default:
		answerJSON(w, p.object(e))
	}
}
