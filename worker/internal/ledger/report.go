package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/penstock/penstock/worker/internal/store"
)

// reportName is under which the store keeps the last verdict.
const reportName = "ledger"

// saveEvery is how often a verdict is stored that says nothing new.
const saveEvery = 15 * time.Second

// Entry is one line of the ledger: Accepted is the sum of the six that follow, and
// Unaccounted is a part of InFlight.
type Entry struct {
	Source, Route                  string
	Accepted                       int64
	Delivered, Filtered, Discarded int64
	Cancelled, Dead                int64
	InFlight                       int64
	Unaccounted                    int64
}

// HoldsFor is for how long a verdict holds. An older one says nothing about now.
const HoldsFor = time.Minute

// holds reports whether a verdict of a time still holds.
func holds(at, now time.Time) bool { return !at.IsZero() && now.Sub(at) <= HoldsFor }

// Known reports whether the ledger has looked lately, so that what the report says holds
// at the time given.
func (r *Report) Known(now time.Time) bool { return holds(r.AsOf, now) }

// Report is how it stands.
type Report struct {
	AsOf        time.Time // of the last judgement; zero: there was none yet
	Entries     []Entry   // by source and route
	Unaccounted int64     // events on routes, with those that could be counted and not named
	Uncertain   int64     // events on routes that are not in the broker, and were perhaps delivered: their records are lost
	Missing     []Missing // the ones that could be named, the longest missing first

	ByRoute map[string]int // of Unaccounted
}

// Missing is an event that is in flight on a route by its records, and nowhere in the
// broker.
type Missing = store.Silent

// saved is a verdict as the store keeps it.
type saved struct {
	Missing []Missing      `json:"missing"`
	Counts  map[string]int `json:"counts"` // by route
	Unsure  int            `json:"unsure,omitempty"`
}

// save stores a verdict, for all trackers to read.
func (l *Ledger) save(ctx context.Context, v verdict) error {
	if time.Since(l.saved) < saveEvery && maps.Equal(v.counts(), l.lastCounts) && v.unsure == l.lastUnsure {
		return nil
	}
	missing := slices.SortedFunc(maps.Values(v.missing), func(a, b Missing) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Route, b.Route))
	})
	body, err := json.Marshal(saved{missing, v.counts(), v.unsure})
	if err != nil {
		return fmt.Errorf("encode the ledger's report: %w", err)
	}
	if err := l.Store.SaveReport(ctx, reportName, v.at, body); err != nil {
		return err
	}
	l.saved, l.lastCounts, l.lastUnsure = time.Now(), v.counts(), v.unsure
	return nil
}

// Read returns the report of the active tracker's ledger, with the counts as they are now.
// It may be called in any tracker.
func Read(ctx context.Context, s *store.Store) (*Report, error) {
	tallies, _, err := s.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	at, body, err := s.Report(ctx, reportName)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	var last saved
	if err == nil {
		if err := json.Unmarshal(body, &last); err != nil {
			return nil, fmt.Errorf("decode the ledger's report: %w", err)
		}
	}
	r := &Report{AsOf: at, Entries: entries(tallies), Missing: last.Missing, Uncertain: int64(last.Unsure), ByRoute: last.Counts}
	for _, m := range last.Missing {
		r.entry(m.Source, m.Route).Unaccounted++
	}
	for _, n := range last.Counts {
		r.Unaccounted += int64(n)
	}
	return r, nil
}

// entry returns the line of a source and route, which it adds when there is none.
func (r *Report) entry(source, route string) *Entry {
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Source == source && e.Route == route {
			return e
		}
	}
	r.Entries = append(r.Entries, Entry{Source: source, Route: route})
	return &r.Entries[len(r.Entries)-1]
}

func entries(tallies []store.Tally) []Entry {
	var r Report
	for _, t := range tallies {
		e := r.entry(t.Source, t.Route)
		e.Accepted += t.Count
		switch t.State {
		case store.Delivered:
			e.Delivered += t.Count
		case store.Filtered:
			e.Filtered += t.Count
		case store.Discarded:
			e.Discarded += t.Count
		case store.Cancelled:
			e.Cancelled += t.Count
		case store.Dead:
			e.Dead += t.Count
		default:
			e.InFlight += t.Count
		}
	}
	return r.Entries
}
