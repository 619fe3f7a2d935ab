package store

import (
	"context"
	"fmt"
	"time"
)

// Pause is whether a person stopped the delivery to a destination.
type Pause struct {
	Destination string
	Paused      bool
	By          string
	At          time.Time
}

// SetPause notes whether a destination is paused, with an entry of the audit.
func (s *Store) SetPause(ctx context.Context, p Pause, note Audit) error {
	return s.audited(ctx, "pause or resume "+p.Destination, note, func(t *tx) error {
		var last int64
		if err := t.QueryRowContext(ctx, "SELECT COALESCE(MAX(at), 0) FROM pauses").Scan(&last); err != nil {
			return err
		}
		row := []any{p.Destination, asInt(p.Paused), p.By, max(millis(p.At), last+1)}
		return t.upsert(ctx, upsert{"pauses", "destination, paused, actor, at", "destination", set("paused", "actor", "at"), [][]any{row}})
	})
}

// Pauses returns what was said of every destination that was ever paused, and a number
// that grows with each change.
func (s *Store) Pauses(ctx context.Context) (all map[string]Pause, revision int64, err error) {
	all = map[string]Pause{}
	q := new(query).add("SELECT destination, paused, actor, at FROM pauses")
	err = each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var p Pause
		var paused, at int64
		err := scan(&p.Destination, &paused, &p.By, &at)
		p.Paused, p.At, revision = paused == 1, moment(at), max(revision, at)
		all[p.Destination] = p
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the pauses: %w", err)
	}
	return all, revision, nil
}
