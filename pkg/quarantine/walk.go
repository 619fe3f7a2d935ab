package quarantine

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// How long Walk waits for a first entry, and for another one, before it takes the
// stream to be at its end.
const (
	firstWithin = 5 * time.Second
	nextWithin  = time.Second
)

// Walk shows use every entry since a time that there was when it began, the oldest first, and
// ends with its first error. A zero time means all. What cannot be read is left out. It fails
// when the stream is not there, or cannot be read. It takes a second longer than the reading, and
// five on an empty stream: a stream does not say where its end is, and the broker counts what is in one late.
func Walk(ctx context.Context, c *amqpx.Consumer, since time.Time, use func(*Entry) error) error {
	reading, done := context.WithCancel(ctx)
	defer done()
	w := &walker{use: use, since: since, began: time.Now(), done: done, quiet: time.AfterFunc(firstWithin, done)}
	defer w.quiet.Stop()
	subscriber := c.Subscribe(amqpx.Subscription{
		Queue:    topology.Quarantine,
		Prefetch: 100,
		Ordered:  true,
		Drain:    time.Second,
		Args:     map[string]any{"x-stream-offset": offsetAt(since)},
		Handle:   func(_ context.Context, d *amqpx.Delivery) { w.take(reading, d) },
	})
	err := subscriber.Run(reading)
	switch {
	case w.err != nil:
		return w.err
	case ctx.Err() != nil:
		return fmt.Errorf("read the quarantine: %w", ctx.Err())
	case err != nil:
		return fmt.Errorf("read the quarantine: %w", err)
	case !w.any && subscriber.Ready() != nil:
		return fmt.Errorf("read the quarantine: %w", subscriber.Ready())
	default:
		return nil
	}
}

// offsetAt is where in the stream a walk begins. The broker knows the time of each batch of
// entries, and begins with a whole one.
func offsetAt(since time.Time) any {
	if since.IsZero() {
		return "first"
	}
	return since
}

// walker goes through the deliveries, which come one after the other.
type walker struct {
	use   func(*Entry) error
	since time.Time
	began time.Time
	done  context.CancelFunc
	quiet *time.Timer
	any   bool
	err   error
}

func (w *walker) take(ctx context.Context, d *amqpx.Delivery) {
	if ctx.Err() != nil {
		return
	}
	w.any = true
	w.quiet.Reset(nextWithin)
	e, err := Parse(d.Message)
	if err == nil && (e.Event == nil || e.Event.ReceivedAt.Before(w.began) && !e.Event.ReceivedAt.Before(w.since)) {
		w.err = w.use(e)
	}
	_ = d.Ack() // a stream forgets nothing: it only asks for the next ones
	if w.err != nil {
		w.done()
	}
	w.quiet.Reset(nextWithin) // use may have taken long
}
