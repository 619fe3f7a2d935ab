package track

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

const (
	// followWindow is how many events are on their way from the broker: an event may be large.
	followWindow = 8
	// A stream that is followed is consumed over another channel after a silence of followReopen, and
	// shows its last entry again then. One that shows nothing for followSilence is another stream.
	followReopen  = 20 * time.Second
	followSilence = 90 * time.Second
	// firstEntry is how long the entry that a reader had read last may take to come again.
	firstEntry = 10 * time.Second
	// skew is how far the clocks of gateways and brokers may differ.
	skew = time.Minute
)

// Place is a place in the archive: behind an entry, or a moment. The zero value is its beginning.
type Place struct {
	Offset int64     // of the entry before the place
	ID     string    // of the event in that entry; empty: the place is not behind an entry
	Again  bool      // the place is before that entry, and not behind it
	At     time.Time // where there is no such entry: a moment; zero: the beginning
}

// Loss says why entries between two places were not read. It is empty when none was lost.
type Loss string

// The losses.
const (
	Truncated Loss = "truncated" // the archive was cut before they were read
	Replaced  Loss = "replaced"  // the archive was deleted and made again
)

// Entry is one entry of the archive.
type Entry struct {
	Place   Place // behind it
	Message *event.Message
	Loss    Loss // before it
}

// Follow calls use for each entry behind a place, one after another, and waits for further ones. It
// ends with ctx, with the first error of use, or with ErrUnavailable. Entries may come twice when the
// archive was replaced. Any number may follow, and each holds some events in memory.
func (a *Archive) Follow(ctx context.Context, from Place, use func(Entry) error) error {
	f := &follower{archive: a, at: from, use: use, heard: make(chan struct{}, 1)}
	for {
		err := f.follow(ctx)
		if !errors.Is(err, errReplaced) {
			return err
		}
		f.loss = Replaced
		since, _ := event.IDTime(f.at.ID)
		f.at = Place{At: since}
	}
}

// End returns the place behind the newest entry. It takes a second.
func (a *Archive) End(ctx context.Context) Place {
	now := time.Now()
	end := Place{At: now}
	a.reader().look(ctx, "last", func(d *amqpx.Delivery) (more bool) {
		end = Place{Offset: d.Offset, ID: d.Message.ID}
		return receivedAt(d.Message).Before(now)
	})
	return end
}

func (a *Archive) reader() *reader { return &reader{stream: topology.Archive, consumer: a.consumer} }

func receivedAt(m *event.Message) time.Time {
	return time.UnixMilli(m.Int(event.HeaderReceivedAt))
}

// follower is one reader of the archive.
type follower struct {
	archive *Archive
	at      Place
	loss    Loss
	use     func(Entry) error
	known   atomic.Bool   // an entry was read that comes again
	heard   chan struct{} // gets something with each entry
}

// follow reads until ctx is done, use fails, or the archive proves to be another one.
func (f *follower) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.known.Store(f.at.ID != "")
	subscriber := f.archive.consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Archive, Prefetch: followWindow, Ordered: true, Overlap: 1, Reopen: followReopen, Drain: time.Second,
		Args:   offset(f.from()),
		Handle: func(_ context.Context, d *amqpx.Delivery) { f.take(ctx, cancel, d) },
	})
	var watching sync.WaitGroup
	watching.Go(func() { f.watch(ctx, cancel, subscriber.Ready) })
	err := subscriber.Run(ctx)
	cause := context.Cause(ctx)
	cancel(nil)
	watching.Wait()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return cause
}

// watch looks for a silence in which the last entry does not come again: the stream is not the one
// that held it.
func (f *follower) watch(ctx context.Context, replaced context.CancelCauseFunc, ready func() error) {
	silence := time.NewTimer(firstEntry)
	defer silence.Stop()
	for silent := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-f.heard:
			silent = 0
			silence.Reset(followSilence)
		case <-silence.C:
			if silence.Reset(firstEntry); ready() != nil || !f.known.Load() {
				silent = 0
				continue
			}
			if silent++; silent > 1 { // it was ready for a while
				replaced(errReplaced)
				return
			}
		}
	}
}

// from is where the stream is consumed from: at the last entry again, to see that it is there.
func (f *follower) from() any {
	switch {
	case f.at.ID != "":
		return f.at.Offset
	case f.at.At.IsZero():
		return "first"
	default:
		return f.at.At.Add(-skew)
	}
}

// take hands an entry on and acknowledges it, which makes room for others.
func (f *follower) take(ctx context.Context, cancel context.CancelCauseFunc, d *amqpx.Delivery) {
	if ctx.Err() != nil {
		return
	}
	defer f.hear()
	again := d.Offset == f.at.Offset && d.Message.ID == f.at.ID
	switch {
	case f.at.ID == "" || again && f.at.Again:
	case again:
		_ = d.Ack()
		return
	case d.Offset <= f.at.Offset:
		cancel(errReplaced)
		return
	case d.Offset > f.at.Offset+1 && f.archive.reader().truncated(ctx, f.at.Offset+1):
		f.loss = Truncated
	}
	f.at = Place{Offset: d.Offset, ID: d.Message.ID}
	f.known.Store(true)
	if err := f.use(Entry{Place: f.at, Message: d.Message, Loss: f.loss}); err != nil {
		cancel(err)
		return
	}
	f.loss = ""
	_ = d.Ack() // when that fails the channel is gone, and reading resumes on another
}

func (f *follower) hear() {
	select {
	case f.heard <- struct{}{}:
	default:
	}
}
