package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// NoticeState is how it stands with a notice. It is a closed set; its texts are part of the API.
type NoticeState string

// The states. The last two are final.
const (
	NoticeWaiting NoticeState = "waiting"
	NoticeSent    NoticeState = "sent"
	NoticeFailed  NoticeState = "failed" // it was given up on
)

// Notice is one message to a channel of notifications.
type Notice struct {
	ID       int64 // given by the store; later ones have higher ones
	Channel  string
	Changes  []int64 // of incidents that it is about: ids
	State    NoticeState
	MadeAt   time.Time
	NextAt   time.Time // of the next attempt
	EndedAt  time.Time // zero until then
	Attempts int
	Problem  string // why the last attempt failed, in words without a secret
}

const noticeColumns = "id, channel, changes, state, made_at, next_at, ended_at, attempts, problem"

func scanNotice(scan func(...any) error, n *Notice) error {
	var made, next, ended int64
	var changes []byte
	if err := scan(&n.ID, &n.Channel, &changes, &n.State, &made, &next, &ended, &n.Attempts, &n.Problem); err != nil {
		return err
	}
	n.MadeAt, n.NextAt, n.EndedAt = moment(made), moment(next), moment(ended)
	if err := json.Unmarshal(changes, &n.Changes); err != nil {
		return fmt.Errorf("read the changes of notice %d: %w", n.ID, err)
	}
	return nil
}

// Notices returns up to limit notices, the newest first, older than the one with the id before,
// which may be zero; of one channel if it is named.
func (s *Store) Notices(ctx context.Context, channel string, before int64, limit int) ([]Notice, error) {
	q := new(query).add("SELECT " + noticeColumns + " FROM notices WHERE 1 = 1")
	if channel != "" {
		q.add(" AND channel = ?", channel)
	}
	if before > 0 {
		q.add(" AND id < ?", before)
	}
	return s.notices(ctx, q.add(" ORDER BY id DESC LIMIT ?", limit))
}

// DueNotices returns up to limit notices of a channel that wait and whose next attempt is due,
// the oldest first.
func (s *Store) DueNotices(ctx context.Context, channel string, now time.Time, limit int) ([]Notice, error) {
	return s.notices(ctx, new(query).add("SELECT "+noticeColumns+" FROM notices WHERE state = 'waiting' AND channel = ? AND next_at <= ? ORDER BY id LIMIT ?",
		channel, millis(now), limit))
}

func (s *Store) notices(ctx context.Context, q *query) ([]Notice, error) {
	all := []Notice{}
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var n Notice
		err := scanNotice(scan, &n)
		all = append(all, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return all, nil
}

// NoticesSince counts the notices that were made for a channel after a time.
func (s *Store) NoticesSince(ctx context.Context, channel string, since time.Time) (n int, err error) {
	q := new(query).add("SELECT count(*) FROM notices WHERE channel = ? AND made_at > ?", channel, millis(since))
	if err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error { return scan(&n) }); err != nil {
		return 0, fmt.Errorf("count notices: %w", err)
	}
	return n, nil
}
