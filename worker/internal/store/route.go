package store

import (
	"context"
	"fmt"
	"time"
)

// Routes brings the known routes up to date, given each one's bindings as a text, and
// returns from when on events are expected on each. That is since, for a route that is
// new or bound differently, so that what was accepted before is not missed there. The
// first routes of a store count from the beginning.
func (s *Store) Routes(ctx context.Context, bindings map[string]string, since time.Time) (map[string]time.Time, error) {
	from := map[string]time.Time{}
	err := s.transaction(ctx, func(t *tx) error {
		known, err := t.routes(ctx)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			since = time.Time{}
		}
		for name, route := range known {
			if bindings[name] == route.bindings {
				from[name] = route.since
				continue
			}
			if _, err := t.exec(ctx, new(query).add("DELETE FROM routes WHERE name = ?", name)); err != nil {
				return err
			}
		}
		var rows [][]any
		for name, text := range bindings {
			if _, same := from[name]; !same {
				from[name] = since
				rows = append(rows, []any{name, text, millis(since)})
			}
		}
		return t.upsert(ctx, upsert{"routes", "name, bindings, since", "name", "NOTHING", rows})
	})
	if err != nil {
		return nil, fmt.Errorf("update the routes: %w", err)
	}
	return from, nil
}

type routeRow struct {
	bindings string
	since    time.Time
}

func (t *tx) routes(ctx context.Context) (map[string]routeRow, error) {
	known := map[string]routeRow{}
	q := new(query).add("SELECT name, bindings, since FROM routes")
	return known, each(ctx, t, t.bind, q, func(scan func(...any) error) error {
		var name string
		var r routeRow
		var since int64
		err := scan(&name, &r.bindings, &since)
		r.since = moment(since)
		known[name] = r
		return err
	})
}
