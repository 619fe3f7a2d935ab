package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// lockKey is the advisory lock of trackers; a database holds one installation.
const lockKey = 0x70656e73746f636b // "penstock"

// lockAnswer bounds how long the server may take to answer for the lock.
const lockAnswer = 4 * time.Second

// lockPostgres takes an advisory lock, which lives as long as its connection does.
func lockPostgres(ctx context.Context, db *sql.DB) (*Lock, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for the lock: %w", err)
	}
	var got bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(lockKey)).Scan(&got); err != nil || !got {
		_ = conn.Close()
		if err != nil {
			return nil, fmt.Errorf("take the lock: %w", err)
		}
		return nil, ErrLocked
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	l := &Lock{lost: make(chan struct{}), unlock: func() { //nolint:contextcheck // ctx may have ended long before
		stop()
		<-done
		unlockPostgres(conn)
	}}
	go func() {
		defer close(done)
		if err := watch(watching, conn); err != nil && watching.Err() == nil {
			close(l.lost)
		}
	}()
	return l, nil
}

// watch asks over the lock's connection until that fails or ctx ends.
func watch(ctx context.Context, conn *sql.Conn) error {
	ticks := time.NewTicker(lockEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		asking, cancel := context.WithTimeout(ctx, lockAnswer)
		_, err := conn.ExecContext(asking, "SELECT 1")
		cancel()
		if err != nil {
			return fmt.Errorf("the lock's connection: %w", err)
		}
	}
}

// unlockPostgres ends the connection rather than giving it back to the pool: that
// frees the lock even when the statement for it fails.
func unlockPostgres(conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), lockAnswer)
	defer cancel()
	_, _ = conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", int64(lockKey))
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool drops it
	_ = conn.Close()
}
