package api

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func pageOf(p store.Page) EventPage {
	page := EventPage{Events: make([]Event, len(p.Events)), Next: given(p.Next.String())}
	for i := range p.Events {
		page.Events[i] = eventOf(&p.Events[i])
	}
	return page
}

func eventOf(e *store.Event) Event {
	out := Event{
		Id: e.ID, Source: e.Source, Type: e.Type, ProviderId: given(e.ProviderID), ReceivedAt: e.ReceivedAt,
		Size: e.Size, Archived: e.Offset != store.NoOffset, Deliveries: make([]Delivery, len(e.Deliveries)),
	}
	for i := range e.Deliveries {
		d := &e.Deliveries[i]
		out.Deliveries[i] = Delivery{
			Route: d.Route, State: State(d.State), Since: d.At, Attempts: d.Attempt, Reason: given(string(d.Reason)),
			LastReason: given(string(d.LastReason)), HttpStatus: given(d.HTTPStatus), Error: given(d.Error), NextAttemptAt: at(d.NextAt), Incident: given(d.Incident),
		}
	}
	return out
}

func factOf(p *store.Past) Fact {
	out := Fact{
		Route: p.Route, Kind: string(p.Kind), At: p.At, Attempt: given(p.Attempt), Reason: given(string(p.Reason)),
		LastReason: given(string(p.LastReason)), HttpStatus: given(p.HTTPStatus), TookMs: given(p.Took.Milliseconds()),
		NextAttemptAt: at(p.NextAt), Replay: given(p.Replay), By: given(p.By),
		Error: given(p.Error), Answer: given(ReadableAnswer(p.Answer.Body)), AnswerCut: given(p.Answer.Cut),
	}
	if fields := headersOf(p.Answer.Fields); len(fields) > 0 {
		out.AnswerHeaders = &fields
	}
	return out
}

func requestOf(r *event.Request) Request {
	out := Request{
		Method: r.Method, Path: r.Path, Query: r.Query, RemoteAddress: r.RemoteAddr, Headers: make([]Header, len(r.Header)),
	}
	for i, f := range r.Header {
		out.Headers[i] = Header{Name: f.Name, Value: strings.ToValidUTF8(f.Value, "\uFFFD")}
		if !utf8.ValidString(f.Value) {
			out.Headers[i].Bytes = new([]byte(f.Value))
		}
	}
	return out
}

// headersOf returns the fields in the order of their names.
func headersOf(fields store.Fields) (all []Header) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, Header{Name: name, Value: fields[name]})
	}
	return all
}

// ReadableAnswer is how the body of an answer begins, as a text: JSON takes no other bytes. A
// character that was cut at its end is left out.
func ReadableAnswer(body []byte) string {
	for n := 1; n < utf8.UTFMax && len(body) == status.MaxAnswer; n++ {
		if last := body[len(body)-n:]; utf8.RuneStart(last[0]) && !utf8.FullRune(last) {
			body = body[:len(body)-n]
		}
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

// given returns nothing for a zero value, which is then left out.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// value returns the zero value for nothing.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
