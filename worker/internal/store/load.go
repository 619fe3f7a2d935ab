package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// chunk is how many rows one statement reads or writes at most. PostgreSQL takes
// 65,535 arguments, SQLite 32,766.
const chunk = 400

// load reads what is stored about the events of a batch.
func (t *tx) load(ctx context.Context, b *Batch) (*merge, error) {
	var last sql.NullInt64
	if err := t.QueryRowContext(ctx, "SELECT max(seq) FROM events").Scan(&last); err != nil {
		return nil, fmt.Errorf("find the last event: %w", err)
	}
	m := newMerge(last.Int64)
	for ids := range slices.Chunk(b.ids(), chunk) {
		if err := t.loadEvents(ctx, m, ids); err != nil {
			return nil, fmt.Errorf("load events: %w", err)
		}
	}
	for rows := range slices.Chunk(slices.Clone(m.order), chunk) {
		if err := t.loadDeliveries(ctx, rows); err != nil {
			return nil, fmt.Errorf("load deliveries: %w", err)
		}
	}
	for seqs := range slices.Chunk(b.repeated(m), chunk) {
		if err := t.loadRounds(ctx, m, seqs); err != nil {
			return nil, err
		}
	}
	return m, t.loadTombstones(ctx, m, b.Records)
}

// ids returns the ids of the batch's events, each once.
func (b *Batch) ids() []string {
	ids := make([]string, 0, len(b.Accepted)+len(b.Records))
	for i := range b.Accepted {
		ids = append(ids, b.Accepted[i].ID)
	}
	for i := range b.Records {
		ids = append(ids, b.Records[i].Event)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (t *tx) loadEvents(ctx context.Context, m *merge, ids []string) error {
	q := in(new(query).add("SELECT "+eventColumns+", routed FROM events e WHERE id IN "), ids)
	return each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		row := &eventRow{deliveries: map[string]*deliveryRow{}, stored: true}
		var routed int
		if err := scanEvent(scan, &row.Event, &routed); err != nil {
			return err
		}
		row.unrouted, row.counted = routed == 0, row.Source
		m.put(row)
		return nil
	})
}

func (t *tx) loadDeliveries(ctx context.Context, rows []*eventRow) error {
	bySeq := make(map[int64]*eventRow, len(rows))
	seqs := make([]int64, len(rows))
	for i, row := range rows {
		bySeq[row.seq], seqs[i] = row, row.seq
	}
	return eachDelivery(ctx, t, t.bind, seqs, func(seq, due int64, d Delivery) {
		bySeq[seq].hold(&deliveryRow{Delivery: d, was: d.State, due: due})
	})
}

// asker runs a query: a database or a transaction.
type asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// each calls use for every row of a query.
func each(ctx context.Context, from asker, bind func(string) string, q *query, use func(scan func(...any) error) error) error {
	rows, err := from.QueryContext(ctx, bind(q.text.String()), q.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := use(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

const eventColumns = "e.seq, e.id, e.source, e.type, e.provider_id, e.received_at, e.size, e.archive_offset"

func scanEvent(scan func(...any) error, e *Event, more ...any) error {
	var received int64
	into := []any{&e.seq, &e.ID, &e.Source, &e.Type, &e.ProviderID, &received, &e.Size, &e.Offset}
	err := scan(append(into, more...)...)
	e.ReceivedAt = moment(received)
	return err
}

const factColumns = "kind, at, attempt, reason, last_reason, error, http_status, took, next_at, replay, actor"

func scanFact(scan func(...any) error, f *Fact, before ...any) error {
	var at, took, next int64
	into := slices.Concat(before, []any{&f.Kind, &at, &f.Attempt, &f.Reason, &f.LastReason, &f.Error, &f.HTTPStatus, &took, &next, &f.Replay, &f.By})
	err := scan(into...)
	f.At, f.NextAt, f.Took = moment(at), moment(next), time.Duration(took)*time.Millisecond
	return err
}

// eachDelivery calls use for the deliveries of the events, ordered by route.
func eachDelivery(ctx context.Context, from asker, bind func(string) string, seqs []int64, use func(seq, due int64, d Delivery)) error {
	q := in(new(query).add("SELECT seq, route, state, records, due_at, incident, held_why, held_at, "+factColumns+" FROM deliveries WHERE seq IN "), seqs).
		add(" ORDER BY seq, route")
	return each(ctx, from, bind, q, func(scan func(...any) error) error {
		var seq, due, held int64
		var d Delivery
		if err := scanFact(scan, &d.Fact, &seq, &d.Route, &d.State, &d.Records, &due, &d.Incident, &d.Held.Why, &held); err != nil {
			return err
		}
		d.Held.At = moment(held)
		use(seq, due, d)
		return nil
	})
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
