package transform

import (
	"context"
	"runtime"
	"time"
)

// meter is the context of a jq program. gojq asks a context before each step whether it is
// done, and so the meter counts them: what a program may cost depends on the program and
// the event, and not on the machine's load. Steps differ, and one may look through a large
// list. That is what the processor time of the thread is for, which the program has for
// itself meanwhile.
type meter struct {
	context.Context //nolint:containedctx // it is one

	steps int64
	began time.Duration
	err   error
}

// betweenClocks is how many steps pass between two looks at the clock.
const betweenClocks = 1 << 12

var ended = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// newMeter keeps the goroutine on its thread until stop is called.
func newMeter(ctx context.Context) (m *meter, stop func()) {
	runtime.LockOSThread()
	return &meter{Context: ctx, began: threadTime()}, runtime.UnlockOSThread
}

// Done implements context.Context.
func (m *meter) Done() <-chan struct{} {
	m.steps++
	if m.steps > MaxSteps || m.steps%betweenClocks == 0 && threadTime()-m.began > MaxCPU {
		m.err = ErrTooCostly
		return ended
	}
	return m.Context.Done()
}

// Err implements context.Context.
func (m *meter) Err() error {
	if m.err != nil {
		return m.err
	}
	return m.Context.Err()
}
