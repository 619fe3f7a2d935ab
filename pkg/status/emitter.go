package status

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// Publisher is what an Emitter publishes through. *amqpx.Publisher is one.
type Publisher interface {
	// Publish returns nil only when the broker confirmed the message and a queue took it.
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Emitter publishes status records in batches. It is safe for concurrent use, and is
// meant to be shared by all of a process: the more share it, the larger the batches.
type Emitter struct {
	options   Options
	publisher Publisher
	entries   chan *entry
	slots     chan struct{} // one for each batch in flight
	landed    chan struct{} // tells run that one is not any more
	closing   chan struct{}
	close     sync.Once
	running   sync.WaitGroup // run, the batches in flight, and probe
	problem   atomic.Pointer[error]
}

// entry is what one call of Emit waits for.
type entry struct {
	lines []byte
	count int
	done  chan error // gets exactly one value
}

// NewEmitter starts an emitter. Close ends it.
func NewEmitter(p Publisher, o Options) *Emitter {
	o = o.withDefaults()
	e := &Emitter{
		options:   o,
		publisher: p,
		entries:   make(chan *entry),
		slots:     make(chan struct{}, o.Flights),
		landed:    make(chan struct{}, 1),
		closing:   make(chan struct{}),
	}
	e.running.Go(e.run)
	return e
}

// Emit publishes the records and returns nil once the broker has confirmed them all.
// They keep their order. Otherwise the error is ErrInvalid or ErrClosed, and none was
// published, or ErrNotConfirmed, and any of them may have been. It returns when ctx
// ends at the latest.
func (e *Emitter) Emit(ctx context.Context, records ...Record) error {
	for len(records) > 0 {
		n := min(len(records), e.options.Batch)
		if err := e.emit(ctx, records[:n]); err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

func (e *Emitter) emit(ctx context.Context, records []Record) error {
	w := &entry{count: len(records), done: make(chan error, 1)}
	for _, r := range records {
		if r.At.IsZero() {
			r.At = time.Now()
		}
		lines, err := appendLine(w.lines, &r)
		if err != nil {
			return err
		}
		w.lines = lines
	}
	select {
	case e.entries <- w:
	case <-e.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: the window is full: %w", ErrNotConfirmed, ctx.Err())
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotConfirmed, ctx.Err())
	}
}

// Close refuses new records, and waits until those that were taken are answered or
// ctx ends. It is idempotent.
func (e *Emitter) Close(ctx context.Context) error {
	e.close.Do(func() { close(e.closing) })
	done := make(chan struct{})
	go func() {
		e.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the status emitter: records without a confirm: %w", ctx.Err())
	}
}
