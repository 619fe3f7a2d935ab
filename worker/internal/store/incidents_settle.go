package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
)

// When incidents resolve by themselves: so long after the last failure, when something has
// succeeded since; twice as long each time that one flaps; and so long after the last failure
// in any case.
const (
	quietTime = 30 * time.Second
	mostFlaps = 6
	staleTime = 24 * time.Hour
)

// SettleIncidents resolves the incidents that are over at a time, and ends mutings whose time
// has come.
func (s *Store) SettleIncidents(ctx context.Context, now time.Time) error {
	err := s.transaction(ctx, func(t *tx) error {
		f := newFolding()
		if err := t.lockIncidents(ctx); err != nil {
			return err
		}
		q := new(query).add("SELECT " + incidentColumns + " FROM incidents WHERE state <> 'resolved' OR muted_until > 0")
		err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
			i := new(Incident)
			err := scanIncident(scan, i)
			f.rows[i.ID] = i
			return err
		})
		if err != nil {
			return err
		}
		for _, i := range f.rows {
			f.settle(i, now)
		}
		return t.saveIncidents(ctx, f)
	})
	if err != nil {
		return fmt.Errorf("settle incidents: %w", err)
	}
	return nil
}

func (f *folding) settle(i *Incident, now time.Time) {
	if !i.MutedUntil.IsZero() && !i.MutedAt(now) {
		i.MutedUntil, f.touched[i.ID] = time.Time{}, true
		if i.Unresolved() {
			f.changes = append(f.changes, change{i.ID, now, incident.WasUnmuted, "", ""})
		}
	}
	if i.Unresolved() && !i.Kind.Observed() && i.isOver(now) {
		f.resolve(i, "", now, "")
	}
}

// isOver reports whether nothing speaks for the incident any more: none of its events waits
// for an attempt, and for a while something has succeeded and nothing failed. One of dead
// letters alone ends with them.
func (i *Incident) isOver(now time.Time) bool {
	quiet := now.Sub(i.LastAt)
	switch {
	case i.Waiting > 0, i.Kind == incident.DeadLetters && i.Dead > 0:
		return false
	case !i.OKAt.IsZero():
		return quiet >= quietTime<<i.flaps
	default:
		return i.Dead == 0 && quiet >= staleTime
	}
}

// Condition is an incident of an observed kind that is there now.
type Condition struct {
	Key    incident.Key
	Count  int64    // of what it is about
	Detail string   // in words, without anything of a payload
	Events []string // some events that it is about
}

// ObserveIncidents opens the incidents of the conditions, and resolves those of the kinds that
// are unresolved and not among them. Kinds that are not known now are left out, and stay as
// they are.
func (s *Store) ObserveIncidents(ctx context.Context, kinds []incident.Kind, found []Condition, now time.Time) error {
	if len(kinds) == 0 {
		return nil
	}
	err := s.transaction(ctx, func(t *tx) error {
		f := newFolding()
		if err := t.lockIncidents(ctx); err != nil {
			return err
		}
		if err := t.readObserved(ctx, f, kinds, found); err != nil {
			return err
		}
		for i := range found {
			f.observe(&found[i], now)
		}
		for id, i := range f.rows {
			gone := !slices.ContainsFunc(found, func(c Condition) bool { return c.Key.ID() == id })
			if gone && i.Unresolved() && slices.Contains(kinds, i.Kind) {
				f.resolve(i, "", now, "")
			}
		}
		return t.saveIncidents(ctx, f)
	})
	if err != nil {
		return fmt.Errorf("observe incidents: %w", err)
	}
	return nil
}

// observe notes that a condition is there. The count of an observed incident is that of now. One
// that a person has resolved is opened again, for its condition is there.
func (f *folding) observe(c *Condition, now time.Time) {
	i := f.fold(failure{key: c.Key, at: now, detail: c.Detail})
	i.Failures, i.Events, i.Samples = c.Count, int64(len(c.Events)), append([]string{}, c.Events...)
}

// readObserved reads the unresolved incidents of the kinds, and those of the conditions.
func (t *tx) readObserved(ctx context.Context, f *folding, kinds []incident.Kind, found []Condition) error {
	ids := make([]string, 0, len(found))
	for i := range found {
		ids = append(ids, found[i].Key.ID())
	}
	if err := t.readIncidents(ctx, f, map[string][]string{"id": ids}); err != nil {
		return err
	}
	q := in(new(query).add("SELECT "+incidentColumns+" FROM incidents WHERE state <> 'resolved' AND kind IN "), texts(kinds))
	return each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		i := new(Incident)
		err := scanIncident(scan, i)
		if f.rows[i.ID] == nil {
			f.rows[i.ID] = i
		}
		return err
	})
}
