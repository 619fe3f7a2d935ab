package accounttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// happening is an event of a provider whose list has whole events.
type happening struct {
	n         int
	id        string
	typ       string
	at        time.Time
	delivered bool
}

// happenings are the events of one. Its sender signs what it delivers.
type happenings struct {
	base

	prefix string                            // of ids
	object func(e *happening) map[string]any // the event as it is delivered
	sign   func(body []byte, at time.Time) http.Header
	events []*happening // the oldest first
}

// Happen makes an event of a type with its first attempt, and returns its id.
func (h *happenings) Happen(typ string) string {
	h.mu.Lock()
	e := &happening{n: len(h.events), id: fmt.Sprintf("%s%06d", h.prefix, len(h.events)), typ: typ, at: h.Now().UTC()}
	h.events = append(h.events, e)
	h.mu.Unlock()
	h.try(e)
	return e.id
}

// ownTries is for how long a provider tries by itself, where that matters.
const ownTries = 72 * time.Hour

// givenUp reports whether the provider tries an event no more. The caller holds mu.
func (h *happenings) givenUp(e *happening) bool { return h.Now().Sub(e.at) >= ownTries }

// Retry tries again what was not delivered, as the provider does by itself.
func (h *happenings) Retry() {
	h.mu.Lock()
	var open []*happening
	for _, e := range h.events {
		if !e.delivered {
			open = append(open, e)
		}
	}
	h.mu.Unlock()
	for _, e := range open {
		h.try(e)
	}
}

func (h *happenings) try(e *happening) {
	body, err := json.MarshalIndent(h.object(e), "", "  ")
	if err != nil {
		panic(err)
	}
	status := h.Deliver(Delivery{ID: e.id, Header: h.sign(body, h.Now()), Body: body})
	h.mu.Lock()
	defer h.mu.Unlock()
	e.delivered = e.delivered || status >= 200 && status <= 299
}

// named returns the event of an id that the API still has; nil: there is none. The caller holds
// mu.
func (h *happenings) named(id string, window time.Duration) *happening {
	for _, e := range h.events {
		if e.id == id && h.Now().Sub(e.at) < window {
			return e
		}
	}
	return nil
}

// listed returns up to most events, the newest first, from one on, and whether more follow.
// The caller holds mu.
func (h *happenings) listed(below, most int, wanted func(*happening) bool) (page []*happening, more bool) {
	for n := min(below, len(h.events)) - 1; n >= 0; n-- {
		e := h.events[n]
		if !wanted(e) || h.Now().Before(e.at.Add(h.Late)) {
			continue
		}
		if len(page) == most {
			return page, true
		}
		page = append(page, e)
	}
	return page, false
}

// within returns whether an event is between two times as the APIs write them.
func within(from, to string) func(*happening) bool {
	first, _ := time.Parse(time.RFC3339, from)
	last, err := time.Parse(time.RFC3339, to)
	return func(e *happening) bool { return !e.at.Before(first) && (err != nil || !e.at.After(last)) }
}

func plainHeader([]byte, time.Time) http.Header {
	return http.Header{"Content-Type": {"application/json"}}
}
