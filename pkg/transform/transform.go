package transform

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/view"
)

// Limits of one application. None of them depends on what else the machine does.
const (
	MaxSteps = 100_000_000      // of a jq program: about a second or two of a processor
	MaxCPU   = 10 * time.Second // of processor time for a jq program, where the system counts it by thread
	MaxSize  = 32 << 20         // of the result, in bytes of JSON
)

// What can be wrong with one application, besides the program's own failure and a body
// that cannot be read (view.ErrUnreadable, view.ErrTooLarge).
var (
	ErrTooCostly = errors.New("the transformation takes too much work for this event")
	ErrTooLarge  = errors.New("the result of the transformation is too large")
	ErrNotOne    = errors.New("the transformation does not give exactly one result")
	ErrCancelled = errors.New("the transformation was cancelled")
)

// Transformation is a compiled program. It is safe for concurrent use.
type Transformation struct {
	readsBody bool
	run       func(ctx context.Context, e *event.Event) (result any, err error)
}

// running lets as many transformations run at once, in the whole process, as there are
// processors. Those that wait keep their turn.
var running = semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))

// Apply returns a copy of the event with the program's result as its body, and with
// the header fields that describe a body changed accordingly. It waits while the process
// is busy with others, until ctx ends: then it is ErrCancelled. Any other error is one of
// this package's or of package view's, or says in general words that the program failed;
// it never holds anything of the event.
func (t *Transformation) Apply(ctx context.Context, e *event.Event) (*event.Event, error) {
	body, err := t.apply(ctx, e)
	switch {
	case err == nil:
		return withBody(e, body), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
	default:
		return nil, err
	}
}

// apply reads the body, which may wait for memory, before it waits for a processor: so what
// has a processor never waits for what has the memory.
func (t *Transformation) apply(ctx context.Context, e *event.Event) ([]byte, error) {
	ctx, done := view.Share(ctx)
	defer done()
	if t.readsBody {
		v, closeView := view.Of(ctx, e)
		defer closeView()
		if _, err := v.Body(ctx); err != nil {
			return nil, err
		}
	}
	if err := running.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer running.Release(1)
	result, err := t.run(ctx, e)
	if err != nil {
		return nil, err
	}
	return encode(result)
}

// withBody is the event with another body.
func withBody(e *event.Event, body []byte) *event.Event {
	out := *e
	out.Body = body
	out.Request.Header = described(e.Request.Header)
	return &out
}
