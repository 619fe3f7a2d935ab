package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Pruned is what one step of Prune did.
type Pruned struct {
	Deleted int
	At      Cursor // where to go on; zero when there is nothing older to look at
}

// maxStep bounds the events that one step of Prune looks at.
const maxStep = 4000

// Prune looks at up to n events that were accepted before a time, the oldest first, and
// deletes those to which nothing more is expected to happen: one that is in flight or a
// dead letter stays. It begins at a cursor that the step before returned, or at zero.
func (s *Store) Prune(ctx context.Context, before time.Time, at Cursor, n int) (Pruned, error) {
	var done Pruned
	n = min(n, maxStep)
	err := s.transaction(ctx, func(t *tx) error {
		seqs, last, err := t.old(ctx, before, at, n)
		if err != nil || len(seqs) == 0 {
			return err
		}
		if len(seqs) == n {
			done.At = last
		}
		seqs, err = t.finished(ctx, seqs)
		done.Deleted = len(seqs)
		if err != nil || len(seqs) == 0 {
			return err
		}
		return t.forget(ctx, seqs)
	})
	if err != nil {
		return Pruned{}, fmt.Errorf("delete old events: %w", err)
	}
	return done, nil
}

func (t *tx) old(ctx context.Context, before time.Time, at Cursor, n int) (seqs []int64, last Cursor, err error) {
	q := new(query).add("SELECT received_at, seq FROM events WHERE received_at < ? AND received_at >= ? AND (received_at > ? OR seq > ?) ORDER BY received_at, seq LIMIT ?",
		before.UnixMilli(), at.received, at.received, at.seq, n)
	err = each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		err := scan(&last.received, &last.seq)
		seqs = append(seqs, last.seq)
		return err
	})
	return seqs, last, err
}

// finished leaves out the events that have an open delivery.
func (t *tx) finished(ctx context.Context, seqs []int64) ([]int64, error) {
	open := map[int64]bool{}
	q := in(new(query).add("SELECT seq FROM deliveries WHERE state IN ('pending', 'retrying', 'dead') AND seq IN "), seqs)
	err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		var seq int64
		err := scan(&seq)
		open[seq] = true
		return err
	})
	return slices.DeleteFunc(seqs, func(seq int64) bool { return open[seq] }), err
}

// forget deletes events with all that belongs to them, and takes them off the tallies.
func (t *tx) forget(ctx context.Context, seqs []int64) error {
	counts := []string{
		"SELECT e.source, d.route, d.state, count(*) FROM deliveries d JOIN events e ON e.seq = d.seq WHERE e.seq IN # GROUP BY e.source, d.route, d.state",
		"SELECT source, '', 'accepted', count(*) FROM events WHERE seq IN # GROUP BY source",
		"SELECT source, '', 'unrouted', count(*) FROM events WHERE routed = 0 AND seq IN # GROUP BY source",
	}
	var rows [][]any
	for _, text := range counts {
		var q query
		head, tail, _ := strings.Cut(text, "#")
		in(q.add(head), seqs).add(tail)
		err := each(ctx, t, t.bind, &q, func(scan func(...any) error) error {
			var source, route, state string
			var n int64
			err := scan(&source, &route, &state, &n)
			rows = append(rows, []any{source, route, state, -n})
			return err
		})
		if err != nil {
			return err
		}
	}
	u := upsert{"tallies", "source, route, state, n", "source, route, state", "UPDATE SET n = tallies.n + excluded.n", rows}
	if err := t.upsert(ctx, u); err != nil {
		return err
	}
	for _, table := range []string{"answers", "history", "deliveries", "events"} {
		if _, err := t.exec(ctx, in(new(query).add("DELETE FROM "+table+" WHERE seq IN "), seqs)); err != nil {
			return err
		}
	}
	return nil
}

// PruneTraffic deletes the counts of the minutes before a time, and how long attempts took.
func (s *Store) PruneTraffic(ctx context.Context, before time.Time) error {
	err := s.transaction(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, new(query).add("DELETE FROM traffic WHERE minute < ?", before.Unix()/60)); err != nil {
			return err
		}
		if _, err := t.exec(ctx, new(query).add("DELETE FROM latencies WHERE minute < ?", before.Unix()/60)); err != nil {
			return err
		}
		_, err := t.exec(ctx, new(query).add("DELETE FROM traffic_tens WHERE ten < ?", before.Unix()/60/minutesOfTen))
		return err
	})
	if err != nil {
		return fmt.Errorf("delete old traffic: %w", err)
	}
	return nil
}
