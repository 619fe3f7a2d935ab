package store

import (
	"context"
	"fmt"
	"time"
)

// Session is somebody who has signed in to the console. Of the secret that a browser
// shows for it, only the hash is kept.
type Session struct {
	Hash    string // of the secret
	Name    string // who it is: of a token, or what an identity provider says
	Token   string // the hash of the token that was used; empty when there was none
	Write   bool   // without a token: whether this one may change things
	Expires time.Time
}

// AddSession keeps a session, and forgets those that have expired.
func (s *Store) AddSession(ctx context.Context, n Session) error {
	err := s.transaction(ctx, func(t *tx) error {
		if _, err := t.exec(ctx, new(query).add("DELETE FROM sessions WHERE expires_at <= ?", time.Now().UnixMilli())); err != nil {
			return err
		}
		_, err := t.exec(ctx, new(query).add("INSERT INTO sessions (hash, name, token, may_write, expires_at) VALUES (?, ?, ?, ?, ?)",
			n.Hash, n.Name, n.Token, asInt(n.Write), n.Expires.UnixMilli()))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// Session returns the session with a hash. It fails with ErrNotFound when there is none,
// or it has expired.
func (s *Store) Session(ctx context.Context, hash string) (Session, error) {
	n := Session{Hash: hash}
	q := new(query).add("SELECT name, token, may_write, expires_at FROM sessions WHERE hash = ? AND expires_at > ?", hash, time.Now().UnixMilli())
	err := s.one(ctx, q, func(scan func(...any) error) error {
		var write, expires int64
		err := scan(&n.Name, &n.Token, &write, &expires)
		n.Write, n.Expires = write == 1, time.UnixMilli(expires).UTC()
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("find a session: %w", err)
	}
	return n, nil
}

// EndSession forgets a session. One that is not there is none of its errors.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	err := s.transaction(ctx, func(t *tx) error {
		_, err := t.exec(ctx, new(query).add("DELETE FROM sessions WHERE hash = ?", hash))
		return err
	})
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
