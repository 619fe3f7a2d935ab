package store

import (
	"math"
	"strings"
	"time"
)

// The sizes of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// Query says which events to find. What is zero does not matter; what is set must hold
// all at once. Route, State, Reason, HTTPStatus, Error and Incident are about one delivery: the event's on that
// route, or any that is in that state for that reason.
type Query struct {
	Source     string
	Type       string // exact, or a beginning that ends with *: invoice.*
	Route      string
	State      State
	Reason     string // of the delivery's last record
	HTTPStatus int    // that the destination answered last
	Error      string // what the delivery's error holds, in the same case
	ProviderID string
	Incident   string    // the id of the one that the delivery belongs to
	From, To   time.Time // accepted at From or later, and before To
	After      Cursor    // the end of the page before
	Limit      int       // 0: DefaultLimit; at most MaxLimit
}

// Page is a part of a list, the newest event first.
type Page struct {
	Events []Event
	Next   Cursor // where the list goes on; zero at its end
}

func (q *Query) limit() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}

// start is where to begin: behind the page before, and before To. Both are one bound,
// because SQLite looks into an index for one only.
func (q *Query) start() Cursor {
	at := q.After
	if at.IsZero() {
		at = beginning
	}
	if last := q.To.UnixMilli() - 1; !q.To.IsZero() && last < at.received {
		return Cursor{last, math.MaxInt64}
	}
	return at
}

// prefix returns the beginning that Type asks for, if it does.
func (q *Query) prefix() (string, bool) { return strings.CutSuffix(q.Type, "*") }
