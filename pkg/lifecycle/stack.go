package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Stack is what a process has started. The zero value is empty and ready.
// It is safe for concurrent use.
type Stack struct {
	mu     sync.Mutex
	steps  []step
	closed bool
	done   chan struct{}
	err    error
}

type step struct {
	name string
	stop func(context.Context) error
}

// ErrClosed is returned by Push after Close has begun.
var ErrClosed = errors.New("lifecycle: already stopping")

// Push adds a step. Once Close has begun it returns ErrClosed, and the caller
// must stop what it started itself.
func (s *Stack) Push(name string, stop func(context.Context) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.steps = append(s.steps, step{name, stop})
	return nil
}

// MustPush is Push for a process that begins to stop only after it has started. It
// panics with ErrClosed otherwise.
func (s *Stack) MustPush(name string, stop func(context.Context) error) {
	if err := s.Push(name, stop); err != nil {
		panic(fmt.Errorf("start %s: %w", name, err))
	}
}

// Close runs every step, the last pushed first, and returns their errors joined,
// each with its step's name. A step that outlives ctx is left behind and reported,
// so that the steps below it still run. A second Close, also a concurrent one,
// waits for the first and returns the same error.
func (s *Stack) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		done := s.done
		s.mu.Unlock()
		return s.wait(ctx, done)
	}
	s.closed, s.done = true, make(chan struct{})
	steps := s.steps
	s.mu.Unlock()

	var errs []error
	for _, step := range slices.Backward(steps) {
		errs = append(errs, step.run(ctx))
	}
	s.err = errors.Join(errs...)
	close(s.done)
	return s.err
}

func (s *Stack) wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return s.err
	case <-ctx.Done():
		return fmt.Errorf("lifecycle: wait for the stop: %w", context.Cause(ctx))
	}
}

func (s step) run(ctx context.Context) error {
	result := make(chan error, 1)
	go func() { result <- s.stop(ctx) }()
	select {
	case err := <-result:
		return s.wrap(err)
	case <-ctx.Done():
	}
	select {
	case err := <-result: // it ended at the same moment
		return s.wrap(err)
	default:
		return s.wrap(context.Cause(ctx))
	}
}

func (s step) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("stop %s: %w", s.name, err)
}
