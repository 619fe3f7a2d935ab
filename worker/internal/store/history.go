package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Past is one status record of an event, with its route.
type Past struct {
	Route string
	Fact
	Answer Answer // the destination's; zero: none
}

// History returns everything that happened to the event's deliveries, the oldest first.
func (s *Store) History(ctx context.Context, e *Event) ([]Past, error) {
	answers, err := s.answers(ctx, e)
	if err != nil {
		return nil, err
	}
	var all []Past
	q := new(query).add("SELECT route, n, "+factColumns+" FROM history WHERE seq = ? ORDER BY route, n", e.seq)
	err = each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var p Past
		var n int
		err := scanFact(scan, &p.Fact, &p.Route, &n)
		p.Answer = answers[answered{p.Route, n}]
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the history of event %s: %w", e.ID, err)
	}
	for _, d := range e.Deliveries {
		if d.Records > 0 {
			all = append(all, Past{d.Route, d.Fact, answers[answered{d.Route, d.Records}]})
		}
	}
	slices.SortStableFunc(all, func(a, b Past) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Route, b.Route)) })
	return all, nil
}
