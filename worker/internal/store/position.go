package store

import (
	"context"
	"fmt"
	"time"
)

// Positions returns how far each stream was read. A stream that was never read is
// missing.
func (s *Store) Positions(ctx context.Context) (map[string]Position, error) {
	positions := map[string]Position{}
	q := new(query).add("SELECT name, next_offset, last_id FROM streams")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var name string
		var p Position
		err := scan(&name, &p.Next, &p.LastID)
		positions[name] = p
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the positions: %w", err)
	}
	return positions, nil
}

// LastGap returns when the newest gap of a stream was noted; zero when there is none.
func (s *Store) LastGap(ctx context.Context, stream string) (time.Time, error) {
	var at int64
	q := new(query).add("SELECT coalesce(max(at), 0) FROM gaps WHERE stream = ?", stream)
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error { return scan(&at) })
	if err != nil {
		return time.Time{}, fmt.Errorf("read the newest gap: %w", err)
	}
	return moment(at), nil
}

// Gaps returns the stretches of streams that were gone before they were read, the
// newest first, at most a hundred.
func (s *Store) Gaps(ctx context.Context) ([]Gap, error) {
	var gaps []Gap
	q := new(query).add("SELECT stream, from_offset, to_offset, reason, at FROM gaps ORDER BY id DESC LIMIT 100")
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var g Gap
		var at int64
		err := scan(&g.Stream, &g.From, &g.To, &g.Reason, &at)
		g.At = moment(at)
		gaps = append(gaps, g)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the gaps: %w", err)
	}
	return gaps, nil
}
