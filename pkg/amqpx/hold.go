package amqpx

import (
	"context"
	"fmt"
)

// Hold stops handing over deliveries, or ends that. It returns at once. Unlike Pause it
// asks nothing of the broker: what was delivered stays with this process, unseen.
//
// It is meant for trouble with the broker itself. A quorum queue without a leader keeps the
// channel that cancels a consumer waiting, for a minute by default (net_ticktime). The next
// leader knows nothing of that, and delivers to it all that its prefetch allows: no other
// consumer gets those messages until the minute is over.
func (s *Subscriber) Hold(on bool) { s.hold.set(on) }

// wait returns nil when one of the switches has moved or ctx ends, and otherwise why the
// channel was lost.
func (e *epoch) wait(ctx context.Context, paused, freed, resized <-chan struct{}) error {
	select {
	case <-ctx.Done():
	case <-paused:
	case <-freed:
	case <-resized:
	case err := <-e.closed:
		for range e.deliveries { // the library waits until somebody takes them
		}
		return fmt.Errorf("channel lost: %w", reason(err))
	}
	return nil
}
