package track

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// What reading from the archive can fail with. They are told apart with errors.Is.
var (
	// ErrGone means that the archive does not hold the event any more.
	ErrGone = errors.New("track: not in the archive any more")
	// ErrUnavailable means that the archive cannot be read now.
	ErrUnavailable = errors.New("track: the archive cannot be read now")
)

// readTime bounds the reading of one event.
const readTime = 5 * time.Second

// Archive reads the archive: single events, or what comes behind a place. It is safe for concurrent use.
type Archive struct {
	consumer *amqpx.Consumer
	slots    chan struct{} // an event may be large: few are read at a time
}

// NewArchive reads over the consumer's connection, up to four single events at a time.
func NewArchive(c *amqpx.Consumer) *Archive {
	return &Archive{c, make(chan struct{}, 4)}
}

// Event returns the event that lies at an offset, which must have the id. It fails with
// ErrGone, ErrUnavailable or event.ErrMalformed, within a few seconds.
func (a *Archive) Event(ctx context.Context, offset int64, id string) (*event.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: too many read it", ErrUnavailable)
	}
	message, err := a.message(ctx, cancel, offset)
	if err != nil {
		return nil, fmt.Errorf("read event %s: %w", id, err)
	}
	if message == nil || message.ID != id {
		return nil, fmt.Errorf("read event %s: %w", id, ErrGone)
	}
	e, err := event.Decode(message)
	if err != nil {
		return nil, fmt.Errorf("read event %s: %w", id, err)
	}
	return e, nil
}

// message returns what lies at the offset, or nil when that was truncated.
func (a *Archive) message(ctx context.Context, done context.CancelFunc, at int64) (*event.Message, error) {
	var found *event.Message
	var once sync.Once
	answered := false
	subscriber := a.consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Archive, Prefetch: 1, Ordered: true, Drain: time.Second, Args: offset(at),
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			once.Do(func() {
				answered = true
				if d.Offset == at {
					found = d.Message
				}
				_ = d.Ack()
				done()
			})
		},
	})
	if err := subscriber.Run(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if answered || subscriber.Ready() == nil { // an offset behind the end is of an older stream
		return found, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrUnavailable, subscriber.Ready())
}
