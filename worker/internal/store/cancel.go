package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/status"
)

// cancelling is what a batch says of tombstones.
type cancelling struct {
	withheld map[consume.Round]bool // those that are not decided, of the events that the batch cancels
	sealed   []consume.Round        // those that the batch decides
	dropped  []consume.Round        // those whose events were dropped
}

// loadTombstones reads which rounds are withheld that the batch cancels.
func (t *tx) loadTombstones(ctx context.Context, m *merge, records []status.Record) error {
	var events []string
	for i := range records {
		if records[i].Kind == status.Cancelled {
			events = append(events, records[i].Event)
		}
	}
	slices.Sort(events)
	for some := range slices.Chunk(slices.Compact(events), chunk) {
		q := in(new(query).add("SELECT event, route, replay FROM tombstones WHERE sealed = 0 AND event IN "), some)
		err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
			var r consume.Round
			err := scan(&r.Event, &r.Route, &r.Replay)
			m.cancelling.withheld[r] = true
			return err
		})
		if err != nil {
			return fmt.Errorf("load tombstones: %w", err)
		}
	}
	return nil
}

// saveTombstones seals and ends tombstones.
func (t *tx) saveTombstones(ctx context.Context, c *cancelling) error {
	if len(c.sealed)+len(c.dropped) == 0 {
		return nil
	}
	if len(c.sealed) > 0 {
		if err := t.advance(ctx); err != nil { // first, as all do who change tombstones: so none waits for another in a circle
			return err
		}
	}
	ends := millis(time.Now().Add(keptAfterDrop))
	for _, r := range c.dropped {
		q := new(query).add("UPDATE tombstones SET ends_at = ? WHERE event = ? AND route = ? AND replay = ?", ends, r.Event, r.Route, r.Replay)
		if _, err := t.exec(ctx, q); err != nil {
			return fmt.Errorf("end a tombstone: %w", err)
		}
	}
	for _, r := range c.sealed {
		q := new(query).add("UPDATE tombstones SET sealed = 1 WHERE event = ? AND route = ? AND replay = ?", r.Event, r.Route, r.Replay)
		if _, err := t.exec(ctx, q); err != nil {
			return fmt.Errorf("seal a tombstone: %w", err)
		}
	}
	return nil
}

// cancel decides about a round that is withheld: it ends if its event is still in flight on it.
// So it is cancelled at most once, and never after it has ended otherwise.
func (m *merge) cancel(d *deliveryRow, r *status.Record) (cancelled bool) {
	round := consume.Round{Event: r.Event, Route: r.Route, Replay: r.Replay}
	if !m.cancelling.withheld[round] || d.Replay != r.Replay || d.State != Pending && d.State != Retrying {
		return false
	}
	delete(m.cancelling.withheld, round)
	m.cancelling.sealed = append(m.cancelling.sealed, round)
	return true
}

// overtaken reports whether a record says of a cancelled round that it goes on. Its writer did
// not know that it had ended.
func (d *deliveryRow) overtaken(r *status.Record) bool {
	return d.State == Cancelled && d.Replay == r.Replay && slices.Contains([]status.Kind{status.Attempted, status.Retrying, status.Postponed, status.Held}, r.Kind)
}
