package store

import (
	"context"
	"fmt"
	"time"
)

// Oldest returns, by route, when the oldest event was accepted that is in one of the states
// there, and without states pending or retrying. A route without any is missing.
func (s *Store) Oldest(ctx context.Context, routes []string, states ...State) (map[string]time.Time, error) {
	if len(states) == 0 {
		states = []State{Pending, Retrying}
	}
	oldest := map[string]time.Time{}
	for _, route := range routes {
		for _, state := range states {
			q := new(query).add("SELECT received_at FROM deliveries WHERE route = ? AND state = ? ORDER BY received_at, seq LIMIT 1", route, string(state))
			err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
				var received int64
				err := scan(&received)
				if at := moment(received); oldest[route].IsZero() || at.Before(oldest[route]) {
					oldest[route] = at
				}
				return err
			})
			if err != nil {
				return nil, fmt.Errorf("find the oldest event of route %s: %w", route, err)
			}
		}
	}
	return oldest, nil
}
