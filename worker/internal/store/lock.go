package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrLocked is returned by TryLock while another process holds the lock.
var ErrLocked = errors.New("store: another process is active")

// lockEvery is how often a lock is tried for, and looked after.
const lockEvery = 2 * time.Second

// Lock makes its holder the one that writes. The database, or the kernel, takes it
// from a process that dies.
type Lock struct {
	lost    chan struct{}
	release sync.Once
	unlock  func()
}

// Lost is closed when the lock may not be held any more. Its holder then stops writing;
// until it does, ErrStale protects the store.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Release gives the lock back. It is idempotent.
func (l *Lock) Release() { l.release.Do(l.unlock) }

// TryLock takes the lock, or returns ErrLocked at once.
func (s *Store) TryLock(ctx context.Context) (*Lock, error) { return s.lock(ctx) }

// AwaitLock takes the lock as soon as it is free, looking every two seconds.
func (s *Store) AwaitLock(ctx context.Context) (*Lock, error) { return awaitLock(ctx, s.lock) }

func awaitLock(ctx context.Context, try func(context.Context) (*Lock, error)) (*Lock, error) {
	ticks := time.NewTicker(lockEvery)
	defer ticks.Stop()
	for {
		l, err := try(ctx)
		if err == nil || !errors.Is(err, ErrLocked) {
			return l, err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
