package store

import "strings"

// walk is the way through an index: the statement that returns received_at and seq, the
// newest first, of candidates behind the cursor.
type walk struct {
	query    *Query
	filtered bool // whether a candidate may still fail a condition
}

func (q *Query) walk() walk {
	return walk{q, len(q.conditions()) > 0}
}

// index is one that a search can walk.
type index int

const (
	byTime index = iota
	bySource
	byType
	byProvider
	byRoute
	byState
	byUnrouted
)

// by chooses the index that leaves the fewest candidates.
func (q *Query) by() index {
	switch {
	case q.ProviderID != "":
		return byProvider
	case q.State == Unrouted:
		return byUnrouted
	case q.Route != "":
		return byRoute
	case q.State != "" && q.State != Delivered:
		return byState
	case q.Type != "" && !strings.HasSuffix(q.Type, "*"):
		return byType
	case q.Source != "":
		return bySource
	default:
		return byTime
	}
}

// candidates appends the statement that walks the index from the cursor on.
func (w walk) candidates(to *query, from Cursor, n, skip int) {
	q := w.query
	switch q.by() {
	case byProvider:
		w.walkEvents(to, from, n, skip, " AND provider_id <> '' AND provider_id = ?", q.ProviderID)
	case byUnrouted:
		w.walkEvents(to, from, n, skip, " AND routed = 0")
	case byType:
		w.walkEvents(to, from, n, skip, " AND type = ?", q.Type)
	case bySource:
		w.walkEvents(to, from, n, skip, " AND source = ?", q.Source)
	case byState:
		to.add("SELECT DISTINCT received_at, seq FROM deliveries WHERE state <> 'delivered' AND state = ?", string(q.State))
		w.behind(to, from, n, skip)
	case byRoute:
		w.walkRoute(to, from, n, skip)
	default:
		w.walkEvents(to, from, n, skip, "")
	}
}

func (w walk) walkEvents(to *query, from Cursor, n, skip int, condition string, args ...any) {
	to.add("SELECT received_at, seq FROM events WHERE 1 = 1"+condition, args...)
	w.behind(to, from, n, skip)
}

// walkRoute walks one state's part of the route's index, or all of them side by side.
func (w walk) walkRoute(to *query, from Cursor, n, skip int) {
	states := States()
	if w.query.State != "" {
		states = []State{w.query.State}
	}
	to.add("SELECT received_at, seq FROM (")
	for i, state := range states {
		if i > 0 {
			to.add(" UNION ALL ")
		}
		to.add("SELECT received_at, seq FROM (SELECT received_at, seq FROM deliveries WHERE route = ? AND state = ?", w.query.Route, string(state))
		w.behind(to, from, n+skip, 0)
		to.add(") s")
	}
	to.add(") r ORDER BY received_at DESC, seq DESC LIMIT ? OFFSET ?", n, skip)
}

// behind ends a walk: after the cursor, no earlier than From, in order.
func (w walk) behind(to *query, from Cursor, n, skip int) {
	to.add(" AND received_at <= ? AND (received_at < ? OR seq < ?)", from.received, from.received, from.seq)
	if t := w.query.From; !t.IsZero() {
		to.add(" AND received_at >= ?", t.UnixMilli())
	}
	to.add(" ORDER BY received_at DESC, seq DESC LIMIT ? OFFSET ?", n, skip)
}
