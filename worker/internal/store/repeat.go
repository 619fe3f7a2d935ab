package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

// repeat notes that the sender of an event sent it again, and that it was accepted on a
// further round. The event is counted once. On each route it is pending again, as after a
// replay, unless the status stream has reported on that round already.
func (m *merge) repeat(e *eventRow, a *Accepted) {
	e.Size, e.Offset, e.changed = a.Size, a.Offset, true // the archive keeps the newest entry for longest
	for _, route := range a.Routes {
		r := &status.Record{
			Kind: status.Replayed, Event: e.ID, Source: e.Source, Type: e.Type, Route: route,
			ReceivedAt: a.ReceivedAt, At: a.ReplayedAt, Reason: fault.ReasonRepeated, Replay: a.Replay,
		}
		if d := e.deliveries[route]; d == nil || d.Replay != a.Replay && !e.rounds[round{route, a.Replay}] {
			m.record(r, failing{})
			continue
		}
		// The number of a fact that is not of the status stream must be none of a record's.
		m.history = append(m.history, historyRow{e.seq, route, -1 - int(a.Offset), factOf(r, 0)})
		m.happened(r.At, e.Source, route, string(r.Kind))
	}
}

// repeated returns the events of the batch that were accepted on a further round.
func (b *Batch) repeated(m *merge) (seqs []int64) {
	for i := range b.Accepted {
		if e := m.events[b.Accepted[i].ID]; e != nil && b.Accepted[i].Replay != "" {
			seqs = append(seqs, e.seq)
		}
	}
	slices.Sort(seqs)
	return slices.Compact(seqs)
}

// loadRounds reads which further rounds the history of the events knows.
func (t *tx) loadRounds(ctx context.Context, m *merge, seqs []int64) error {
	rows := map[int64]*eventRow{}
	for _, row := range m.order {
		rows[row.seq] = row
	}
	q := in(new(query).add("SELECT seq, route, replay FROM history WHERE replay <> '' AND seq IN "), seqs)
	err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		var seq int64
		var known round
		if err := scan(&seq, &known.route, &known.replay); err != nil {
			return err
		}
		row := rows[seq]
		if row.rounds == nil {
			row.rounds = map[round]bool{}
		}
		row.rounds[known] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the rounds of events: %w", err)
	}
	return nil
}
