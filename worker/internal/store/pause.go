package store

import (
	"context"
	"fmt"
	"time"
)

// What can be paused.
const (
	OfDestination = "destination" // nothing is delivered to it
	OfRoute       = "route"       // nothing of it is delivered
)

// Pause is whether a person stopped the delivery to a destination, or of a route.
type Pause struct {
	Of     string // OfDestination or OfRoute
	Name   string
	Paused bool
	By     string
	At     time.Time
}

// Pauses are what was said of everything that was ever paused. The zero value says that
// nothing was.
type Pauses struct {
	Destinations, Routes map[string]Pause // by their name
	Revision             int64            // grows with each change of them, and of tombstones
}

// SetPause notes whether something is paused, with an entry of the audit.
func (s *Store) SetPause(ctx context.Context, p Pause, note Audit) error {
	return s.audited(ctx, "pause or resume "+p.Of+" "+p.Name, note, func(t *tx) error {
		if err := t.advance(ctx); err != nil {
			return err
		}
		var last int64
		if err := t.QueryRowContext(ctx, "SELECT COALESCE(MAX(at), 0) FROM pauses").Scan(&last); err != nil {
			return err
		}
		row := []any{p.Of, p.Name, asInt(p.Paused), p.By, max(millis(p.At), last+1)}
		return t.upsert(ctx, upsert{"pauses", "kind, name, paused, actor, at", "kind, name", set("paused", "actor", "at"), [][]any{row}})
	})
}

// Pauses returns what SetPause noted.
func (s *Store) Pauses(ctx context.Context) (Pauses, error) {
	all := Pauses{Destinations: map[string]Pause{}, Routes: map[string]Pause{}}
	if err := s.read.QueryRowContext(ctx, "SELECT revision FROM wishes").Scan(&all.Revision); err != nil {
		return Pauses{}, fmt.Errorf("read the revision of the pauses: %w", err)
	}
	q := new(query).add("SELECT kind, name, paused, actor, at FROM pauses")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var p Pause
		var paused, at int64
		err := scan(&p.Of, &p.Name, &paused, &p.By, &at)
		p.Paused, p.At, all.Revision = paused == 1, moment(at), max(all.Revision, at)
		if p.Of == OfRoute {
			all.Routes[p.Name] = p
		} else {
			all.Destinations[p.Name] = p
		}
		return err
	})
	if err != nil {
		return Pauses{}, fmt.Errorf("read the pauses: %w", err)
	}
	return all, nil
}
