package view

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/memory"
)

// ErrTooLarge is the error of a body that takes more memory than the budget has. No wait
// helps: it has the reason fault.ReasonUnreadable.
var ErrTooLarge = fault.Because(fault.ReasonUnreadable,
	errors.New("the body holds more values than this process may read at once: give the process more memory, or filter by type and headers alone"))

// processShare is the part of the process's memory that bodies may take while they are read.
const processShare = 0.4

// Budget bounds the memory that bodies take while rules look at them, in bytes. It lets
// readers wait, in turn, but for small bodies, which have a part of it for themselves:
// large ones hold them up no longer than each other. It is safe for concurrent use.
type Budget struct {
	small, large *semaphore.Weighted
	limit        int64 // of large
	smallest     int64 // what counts as small
}

// What small bodies have for themselves: an eighth of the budget, and each of them is an
// eighth of that at most.
const smallShare = 8

// NewBudget returns a budget of that many bytes.
func NewBudget(bytes int64) *Budget {
	small := bytes / smallShare
	return &Budget{
		small: semaphore.NewWeighted(small), smallest: small / smallShare,
		large: semaphore.NewWeighted(bytes - small), limit: bytes - small,
	}
}

// Process returns the budget of the process, a part of the memory that it may use.
var Process = sync.OnceValue(func() *Budget { return NewBudget(memory.Share(processShare)) })

// lane returns the part of the budget that n bytes are taken from.
func (b *Budget) lane(n int64) *semaphore.Weighted {
	if n <= b.smallest {
		return b.small
	}
	return b.large
}

// take waits for n bytes. It fails with ErrTooLarge, or when ctx ends.
func (b *Budget) take(ctx context.Context, n int64) error {
	if n > b.limit {
		return ErrTooLarge
	}
	if err := b.lane(n).Acquire(ctx, n); err != nil {
		return fmt.Errorf("wait for memory to read the body: %w", context.Cause(ctx))
	}
	return nil
}

// grow makes n bytes of had ones if there is room at once.
func (b *Budget) grow(had, n int64) bool {
	if b.lane(had) == b.lane(n) {
		return b.lane(n).TryAcquire(n - had)
	}
	if n > b.limit || !b.lane(n).TryAcquire(n) {
		return false
	}
	b.give(had)
	return true
}

// give gives back n bytes that were taken together.
func (b *Budget) give(n int64) { b.lane(n).Release(n) }

type budgetKey struct{}

// WithBudget returns a context in which b bounds what is read, and not the budget of the
// process.
func WithBudget(ctx context.Context, b *Budget) context.Context {
	return context.WithValue(ctx, budgetKey{}, b)
}

func budgetOf(ctx context.Context) *Budget {
	if b, ok := ctx.Value(budgetKey{}).(*Budget); ok {
		return b
	}
	return Process()
}
