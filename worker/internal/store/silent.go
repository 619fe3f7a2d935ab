package store

import (
	"context"
	"fmt"
	"time"
)

// Silent is a delivery that is in flight, and of which something should have been heard
// since Due: when it was heard of last, or when its next attempt was due.
type Silent struct {
	Event      string
	Source     string
	Type       string
	Route      string
	State      State
	ReceivedAt time.Time
	At         time.Time // of its last record, or when the event was accepted
	NextAt     time.Time // when its next attempt was due; zero: none was put off
	Due        time.Time
}

const silentRows = " FROM deliveries d WHERE d.state IN ('pending', 'retrying') AND d.route = ? AND d.due_at >= ? AND d.due_at < ?"

// CountSilent counts the deliveries of a route that are silent since before a time, and
// not since before another one, which may be zero. It stops at a number.
func (s *Store) CountSilent(ctx context.Context, route string, after, before time.Time, most int) (int, error) {
	n := 0
	q := new(query).add("SELECT count(*) FROM (SELECT 1"+silentRows+" LIMIT ?) s", route, millis(after), millis(before), most)
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error { return scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("count what is silent: %w", err)
	}
	return n, nil
}

// Silent returns the deliveries that CountSilent counts, those that are silent for longest
// first, up to a limit.
func (s *Store) Silent(ctx context.Context, route string, after, before time.Time, limit int) ([]Silent, error) {
	q := new(query).add("SELECT e.id, e.source, e.type, d.route, d.state, d.received_at, d.at, d.next_at, d.due_at"+
		" FROM deliveries d JOIN events e ON e.seq = d.seq WHERE d.state IN ('pending', 'retrying') AND d.route = ? AND d.due_at >= ? AND d.due_at < ? ORDER BY d.due_at LIMIT ?",
		route, millis(after), millis(before), limit)
	return s.silent(ctx, q)
}

// Delayed returns the deliveries of a route whose next attempt is due after a time, up to
// a limit.
func (s *Store) Delayed(ctx context.Context, route string, after time.Time, limit int) ([]Silent, error) {
	q := new(query).add("SELECT e.id, e.source, e.type, d.route, d.state, d.received_at, d.at, d.next_at, d.due_at"+
		" FROM deliveries d JOIN events e ON e.seq = d.seq WHERE d.state IN ('pending', 'retrying') AND d.route = ? AND d.due_at > ? AND d.next_at > ? ORDER BY d.due_at LIMIT ?",
		route, after.UnixMilli(), after.UnixMilli(), limit)
	return s.silent(ctx, q)
}

func (s *Store) silent(ctx context.Context, q *query) ([]Silent, error) {
	var all []Silent
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var one Silent
		var received, at, next, due int64
		err := scan(&one.Event, &one.Source, &one.Type, &one.Route, &one.State, &received, &at, &next, &due)
		one.ReceivedAt, one.At, one.NextAt, one.Due = moment(received), moment(at), moment(next), moment(due)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find what is silent: %w", err)
	}
	return all, nil
}
