package accounttest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Paddle is a seller with one notification destination, ntfset_1, as the API of Paddle Billing
// shows it. It refuses to replay what it still tries by itself.
type Paddle struct{ happenings }

// NewPaddle makes a seller.
func NewPaddle(o Options) *Paddle {
	p := &Paddle{happenings{base: newBase(o, limits{status: http.StatusTooManyRequests, after: true}), prefix: "evt_", sign: plainHeader}}
	p.object = func(e *happening) map[string]any {
		return map[string]any{
			"event_id": e.id, "event_type": e.typ, "occurred_at": e.at.Format(time.RFC3339Nano), "notification_id": "ntf_" + strconv.Itoa(e.n),
			"data": map[string]any{"id": "txn_" + strconv.Itoa(e.n)},
		}
	}
	return p
}

// ServeHTTP answers as the API. https://developer.paddle.com/api-reference/notifications
func (p *Paddle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	ok := p.enter(w, r)
	p.mu.Unlock()
	id, replays := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/notifications/ntf_"), "/replay")
	switch {
	case !ok:
	case r.URL.Path == "/notification-settings/ntfset_1":
		answerJSON(w, map[string]any{"data": map[string]any{ //nolint:gosec // the secret is of a fake
			"id": "ntfset_1", "destination": "https://hooks.example/in/paddle", "active": true, "endpoint_secret_key": "pdl_ntfset_1_secret",
			"subscribed_events": []any{map[string]string{"name": "*"}},
		}})
	case r.URL.Path == "/notifications":
		p.serveList(w, r)
	default:
		p.serveOne(w, id, replays)
	}
}

func (p *Paddle) notification(e *happening) map[string]any {
	status := "needs_retry"
	switch {
	case e.delivered:
		status = "delivered"
	case p.givenUp(e):
		status = "failed"
	}
	return map[string]any{
		"id": "ntf_" + strconv.Itoa(e.n), "type": e.typ, "status": status, "origin": "event", "occurred_at": e.at.Format(time.RFC3339Nano),
		"payload": p.object(e), "notification_setting_id": "ntfset_1",
	}
}

func (p *Paddle) serveList(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	most, err := strconv.Atoi(q.Get("per_page"))
	if err != nil || most > 200 {
		most = 50
	}
	below := len(p.events)
	if after, err := strconv.Atoi(strings.TrimPrefix(q.Get("after"), "ntf_")); err == nil {
		below = after
	}
	page, more := p.listed(below, most, within(q.Get("from"), q.Get("to")))
	data := []any{}
	for _, e := range page {
		data = append(data, p.notification(e))
	}
	answerJSON(w, map[string]any{"data": data, "meta": map[string]any{"pagination": map[string]any{"per_page": most, "has_more": more}}})
}

func (p *Paddle) serveOne(w http.ResponseWriter, number string, replays bool) {
	n, err := strconv.Atoi(number)
	p.mu.Lock()
	known := err == nil && n < len(p.events)
	refused := known && replays && !p.events[n].delivered && !p.givenUp(p.events[n])
	p.mu.Unlock()
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case refused:
		w.WriteHeader(http.StatusBadRequest)
	case replays:
		p.try(p.events[n])
		w.WriteHeader(http.StatusAccepted)
		answerJSON(w, map[string]any{"data": map[string]string{"notification_id": "ntf_again"}})
	default:
		p.mu.Lock()
		defer p.mu.Unlock()
		answerJSON(w, map[string]any{"data": p.notification(p.events[n])})
	}
}
