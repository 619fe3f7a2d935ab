package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The effort of one search: how many candidates it looks at in one go, and for how long
// it goes on when they fail the conditions. Then the page ends where it has come to.
const (
	effort = 250
	budget = 10 * time.Millisecond
)

// Events returns the page of events that q asks for. A page may hold fewer events than
// q.Limit, even none, and still have a Next.
func (s *Store) Events(ctx context.Context, q Query) (Page, error) {
	var page Page
	at, began := q.start(), time.Now()
	for {
		next, err := s.search(ctx, &q, at, &page)
		if err != nil {
			return Page{}, fmt.Errorf("search events: %w", err)
		}
		page.Next = next
		if next.IsZero() || len(page.Events) == q.limit() || time.Since(began) > budget {
			break
		}
		at = next
	}
	if err := s.addDeliveries(ctx, page.Events); err != nil {
		return Page{}, fmt.Errorf("search events: %w", err)
	}
	return page, nil
}

// search adds to the page what it finds behind a cursor, and returns the cursor behind
// what it has looked at, or none when nothing follows.
func (s *Store) search(ctx context.Context, q *Query, at Cursor, page *Page) (Cursor, error) {
	w, wanted := q.walk(), q.limit()-len(page.Events)
	look := wanted + 1
	if w.filtered {
		look = max(effort, look)
	}
	var found query
	found.add("SELECT " + eventColumns + " FROM (")
	w.candidates(&found, at, look, 0)
	found.add(") k JOIN events e ON e.seq = k.seq WHERE 1 = 1")
	for _, c := range q.conditions() {
		found.add(" AND "+c.text, c.args...)
	}
	found.add(" ORDER BY k.received_at DESC, k.seq DESC LIMIT ?", wanted+1)
	n := 0
	err := each(ctx, s.read, s.bind, &found, func(scan func(...any) error) error {
		var e Event
		if err := scanEvent(scan, &e); err != nil {
			return err
		}
		if n++; n <= wanted {
			page.Events = append(page.Events, e)
		}
		return nil
	})
	switch {
	case err != nil:
		return Cursor{}, err
	case n > wanted:
		return page.Events[len(page.Events)-1].cursor(), nil
	case !w.filtered:
		return Cursor{}, nil // fewer candidates than it looked for
	default:
		return s.last(ctx, w, at, look)
	}
}

// last returns the cursor of the last of look candidates, or none when there are fewer.
func (s *Store) last(ctx context.Context, w walk, at Cursor, look int) (Cursor, error) {
	var q query
	w.candidates(&q, at, 1, look-1)
	var c Cursor
	err := each(ctx, s.read, s.bind, &q, func(scan func(...any) error) error { return scan(&c.received, &c.seq) })
	return c, err
}

func (e *Event) cursor() Cursor { return Cursor{e.ReceivedAt.UnixMilli(), e.seq} }

func (s *Store) addDeliveries(ctx context.Context, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	at := make(map[int64]*Event, len(events))
	seqs := make([]int64, len(events))
	for i := range events {
		at[events[i].seq], seqs[i] = &events[i], events[i].seq
	}
	return eachDelivery(ctx, s.read, s.bind, seqs, func(seq, _ int64, d Delivery) {
		at[seq].Deliveries = append(at[seq].Deliveries, d)
	})
}

// Event returns one event. It fails with ErrNotFound.
func (s *Store) Event(ctx context.Context, id string) (*Event, error) {
	var e Event
	q := new(query).add("SELECT "+eventColumns+" FROM events e WHERE id = ?", id)
	err := s.one(ctx, q, func(scan func(...any) error) error { return scanEvent(scan, &e) })
	if err != nil {
		return nil, fmt.Errorf("find event %s: %w", id, err)
	}
	events := []Event{e}
	if err := errors.Join(s.addDeliveries(ctx, events), s.addRepeats(ctx, &events[0])); err != nil {
		return nil, fmt.Errorf("find event %s: %w", id, err)
	}
	return &events[0], nil
}

// one reads a single row, or fails with ErrNotFound.
func (s *Store) one(ctx context.Context, q *query, use func(scan func(...any) error) error) error {
	found := errors.New("found")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		if err := use(scan); err != nil {
			return err
		}
		return found
	})
	switch {
	case errors.Is(err, found):
		return nil
	case err == nil:
		return ErrNotFound
	default:
		return err
	}
}
