package store

import (
	"context"
	"fmt"
)

// Tally is how many deliveries of a source's events on a route are in a state.
type Tally struct {
	Source, Route string
	State         State
	Count         int64
}

// SourceTally is how many of a source's events are in the store.
type SourceTally struct {
	Source   string
	Accepted int64
	Unrouted int64
}

// Tallies returns the counts of all deliveries and all events, as of the last batch.
func (s *Store) Tallies(ctx context.Context) ([]Tally, []SourceTally, error) {
	var deliveries []Tally
	var sources []SourceTally
	q := new(query).add("SELECT source, route, state, n FROM tallies WHERE n <> 0 ORDER BY source, route, state")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var t Tally
		if err := scan(&t.Source, &t.Route, &t.State, &t.Count); err != nil {
			return err
		}
		if t.Route != "" {
			deliveries = append(deliveries, t)
			return nil
		}
		if len(sources) == 0 || sources[len(sources)-1].Source != t.Source {
			sources = append(sources, SourceTally{Source: t.Source})
		}
		sources[len(sources)-1].add(t)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the tallies: %w", err)
	}
	return deliveries, sources, nil
}

func (s *SourceTally) add(t Tally) {
	if t.State == Unrouted {
		s.Unrouted = t.Count
		return
	}
	s.Accepted = t.Count
}
