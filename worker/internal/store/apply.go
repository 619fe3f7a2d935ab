package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Apply stores a batch and moves the positions, in one transaction. It fails with
// ErrStale when a position is not where the batch begins. What the batch says of an
// event that is already stored is merged with it; for a delivery the last record holds.
func (s *Store) Apply(ctx context.Context, b *Batch) error {
	for i := range b.Accepted {
		b.Accepted[i].clean()
	}
	err := s.transaction(ctx, func(t *tx) error {
		if err := t.move(ctx, b.Moves); err != nil {
			return err
		}
		if err := t.noteGaps(ctx, b.Gaps); err != nil {
			return err
		}
		m, err := t.load(ctx, b)
		if err != nil {
			return err
		}
		says := failingOf(b.Records)
		if err := t.loadIncidents(ctx, m, b, says); err != nil {
			return err
		}
		m.apply(b, says)
		return errors.Join(t.save(ctx, m), t.saveIncidents(ctx, m.incidents), t.saveTombstones(ctx, &m.cancelling))
	})
	if err != nil {
		return fmt.Errorf("store a batch: %w", err)
	}
	return nil
}

// tx is a running transaction.
type tx struct {
	*sql.Tx
	bind func(string) string
}

func (s *Store) transaction(ctx context.Context, work func(*tx) error) error {
	began, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := work(&tx{began, s.bind}); err != nil {
		_ = began.Rollback() // the error that matters is work's
		return err
	}
	if err := began.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, q *query) (int64, error) {
	result, err := t.ExecContext(ctx, t.bind(q.text.String()), q.args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// move moves the positions; each must still be where the batch begins.
func (t *tx) move(ctx context.Context, moves []Move) error {
	now := time.Now().UnixMilli()
	for _, m := range moves {
		var q query
		if m.From == (Position{}) {
			q.add("INSERT INTO streams (name, next_offset, last_id, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
				m.Stream, m.To.Next, m.To.LastID, now)
		} else {
			q.add("UPDATE streams SET next_offset = ?, last_id = ?, updated_at = ? WHERE name = ? AND next_offset = ? AND last_id = ?",
				m.To.Next, m.To.LastID, now, m.Stream, m.From.Next, m.From.LastID)
		}
		n, err := t.exec(ctx, &q)
		if err != nil {
			return fmt.Errorf("move the position: %w", err)
		}
		if n != 1 {
			return fmt.Errorf("%w: in %s from %d", ErrStale, m.Stream, m.From.Next)
		}
	}
	return nil
}

func (t *tx) noteGaps(ctx context.Context, gaps []Gap) error {
	for _, g := range gaps {
		q := new(query).add("INSERT INTO gaps (stream, from_offset, to_offset, reason, at) VALUES (?, ?, ?, ?, ?)",
			g.Stream, g.From, g.To, g.Reason, g.At.UnixMilli())
		if _, err := t.exec(ctx, q); err != nil {
			return fmt.Errorf("note a gap: %w", err)
		}
	}
	return nil
}
