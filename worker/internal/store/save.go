package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// save writes what a batch has changed.
func (t *tx) save(ctx context.Context, m *merge) error {
	var events, deliveries, history, answers, tallies, minutes, tens [][]any
	for _, e := range m.order {
		if e.changed {
			events = append(events, []any{e.seq, e.ID, e.Source, e.Type, e.ProviderID, millis(e.ReceivedAt), e.Size, e.Offset, len(e.routes)})
		}
		for _, route := range e.routes {
			if d := e.deliveries[route]; d.changed {
				row := append([]any{e.seq, route, string(d.State), millis(e.ReceivedAt), d.Records, d.due, d.Incident, d.Held.Why, millis(d.Held.At)}, d.values()...)
				deliveries = append(deliveries, row)
			}
		}
	}
	for _, h := range m.history {
		history = append(history, append([]any{h.seq, h.route, h.n}, h.fact.values()...))
	}
	for _, a := range m.answers {
		answers = append(answers, []any{a.seq, a.route, a.n, append([]byte{}, a.Body...), asInt(a.Cut), a.Fields.text()})
	}
	for _, k := range slices.SortedFunc(maps.Keys(m.tallies), tally.compare) {
		if n := m.tallies[k]; n != 0 {
			tallies = append(tallies, []any{k.source, k.route, k.state, n})
		}
	}
	for k, n := range m.traffic {
		minutes = append(minutes, []any{k.minute, k.source, k.route, k.kind, n})
	}
	for k, n := range inTens(m.traffic) {
		tens = append(tens, []any{k.minute, k.source, k.route, k.kind, n})
	}
	for _, u := range append(m.health(), []upsert{
		{"events", "seq, id, source, type, provider_id, received_at, size, archive_offset, routed", "seq", set("source", "type", "provider_id", "size", "archive_offset", "routed"), events},
		{
			"deliveries", "seq, route, state, received_at, records, due_at, incident, held_why, held_at, " + factColumns, "seq, route",
			set(append(strings.Split(factColumns, ", "), "state", "records", "due_at", "incident", "held_why", "held_at")...), deliveries,
		},
		{"history", "seq, route, n, " + factColumns, "seq, route, n", "NOTHING", history},
		{"answers", "seq, route, n, body, cut, fields", "seq, route, n", "NOTHING", answers},
		{"tallies", "source, route, state, n", "source, route, state", "UPDATE SET n = tallies.n + excluded.n", tallies},
		{"traffic", "minute, source, route, kind, n", "minute, source, route, kind", "UPDATE SET n = traffic.n + excluded.n", minutes},
		{"traffic_tens", "ten, source, route, kind, n", "ten, source, route, kind", "UPDATE SET n = traffic_tens.n + excluded.n", tens},
	}...) {
		if err := t.upsert(ctx, u); err != nil {
			return fmt.Errorf("write %s: %w", u.table, err)
		}
	}
	return nil
}

func (f *Fact) values() []any {
	return []any{
		string(f.Kind), millis(f.At), f.Attempt, string(f.Reason), string(f.LastReason), f.Error, f.HTTPStatus,
		f.Took.Milliseconds(), millis(f.NextAt), f.Replay, f.By,
	}
}

func (k tally) compare(other tally) int {
	return strings.Compare(k.source+"\x00"+k.route+"\x00"+k.state, other.source+"\x00"+other.route+"\x00"+other.state)
}

// upsert is rows for a table, and what to do with one that is there.
type upsert struct {
	table, columns, key, otherwise string
	rows                           [][]any
}

// set makes the clause that takes the columns from the new row.
func set(columns ...string) string {
	assignments := make([]string, len(columns))
	for i, c := range columns {
		assignments[i] = c + " = excluded." + c
	}
	return "UPDATE SET " + strings.Join(assignments, ", ")
}

func (t *tx) upsert(ctx context.Context, u upsert) error {
	for rows := range slices.Chunk(u.rows, chunk) {
		var q query
		q.add("INSERT INTO " + u.table + " (" + u.columns + ") VALUES ")
		row := "(" + marks(len(rows[0])) + ")"
		q.text.WriteString(strings.TrimSuffix(strings.Repeat(row+", ", len(rows)), ", "))
		for _, values := range rows {
			q.args = append(q.args, values...)
		}
		q.add(" ON CONFLICT (" + u.key + ") DO " + u.otherwise)
		if _, err := t.exec(ctx, &q); err != nil {
			return err
		}
	}
	return nil
}
