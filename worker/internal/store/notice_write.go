package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// NotifyCursor returns the last change that a channel has taken up. A channel that is new has
// taken up everything until now.
func (s *Store) NotifyCursor(ctx context.Context, channel string) (at int64, err error) {
	read := func() error {
		q := new(query).add("SELECT change FROM notify_cursors WHERE channel = ?", channel)
		return s.one(ctx, q, func(scan func(...any) error) error { return scan(&at) })
	}
	if err = read(); errors.Is(err, ErrNotFound) {
		err = s.transaction(ctx, func(t *tx) error {
			add := new(query).add("INSERT INTO notify_cursors (channel, change) SELECT ?, change FROM notify_cursors WHERE channel = '' ON CONFLICT (channel) DO NOTHING", channel)
			_, err := t.exec(ctx, add)
			return err
		})
		if err == nil {
			err = read()
		}
	}
	if err != nil {
		return 0, fmt.Errorf("read how far channel %s has come: %w", channel, err)
	}
	return at, nil
}

// AddNotices takes a channel from one change to another, with the notices that this amounts
// to, both or neither. It fails with ErrStale when the channel is not at the first one: another
// tracker has decided.
func (s *Store) AddNotices(ctx context.Context, channel string, from, to int64, notices []Notice) error {
	err := s.transaction(ctx, func(t *tx) error {
		moved, err := t.exec(ctx, new(query).add("UPDATE notify_cursors SET change = ? WHERE channel = ? AND change = ?", to, channel, from))
		switch {
		case err != nil:
			return err
		case moved != 1:
			return ErrStale
		}
		var rows [][]any
		for i := range notices {
			n := &notices[i]
			changes, err := json.Marshal(n.Changes)
			if err != nil {
				return err
			}
			rows = append(rows, []any{channel, string(changes), string(NoticeWaiting), millis(n.MadeAt), millis(n.NextAt), 0, 0, ""})
		}
		return t.upsert(ctx, upsert{"notices", "channel, changes, state, made_at, next_at, ended_at, attempts, problem", "id", "NOTHING", rows})
	})
	if err != nil {
		return fmt.Errorf("add notices for channel %s: %w", channel, err)
	}
	return nil
}

// ClaimNotice takes a notice for an attempt, which another tracker repeats after a time if
// nothing was heard of it. It returns false when another one has taken it.
func (s *Store) ClaimNotice(ctx context.Context, n *Notice, until time.Time) (bool, error) {
	changed, err := s.changeNotice(ctx, new(query).add("UPDATE notices SET attempts = attempts + 1, next_at = ? WHERE id = ? AND state = 'waiting' AND attempts = ?",
		millis(until), n.ID, n.Attempts))
	return changed, err
}

// EndNotice notes that a notice was sent, or given up on, and why.
func (s *Store) EndNotice(ctx context.Context, id int64, state NoticeState, problem string, now time.Time) error {
	_, err := s.changeNotice(ctx, new(query).add("UPDATE notices SET state = ?, ended_at = ?, problem = ? WHERE id = ? AND state = 'waiting'",
		string(state), millis(now), plainText([]byte(problem)), id))
	return err
}

// PutOffNotice notes that an attempt has failed, and when the next one is due.
func (s *Store) PutOffNotice(ctx context.Context, id int64, next time.Time, problem string) error {
	_, err := s.changeNotice(ctx, new(query).add("UPDATE notices SET next_at = ?, problem = ? WHERE id = ? AND state = 'waiting'", millis(next), plainText([]byte(problem)), id))
	return err
}

func (s *Store) changeNotice(ctx context.Context, q *query) (bool, error) {
	var n int64
	err := s.transaction(ctx, func(t *tx) (err error) {
		n, err = t.exec(ctx, q)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("note what became of a notice: %w", err)
	}
	return n == 1, nil
}

// IncidentsOf returns the incidents with the ids, by id.
func (s *Store) IncidentsOf(ctx context.Context, ids []string) (map[string]Incident, error) {
	all := map[string]Incident{}
	if len(ids) == 0 {
		return all, nil
	}
	q := in(new(query).add("SELECT "+incidentColumns+" FROM incidents WHERE id IN "), ids)
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var i Incident
		err := scanIncident(scan, &i)
		all[i.ID] = i
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up incidents: %w", err)
	}
	return all, nil
}

// ChangesOf returns the changes with the ids, the oldest first. What was pruned is missing.
func (s *Store) ChangesOf(ctx context.Context, ids []int64) ([]IncidentChange, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.changes(ctx, in(new(query).add(" WHERE id IN "), ids).add(" ORDER BY id DESC"))
}
