package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// leaseName is the name of the lease of trackers. A database holds one installation.
const leaseName = "tracker"

// How long a lease is valid, and how long before its end the holder gives it up. The
// holder renews it every lockEvery, so two renewals may fail.
const (
	leaseFor    = 8 * time.Second
	leaseMargin = 2 * time.Second
)

// errLeaseTaken means that another process has the lease.
var errLeaseTaken = errors.New("another process has the lease")

// lease is a row that names the active process until a time, by the server's clock. It
// needs no session of its own, so it works through a connection pooler in each mode.
type lease struct {
	db     *sql.DB
	holder string
}

// lockPostgres takes the lease and renews it until the lock is released.
func lockPostgres(ctx context.Context, db *sql.DB) (*Lock, error) {
	l := lease{db, uuid.NewString()}
	began := time.Now()
	if err := l.acquire(ctx); err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	lock := &Lock{lost: make(chan struct{}), unlock: func() { //nolint:contextcheck // ctx may have ended long before
		stop()
		<-done
		l.release()
	}}
	go func() {
		defer close(done)
		l.keep(renewing, began)
		if renewing.Err() == nil {
			close(lock.lost)
		}
	}()
	return lock, nil
}

// acquire takes the lease, or returns ErrLocked while another process has it.
func (l lease) acquire(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseFor-leaseMargin)
	defer cancel()
	changed, err := l.change(ctx, `INSERT INTO leases (name, holder, until) VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE leases.until < clock_timestamp()`)
	switch {
	case err != nil:
		return fmt.Errorf("take the lease: %w", err)
	case !changed:
		return ErrLocked
	}
	return nil
}

// keep renews the lease until ctx ends, another process has it, or its end is near. It
// counts from the moment before a renewal was sent, so it ends before the server's lease does.
func (l lease) keep(ctx context.Context, renewed time.Time) {
	ticks := time.NewTicker(lockEvery)
	defer ticks.Stop()
	for {
		end := renewed.Add(leaseFor - leaseMargin)
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		began := time.Now()
		err := l.renew(ctx, end)
		switch {
		case err == nil:
			renewed = began
		case errors.Is(err, errLeaseTaken), !time.Now().Add(lockEvery).Before(end):
			return
		}
	}
}

// renew extends the lease. It gives up when end comes.
func (l lease) renew(ctx context.Context, end time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	changed, err := l.change(ctx, `UPDATE leases SET until = clock_timestamp() + $3 * interval '1 second' WHERE name = $1 AND holder = $2`)
	if err == nil && !changed {
		return errLeaseTaken
	}
	return err
}

func (l lease) change(ctx context.Context, statement string) (bool, error) {
	result, err := l.db.ExecContext(ctx, statement, leaseName, l.holder, leaseFor.Seconds())
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// release ends the lease, so that another process need not wait until it runs out.
func (l lease) release() {
	ctx, cancel := context.WithTimeout(context.Background(), leaseMargin)
	defer cancel()
	_, _ = l.db.ExecContext(ctx, "DELETE FROM leases WHERE name = $1 AND holder = $2", leaseName, l.holder)
}
