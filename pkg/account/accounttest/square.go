package accounttest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Square is an application whose events are searchable, as the API of Square shows it.
type Square struct{ happenings }

// NewSquare makes an application with the subscription wbhk_1.
func NewSquare(o Options) *Square {
	s := &Square{happenings{base: newBase(o, limits{status: http.StatusTooManyRequests}), prefix: "event-", sign: plainHeader}}
	s.object = func(e *happening) map[string]any {
		return map[string]any{
			"event_id": e.id, "type": e.typ, "created_at": e.at.Format("2006-01-02T15:04:05.000000"), "merchant_id": "M1", "data": map[string]any{"id": strconv.Itoa(e.n)},
		}
	}
	return s
}

// ServeHTTP answers as the API. https://developer.squareup.com/reference/square/events-api
func (s *Square) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.enter(w, r):
	case r.URL.Path == "/v2/webhooks/subscriptions/wbhk_1":
		answerJSON(w, map[string]any{"subscription": map[string]any{
			"id": "wbhk_1", "enabled": true, "event_types": []string{"*"}, "notification_url": "https://hooks.example/in/square",
			"signature_key": "key-of-square", "updated_at": "2026-01-01 00:00:00 +0000 UTC",
		}})
	case r.URL.Path == "/v2/events" && r.Method == http.MethodPost:
		s.serveSearch(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *Square) serveSearch(w http.ResponseWriter, r *http.Request) {
	var search struct {
		Cursor string `json:"cursor"`
		Limit  int    `json:"limit"`
		Query  struct {
			Filter struct {
				CreatedAt struct {
					From string `json:"start_at"`
					To   string `json:"end_at"`
				} `json:"created_at"`
			} `json:"filter"`
		} `json:"query"`
	}
	if json.NewDecoder(r.Body).Decode(&search) != nil || search.Limit < 1 || search.Limit > 100 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	below := len(s.events)
	if n, err := strconv.Atoi(search.Cursor); err == nil {
		below = n
	}
	page, more := s.listed(below, search.Limit, within(search.Query.Filter.CreatedAt.From, search.Query.Filter.CreatedAt.To))
	answer := map[string]any{}
	events := []any{}
	for _, e := range page {
		events = append(events, s.object(e))
	}
	answer["events"] = events
	if more {
		answer["cursor"] = strconv.Itoa(page[len(page)-1].n)
	}
	answerJSON(w, answer)
}
