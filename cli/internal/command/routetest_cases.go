package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/rehearse"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// trialCase is an event, and what a route's rules make of it.
type trialCase struct {
	Event   trialEvent   `json:"event"`
	Outcome trialOutcome `json:"outcome"`
}

// trialEvent is what rules see of an event. Its text is the body, unless that is not UTF-8.
type trialEvent struct {
	ID         string                 `json:"id"`
	Source     string                 `json:"source"`
	Type       string                 `json:"type"`
	ReceivedAt time.Time              `json:"receivedAt"`
	Headers    []trackerclient.Header `json:"headers"`
	Text       string                 `json:"body,omitempty"`
	Bytes      []byte                 `json:"bodyBase64,omitempty"`
}

// trialOutcome is rehearse.Outcome as a file keeps it.
type trialOutcome struct {
	State    rehearse.State `json:"state"`
	Rule     string         `json:"rule,omitempty"`
	Error    string         `json:"error,omitempty"`
	Position string         `json:"position,omitempty"`
	Key      string         `json:"key,omitempty"`
	Body     string         `json:"body,omitempty"` // where the rules change it
}

// trialFile is what --save writes.
type trialFile struct {
	Route string      `json:"route"`
	Cases []trialCase `json:"cases"`
}

func (e *trialEvent) body() []byte {
	if e.Bytes != nil {
		return e.Bytes
	}
	return []byte(e.Text)
}

// toEvent makes what rules are tried on.
func (e *trialEvent) toEvent() *event.Event {
	out := &event.Event{
		ID: e.ID, Source: e.Source, Type: e.Type, ReceivedAt: e.ReceivedAt, Body: e.body(),
		Request: event.Request{Method: http.MethodPost},
	}
	for _, h := range e.Headers {
		value := h.Value
		if h.Bytes != nil {
			value = string(*h.Bytes)
		}
		out.Request.Header = append(out.Request.Header, event.Field{Name: h.Name, Value: value})
	}
	return out
}

// outcomeOf is an outcome as a file keeps it.
func outcomeOf(o rehearse.Outcome) trialOutcome {
	out := trialOutcome{State: o.State, Rule: o.Rule, Error: o.Error, Position: o.Position, Key: o.Key}
	if o.Changed {
		out.Body = string(o.Body)
	}
	return out
}

// cases are the events of the file, or the last ones of the route's sources.
func (r *routeTest) cases(ctx context.Context, t *tracker, rules rehearse.Rules) ([]trialCase, error) {
	if r.expect == "" {
		return r.lastCases(ctx, t, rules)
	}
	text, err := os.ReadFile(r.expect)
	if err != nil {
		return nil, fmt.Errorf("read what is expected: %w", err)
	}
	var file trialFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, usage("--expect %s: not a file of --save: %w", r.expect, err)
	}
	return file.Cases, nil
}

func saveCases(path, route string, cases []trialCase) error {
	text, err := json.MarshalIndent(trialFile{route, cases}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the events: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the events: %w", err)
	}
	return nil
}

// lastCases are the last events of the sources, the newest first.
func (r *routeTest) lastCases(ctx context.Context, t *tracker, rules rehearse.Rules) ([]trialCase, error) {
	var found []trackerclient.Event
	for _, source := range sourcesOf(rules.Bindings) {
		events, err := t.lastEvents(ctx, source, r.last)
		if err != nil {
			return nil, err
		}
		found = append(found, events...)
	}
	slices.SortStableFunc(found, func(a, b trackerclient.Event) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	found = found[:min(len(found), r.last)]
	var cases []trialCase
	for i := range found {
		e, err := t.trialEvent(ctx, &found[i])
		if err != nil {
			return nil, err
		}
		if e != nil {
			cases = append(cases, trialCase{Event: *e})
		}
	}
	return cases, nil
}

// sourcesOf are those of the bindings, each once.
func sourcesOf(bindings []string) []string {
	var sources []string
	for _, binding := range bindings {
		if source, _, _ := strings.Cut(binding, "."); !slices.Contains(sources, source) {
			sources = append(sources, source)
		}
	}
	return sources
}

// lastEvents are the last ones of a source that the tracker knows.
func (t *tracker) lastEvents(ctx context.Context, source string, n int) ([]trackerclient.Event, error) {
	all, _, err := collect(n, func(cursor *string, size int) ([]trackerclient.Event, *string, error) {
		a, err := t.api.ListEventsWithResponse(ctx, &trackerclient.ListEventsParams{Source: &source, Cursor: cursor, Limit: &size})
		page, err := value(t, a, err, (*trackerclient.ListEventsResponse).GetJSON200)
		if err != nil {
			return nil, nil, err
		}
		return page.Events, page.Next, nil
	})
	return all, err
}

// trialEvent reads an event from the archive; nil: the archive does not hold it any more.
func (t *tracker) trialEvent(ctx context.Context, e *trackerclient.Event) (*trialEvent, error) {
	r, err := t.api.GetRequestWithResponse(ctx, e.Id)
	if err == nil && r.StatusCode() == http.StatusGone || !e.Archived {
		return nil, nil //nolint:nilnil // documented
	}
	request, err := value(t, r, err, (*trackerclient.GetRequestResponse).GetJSON200)
	if err != nil {
		return nil, err
	}
	p, err := t.api.GetPayloadWithResponse(ctx, e.Id)
	body, err := value(t, p, err, func(a *trackerclient.GetPayloadResponse) *[]byte { return &a.Body })
	if err != nil {
		return nil, err
	}
	out := &trialEvent{ID: e.Id, Source: e.Source, Type: e.Type, ReceivedAt: e.ReceivedAt, Headers: request.Headers}
	if utf8.Valid(*body) {
		out.Text = string(*body)
	} else {
		out.Bytes = *body
	}
	return out, nil
}
