package store

import (
	"context"
	"fmt"
	"time"
)

// Count returns how many events q finds, but no more than most, and whether those are
// all. It gives up after the patience, too, with what it has counted by then.
func (s *Store) Count(ctx context.Context, q Query, most int, patience time.Duration) (n int, complete bool, err error) {
	began := time.Now()
	q.Limit = MaxLimit
	for at := q.start(); ; {
		var page Page
		at, err = s.search(ctx, &q, at, &page)
		if err != nil {
			return 0, false, fmt.Errorf("count events: %w", err)
		}
		n += len(page.Events)
		switch {
		case n > most:
			return most, false, nil
		case at.IsZero():
			return n, true, nil
		case time.Since(began) > patience:
			return n, false, nil
		}
	}
}
