package store

import (
	"context"
	"fmt"
	"time"
)

// Recovery is what a person asked for: to recover once what an account misses.
type Recovery struct {
	Account string
	By      string
	At      time.Time
}

// AskRecovery notes that a person asks for a recovery, with an entry of the audit. A later one
// takes the place of an earlier one.
func (s *Store) AskRecovery(ctx context.Context, r Recovery, note Audit) error {
	return s.audited(ctx, "ask for a recovery", note, func(t *tx) error {
		return t.upsert(ctx, upsert{"recoveries", "account, actor, at", "account", set("actor", "at"), [][]any{{r.Account, r.By, millis(r.At)}}})
	})
}

// Recovery returns what a person asked for an account. It fails with ErrNotFound.
func (s *Store) Recovery(ctx context.Context, account string) (Recovery, error) {
	r := Recovery{Account: account}
	q := new(query).add("SELECT actor, at FROM recoveries WHERE account = ?", account)
	err := s.one(ctx, q, func(scan func(...any) error) error {
		var at int64
		err := scan(&r.By, &at)
		r.At = moment(at)
		return err
	})
	if err != nil {
		return Recovery{}, fmt.Errorf("find a recovery of account %s: %w", account, err)
	}
	return r, nil
}

// EndRecovery notes that a recovery is over, unless a later one was asked for.
func (s *Store) EndRecovery(ctx context.Context, r Recovery) error {
	err := s.transaction(ctx, func(t *tx) error {
		_, err := t.exec(ctx, new(query).add("DELETE FROM recoveries WHERE account = ? AND at <= ?", r.Account, millis(r.At)))
		return err
	})
	if err != nil {
		return fmt.Errorf("end a recovery of account %s: %w", r.Account, err)
	}
	return nil
}
