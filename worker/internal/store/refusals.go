package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/refusal"
)

// Refusal is how many requests of a source the gateways refused for a reason.
type Refusal struct {
	Source, Reason string
	Count          int64
	LastAt         time.Time
}

// AddRefusals adds what a gateway reports, of refusals and of repetitions, unless its instance has reported the number or
// a higher one before: then it does nothing.
func (s *Store) AddRefusals(ctx context.Context, r refusal.Report) error {
	err := s.transaction(ctx, func(t *tx) error {
		news, err := t.exec(ctx, new(query).add("INSERT INTO reporters (instance, number, at) VALUES (?, ?, ?) ON CONFLICT (instance)"+
			" DO UPDATE SET number = excluded.number, at = excluded.at WHERE reporters.number < excluded.number", r.Instance, r.Number, millis(r.At)))
		if err != nil || news == 0 {
			return err
		}
		var rows [][]any
		for _, c := range r.Counts {
			rows = append(rows, []any{c.LastAt.Unix() / 3600, c.Source, c.Reason, c.N, millis(c.LastAt)})
		}
		if err := t.upsert(ctx, upsert{"refusals", "hour, source, reason, n, last_at", "hour, source, reason", addCount("refusals"), rows}); err != nil {
			return err
		}
		if err := t.foldRefusals(ctx, r.Counts); err != nil {
			return err
		}
		rows = nil
		for _, e := range r.Repeats {
			rows = append(rows, []any{e.Event, e.N, millis(e.LastAt)})
		}
		return t.upsert(ctx, upsert{"repeats", "event, n, last_at", "event", addCount("repeats"), rows})
	})
	if err != nil {
		return fmt.Errorf("store refusals: %w", err)
	}
	return nil
}

// addCount is what becomes of a row of the table that is there: the sum, and the later time.
func addCount(table string) string {
	return strings.ReplaceAll("UPDATE SET n = #.n + excluded.n, last_at = CASE WHEN #.last_at > excluded.last_at THEN #.last_at ELSE excluded.last_at END", "#", table)
}

// addRepeats says of the event how often it came again.
func (s *Store) addRepeats(ctx context.Context, e *Event) error {
	var last int64
	q := new(query).add("SELECT n, last_at FROM repeats WHERE event = ?", e.ID)
	err := s.one(ctx, q, func(scan func(...any) error) error { return scan(&e.Repeats, &last) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	e.RepeatedAt = moment(last)
	return err
}

// Reported returns the number of the last report that was added of an instance; zero when
// there was none.
func (s *Store) Reported(ctx context.Context, instance string) (number int64, err error) {
	q := new(query).add("SELECT number FROM reporters WHERE instance = ?", instance)
	err = s.one(ctx, q, func(scan func(...any) error) error { return scan(&number) })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, fmt.Errorf("look up a reporter: %w", err)
	}
	return number, nil
}

// Refusals returns what was refused since the hour of a time, by source; of each the most
// frequent reason first.
func (s *Store) Refusals(ctx context.Context, since time.Time) ([]Refusal, error) {
	q := new(query).add("SELECT source, reason, CAST(SUM(n) AS BIGINT) AS total, MAX(last_at) FROM refusals WHERE hour >= ?"+
		" GROUP BY source, reason ORDER BY source, total DESC, reason", since.Unix()/3600)
	var all []Refusal
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var one Refusal
		var last int64
		err := scan(&one.Source, &one.Reason, &one.Count, &last)
		one.LastAt = moment(last)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the refusals: %w", err)
	}
	return all, nil
}

// PruneRefusals forgets the hours before a time, and the gateways that have not reported
// since. The repetitions of an event stay as long as the event.
func (s *Store) PruneRefusals(ctx context.Context, before time.Time) error {
	err := s.transaction(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, new(query).add("DELETE FROM refusals WHERE hour < ?", before.Unix()/3600)); err != nil {
			return err
		}
		if _, err := t.exec(ctx, new(query).add("DELETE FROM reporters WHERE at < ?", millis(before))); err != nil {
			return err
		}
		_, err := t.exec(ctx, new(query).add("DELETE FROM repeats WHERE last_at < ? AND NOT EXISTS (SELECT 1 FROM events WHERE events.id = repeats.event)", millis(before)))
		return err
	})
	if err != nil {
		return fmt.Errorf("delete old refusals: %w", err)
	}
	return nil
}
