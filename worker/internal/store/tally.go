package store

import (
	"context"
	"fmt"
	"time"
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

// Traffic is how often something happened in one minute: a kind of status record on a
// route, or, with an empty route, the acceptance of an event.
type Traffic struct {
	Minute              time.Time
	Source, Route, Kind string
	Count               int64
}

// Traffic returns what happened since a time, the oldest first.
func (s *Store) Traffic(ctx context.Context, since time.Time) ([]Traffic, error) {
	var all []Traffic
	q := new(query).add("SELECT minute, source, route, kind, n FROM traffic WHERE minute >= ? ORDER BY minute, source, route, kind", since.Unix()/60)
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var t Traffic
		var minute int64
		err := scan(&minute, &t.Source, &t.Route, &t.Kind, &t.Count)
		t.Minute = time.Unix(minute*60, 0).UTC()
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the traffic: %w", err)
	}
	return all, nil
}
