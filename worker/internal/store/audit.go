package store

import (
	"context"
	"fmt"
	"time"
)

// Audit says who changed what.
type Audit struct {
	ID     int64     // given by the store; later entries have higher ones
	At     time.Time // zero: now
	By     string    // the name of a token
	Action string    // what was done
	Target string    // to which job or destination
	Detail string    // what it was about, in words; never a secret
	Count  int64     // of events or deliveries that it changed
}

// audited changes something and notes it, both or neither.
func (s *Store) audited(ctx context.Context, what string, a Audit, change func(*tx) error) error {
	err := s.transaction(ctx, func(t *tx) error {
		if err := change(t); err != nil {
			return err
		}
		return t.note(ctx, a)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Note keeps an entry of the audit about what changes nothing in the store.
func (s *Store) Note(ctx context.Context, a Audit) error {
	return s.audited(ctx, "note in the audit", a, func(*tx) error { return nil })
}

// note adds an entry to the audit.
func (t *tx) note(ctx context.Context, a Audit) error {
	if a.At.IsZero() {
		a.At = time.Now()
	}
	_, err := t.exec(ctx, new(query).add("INSERT INTO audit (at, actor, action, target, detail, n) VALUES (?, ?, ?, ?, ?, ?)",
		millis(a.At), a.By, a.Action, a.Target, a.Detail, a.Count))
	return err
}

// Audits returns up to limit entries of the audit, the newest first, that are older than
// the one with the id before; zero begins with the newest.
func (s *Store) Audits(ctx context.Context, before int64, limit int) ([]Audit, error) {
	var all []Audit
	q := new(query).add("SELECT id, at, actor, action, target, detail, n FROM audit WHERE 1 = 1")
	if before > 0 {
		q.add(" AND id < ?", before)
	}
	err := each(ctx, s.read, s.bind, q.add(" ORDER BY id DESC LIMIT ?", limit), func(scan func(...any) error) error {
		var a Audit
		var at int64
		err := scan(&a.ID, &at, &a.By, &a.Action, &a.Target, &a.Detail, &a.Count)
		a.At = moment(at)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit: %w", err)
	}
	return all, nil
}
