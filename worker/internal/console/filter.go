package console

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/nearest"
	"github.com/penstock/penstock/worker/internal/store"
)

// filter is what a list of events is narrowed down by. It is the query of the page's
// address, so that a list can be sent to somebody.
type filter struct {
	Find   string // an id, or a provider's id
	Source string
	Type   string
	Route  string
	State  string
	Reason string
	Status string // an HTTP status
	Error  string // what the error holds
	Within string // accepted within this time: 15m, 1h, 24h or 168h
	From   string // accepted at this time or later; 2006-01-02T15:04, UTC
	To     string // and before this one
	Cursor string
}

// periods are the choices for Within.
var periods = []struct{ Value, Text string }{
	{"15m", "the last 15 minutes"}, {"1h", "the last hour"}, {"24h", "the last day"}, {"168h", "the last week"},
}

// clock is how the fields From and To are written.
const clock = "2006-01-02T15:04"

// filterOf reads a filter from a query. Unknown values narrow nothing down silently:
// they fail in query. Neither does a name that is not among the filter's and the further ones:
// misspelt, it would find everything.
func filterOf(q url.Values, further ...string) (filter, error) {
	known := append(filterNames(), further...)
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(known, name) {
			return filter{}, mend(fmt.Sprintf("There is no field %q%s", name, nearest.DidYouMean(name, known)), "Without it, everything would have been found. Choose from the list.")
		}
	}
	get := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return filter{
		Find: get("find"), Source: get("source"), Type: get("type"), Route: get("route"), State: get("state"),
		Reason: get("reason"), Status: get("status"), Error: get("error"), Within: get("within"), From: get("from"), To: get("to"), Cursor: get("cursor"),
	}, nil
}

func filterNames() []string {
	return []string{"find", "source", "type", "route", "state", "reason", "status", "error", "within", "from", "to", "cursor"}
}

// values returns what filterOf reads.
func (f filter) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"find": f.Find, "source": f.Source, "type": f.Type, "route": f.Route, "state": f.State,
		"reason": f.Reason, "status": f.Status, "error": f.Error, "within": f.Within, "from": f.From, "to": f.To, "cursor": f.Cursor,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Empty reports whether nothing is narrowed down.
func (f filter) Empty() bool {
	f.Cursor = ""
	return f == filter{}
}

// With returns the query of the list that goes on at a cursor.
func (f filter) With(cursor string) string {
	f.Cursor = cursor
	return "?" + f.values().Encode()
}

// query is what the store is asked for. What the visitor has to mend fails.
func (f filter) query(now time.Time, limit int) (store.Query, error) {
	q := store.Query{
		Source: f.Source, Type: f.Type, Route: f.Route, State: store.State(f.State), Reason: f.Reason, Error: f.Error, ProviderID: f.Find, Limit: limit,
	}
	if f.State != "" && !q.State.Known() {
		return q, mend("There is no such state", "Choose one of the list.")
	}
	var err error
	if q.HTTPStatus, err = f.httpStatus(); err != nil {
		return q, err
	}
	if q.From, q.To, err = f.span(now); err != nil {
		return q, err
	}
	q.After, err = store.ParseCursor(f.Cursor)
	return q, err
}

func (f filter) httpStatus() (int, error) {
	if f.Status == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(f.Status)
	if err != nil || n < 100 || n > 599 {
		return 0, mend("That is no HTTP status", "Write it as 422.")
	}
	return n, nil
}

func (f filter) span(now time.Time) (from, to time.Time, err error) {
	if f.Within != "" {
		d, err := time.ParseDuration(f.Within)
		if err != nil || d <= 0 {
			return from, to, mend("That is no time", "Choose one of the list, or write it as 90m.")
		}
		from = now.Add(-d)
	}
	for text, at := range map[string]*time.Time{f.From: &from, f.To: &to} {
		if text == "" {
			continue
		}
		if *at, err = time.Parse(clock, text); err != nil {
			return from, to, mend("That is no time", "Write it as 2026-01-31T18:30; times are UTC.")
		}
	}
	return from, to, nil
}

// identifier is what an event's id looks like.
var identifier = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// Fields returns what is narrowed down, for a form that acts on the same list.
func (f filter) Fields() map[string]string {
	fields := map[string]string{}
	for name, values := range f.values() {
		if name != "cursor" {
			fields[name] = values[0]
		}
	}
	return fields
}
