package store

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/worker/internal/incident"
)

// IncidentQuery says which incidents to find. What is zero does not matter.
type IncidentQuery struct {
	States        []incident.State // any of them
	Kind          incident.Kind
	Route, Source string
	After         string // the id of the last one of the page before
	Limit         int    // 0: DefaultLimit; at most MaxLimit
}

// IncidentChange is a line of an incident's history.
type IncidentChange struct {
	ID       int64 // later ones have higher ones
	Incident string
	At       time.Time
	Change   incident.Change
	By       string // empty: by itself
	Note     string
}

// Incidents returns incidents, the one that failed last first.
func (s *Store) Incidents(ctx context.Context, want IncidentQuery) ([]Incident, error) {
	q := new(query).add("SELECT " + incidentColumns + " FROM incidents WHERE 1 = 1")
	if len(want.States) > 0 {
		in(q.add(" AND state IN "), texts(want.States))
	}
	for _, part := range []struct{ column, value string }{{"kind", string(want.Kind)}, {"route", want.Route}, {"source", want.Source}} {
		if part.value != "" {
			q.add(" AND "+part.column+" = ?", part.value)
		}
	}
	if want.After != "" {
		q.add(" AND (last_at, id) < (SELECT last_at, id FROM incidents WHERE id = ?)", want.After)
	}
	limit := (&Query{Limit: want.Limit}).limit()
	all := []Incident{}
	err := each(ctx, s.read, s.bind, q.add(" ORDER BY last_at DESC, id DESC LIMIT ?", limit), func(scan func(...any) error) error {
		var i Incident
		err := scanIncident(scan, &i)
		all = append(all, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list incidents: %w", err)
	}
	return all, nil
}

// Incident returns one incident with its history, the oldest change first. It fails with
// ErrNotFound.
func (s *Store) Incident(ctx context.Context, id string) (*Incident, []IncidentChange, error) {
	var i Incident
	q := new(query).add("SELECT "+incidentColumns+" FROM incidents WHERE id = ?", id)
	if err := s.one(ctx, q, func(scan func(...any) error) error { return scanIncident(scan, &i) }); err != nil {
		return nil, nil, fmt.Errorf("find incident %s: %w", id, err)
	}
	changes, err := s.changes(ctx, new(query).add(" WHERE incident = ? ORDER BY id DESC LIMIT ?", id, changesShown))
	return &i, changes, err
}

// changesShown bounds the history that is returned of an incident.
const changesShown = 200

// ChangesAfter returns up to limit changes of all incidents that are later than the one with
// the id, the oldest first.
func (s *Store) ChangesAfter(ctx context.Context, id int64, limit int) ([]IncidentChange, error) {
	changes, err := s.changes(ctx, new(query).add(" WHERE id IN (SELECT id FROM incident_changes WHERE id > ? ORDER BY id LIMIT ?) ORDER BY id DESC", id, limit))
	return changes, err
}

// changes reads changes by the end of a statement, which has them from the newest on, and
// returns the oldest first.
func (s *Store) changes(ctx context.Context, end *query) ([]IncidentChange, error) {
	q := new(query).add("SELECT id, incident, at, change, actor, note FROM incident_changes"+end.text.String(), end.args...)
	all := []IncidentChange{}
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var c IncidentChange
		var at int64
		err := scan(&c.ID, &c.Incident, &at, &c.Change, &c.By, &c.Note)
		c.At = moment(at)
		all = append([]IncidentChange{c}, all...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the changes of incidents: %w", err)
	}
	return all, nil
}

// texts makes plain texts of typed ones, for the database's driver.
func texts[T ~string](typed []T) []string {
	plain := make([]string, len(typed))
	for i, one := range typed {
		plain[i] = string(one)
	}
	return plain
}

// PruneIncidents deletes the incidents that were resolved before a time and have no event left,
// with their history, and the notices that were made before it.
func (s *Store) PruneIncidents(ctx context.Context, before time.Time) error {
	err := s.transaction(ctx, func(t *tx) error {
		for _, text := range []string{
			"DELETE FROM incidents WHERE state = 'resolved' AND waiting = 0 AND dead = 0 AND resolved_at < ?",
			"DELETE FROM incident_changes WHERE at < ? AND NOT EXISTS (SELECT 1 FROM incidents i WHERE i.id = incident_changes.incident)",
			"DELETE FROM notices WHERE made_at < ?",
		} {
			if _, err := t.exec(ctx, new(query).add(text, millis(before))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete old incidents: %w", err)
	}
	return nil
}
