package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/incident"
)

// loadIncidents reads the incidents that a batch may touch: those of its failures, those that
// its deliveries are in, and the unresolved ones of its routes and sources.
func (t *tx) loadIncidents(ctx context.Context, m *merge, b *Batch, says []failing) error {
	ids, routes, sources := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range says {
		if says[i].failed {
			ids[m.incidents.idOf(says[i].key)], ids[m.incidents.idOf(says[i].key.Various())] = true, true
		}
		if says[i].failed || b.Records[i].Kind == status.Delivered {
			routes[b.Records[i].Route] = true
		}
	}
	for _, e := range m.order {
		for _, d := range e.deliveries {
			ids[d.Incident] = true
		}
	}
	for i := range b.Accepted {
		sources[b.Accepted[i].Source] = true
	}
	if err := t.loadFresh(ctx, m, b, ids); err != nil {
		return err
	}
	delete(ids, "")
	if err := t.lockIncidents(ctx); err != nil {
		return err
	}
	return t.readIncidents(ctx, m.incidents, map[string][]string{
		"id": slices.Sorted(maps.Keys(ids)), "route": slices.Sorted(maps.Keys(routes)), "source": slices.Sorted(maps.Keys(sources)),
	})
}

// lockIncidents makes the transaction the only one that changes incidents, until it ends. Where
// an operator acts at another tracker, nothing of either is lost.
func (t *tx) lockIncidents(ctx context.Context) error {
	if _, err := t.exec(ctx, new(query).add("UPDATE notify_cursors SET change = change WHERE channel = ''")); err != nil {
		return fmt.Errorf("lock the incidents: %w", err)
	}
	return nil
}

// nextChange reserves the ids of so many changes, and returns the first one. They are committed
// in their order, because the incidents are locked.
func (t *tx) nextChange(ctx context.Context, n int) (first int64, err error) {
	q := new(query).add("UPDATE notify_cursors SET change = change + ? WHERE channel = '' RETURNING change", n)
	err = each(ctx, t, t.bind, q, func(scan func(...any) error) error { return scan(&first) })
	return first - int64(n) + 1, err
}

// readIncidents adds the incidents with one of the ids, and the unresolved ones of the routes
// and sources.
func (t *tx) readIncidents(ctx context.Context, f *folding, by map[string][]string) error {
	for column, values := range by {
		for some := range slices.Chunk(values, chunk) {
			q := new(query).add("SELECT " + incidentColumns + " FROM incidents WHERE ")
			if column != "id" {
				q.add("state <> 'resolved' AND ")
			}
			in(q.add(column+" IN "), some)
			err := each(ctx, t, t.bind, q, func(scan func(...any) error) error {
				i := new(Incident)
				err := scanIncident(scan, i)
				if f.rows[i.ID] == nil {
					f.rows[i.ID] = i
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("load incidents: %w", err)
			}
		}
	}
	return nil
}

// saveIncidents writes what a transaction has changed.
func (t *tx) saveIncidents(ctx context.Context, f *folding) (err error) {
	var rows, changes [][]any
	var first int64
	for _, id := range slices.Sorted(maps.Keys(f.touched)) {
		rows = append(rows, f.rows[id].values())
	}
	for n, c := range f.changes {
		if n == 0 {
			if first, err = t.nextChange(ctx, len(f.changes)); err != nil {
				return fmt.Errorf("number the changes of incidents: %w", err)
			}
		}
		changes = append(changes, []any{first + int64(n), c.incident, millis(c.at), string(c.what), c.by, c.note})
	}
	for _, u := range []upsert{
		{"incidents", incidentColumns, "id", set("state", "muted_until", "failures", "events", "waiting", "dead", "first_at", "last_at", "opened_at",
			"ok_at", "resolved_at", "flaps", "actor", "samples", "answer", "detail"), rows},
		{"incident_changes", "id, incident, at, change, actor, note", "id", "NOTHING", changes},
	} {
		if err := t.upsert(ctx, u); err != nil {
			return fmt.Errorf("write %s: %w", u.table, err)
		}
	}
	return nil
}

// typeOf is a type of event of a source.
type typeOf struct{ source, typ string }

func (y typeOf) key() incident.Key {
	return incident.Key{Kind: incident.UnroutedType, Source: y.source, Reason: y.typ}
}

// loadFresh finds the types of events of the batch that no route takes and of which the store
// has no event yet, and names the incidents of those types.
func (t *tx) loadFresh(ctx context.Context, m *merge, b *Batch, ids map[string]bool) error {
	m.fresh = map[typeOf]bool{}
	for i := range b.Accepted {
		a := &b.Accepted[i]
		if len(a.Routes) == 0 {
			m.fresh[typeOf{a.Source, a.Type}] = true
		}
	}
	for y := range m.fresh {
		ids[y.key().ID()] = true
		q := new(query).add("SELECT 1 FROM events WHERE type = ? AND source = ? LIMIT 1", y.typ, y.source)
		err := each(ctx, t, t.bind, q, func(func(...any) error) error {
			m.fresh[y] = false
			return nil
		})
		if err != nil {
			return fmt.Errorf("look for a type of event: %w", err)
		}
	}
	return nil
}

// foldAccepted notes what an accepted event says of incidents: that its source is verified
// again, that its type is routed, or that no route takes its type, which is new.
func (m *merge) foldAccepted(a *Accepted) {
	routed := len(a.Routes) > 0
	if len(m.incidents.rows) > 0 {
		m.incidents.succeeded(a.ReceivedAt, func(i *Incident) bool {
			return i.Source == a.Source && (i.Kind == incident.VerificationFailing || i.Kind == incident.UnroutedType && routed && i.Reason == a.Type)
		})
	}
	if routed || a.Replay != "" {
		return
	}
	y := typeOf{a.Source, a.Type}
	if i := m.incidents.rows[y.key().ID()]; m.fresh[y] || i != nil && i.Unresolved() {
		m.incidents.fold(failure{key: y.key(), at: a.ReceivedAt, n: 1, event: a.ID}).Events++
	}
}
