package store

import (
	"context"
	"fmt"
	"time"
)

// SaveReport keeps what the active tracker has found out, for all of them to read. body
// is JSON.
func (s *Store) SaveReport(ctx context.Context, name string, at time.Time, body []byte) error {
	err := s.transaction(ctx, func(t *tx) error {
		return t.upsert(ctx, upsert{"reports", "name, at, body", "name", set("at", "body"), [][]any{{name, at.UnixMilli(), string(body)}}})
	})
	if err != nil {
		return fmt.Errorf("store the report %s: %w", name, err)
	}
	return nil
}

// Report returns what SaveReport kept last under a name. It fails with ErrNotFound when
// there was nothing.
func (s *Store) Report(ctx context.Context, name string) (at time.Time, body []byte, err error) {
	found := false
	q := new(query).add("SELECT at, body FROM reports WHERE name = ?", name)
	err = each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var ms int64
		var text string
		err := scan(&ms, &text)
		at, body, found = moment(ms), []byte(text), true
		return err
	})
	switch {
	case err != nil:
		return at, nil, fmt.Errorf("read the report %s: %w", name, err)
	case !found:
		return at, nil, fmt.Errorf("%w: report %s", ErrNotFound, name)
	default:
		return at, body, nil
	}
}
