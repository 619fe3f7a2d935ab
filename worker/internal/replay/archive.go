package replay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// How the archive is read: what lies so close together is read in one go, and a read is
// given up after so long without an entry.
const (
	near     = 1000
	silence  = 15 * time.Second
	prefetch = 64
)

// archive reads many entries of the archive at once.
type archive struct{ consumer *amqpx.Consumer }

// read calls use for the entries at the offsets that are still there, in their order, and
// ends with use's first error.
func (a *archive) read(ctx context.Context, offsets []int64, use func(offset int64, m *event.Message) error) error {
	slices.Sort(offsets)
	offsets = slices.Compact(offsets)
	for len(offsets) > 0 {
		n := 1
		for n < len(offsets) && offsets[n]-offsets[n-1] <= near {
			n++
		}
		if err := a.stretch(ctx, offsets[:n], use); err != nil {
			return err
		}
		offsets = offsets[n:]
	}
	return nil
}

// stretch reads from the first of the offsets to the last.
func (a *archive) stretch(ctx context.Context, offsets []int64, use func(int64, *event.Message) error) (err error) {
	last := offsets[len(offsets)-1]
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	wait := time.AfterFunc(silence, cancel)
	defer wait.Stop()
	subscriber := a.consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Archive, Prefetch: prefetch, Ordered: true, Args: map[string]any{"x-stream-offset": offsets[0]},
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			if reading.Err() != nil {
				return
			}
			wait.Stop()
			if _, wanted := slices.BinarySearch(offsets, d.Offset); wanted {
				err = use(d.Offset, d.Message)
			}
			_ = d.Ack()
			if d.Offset >= last || err != nil {
				cancel()
				return
			}
			wait.Reset(silence)
		},
	})
	if ended := subscriber.Run(reading); ended != nil {
		return because(store.ArchiveUnavailable, fmt.Errorf("read the archive: %w", ended))
	}
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case subscriber.Ready() != nil:
		return because(store.ArchiveUnavailable, fmt.Errorf("read the archive: %w", subscriber.Ready()))
	default: // what did not come is behind the archive's end: it is of an older one
		return nil
	}
}
