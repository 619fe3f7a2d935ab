package replay

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// How long the broker may take until it has taken back what one lane held, and how often
// the sweep looks.
const (
	backTime = 5 * time.Second
	backLook = 5 * time.Millisecond
)

// still is how long nothing has to come before a lane counts as having all it gets.
const still = 200 * time.Millisecond

// fill lets the last lane have what the broker already sends it for what it has
// acknowledged: what is on its way when a lane is stopped goes back at once, and so ahead
// of all that the lanes hold.
func (s *sweep) fill(ctx context.Context, feed *amqpx.Feed) {
	rest := time.NewTimer(still)
	defer rest.Stop()
	for s.held < s.Window {
		select {
		case <-ctx.Done():
			return
		case <-rest.C:
			return
		case _, ok := <-feed.Deliveries():
			if !ok {
				return
			}
			s.held++
			rest.Reset(still)
		}
	}
}

// putBack closes the lanes in the order of what they hold. All but the last are full, and
// the last must not get what the others put back: it would end behind them.
//
// The broker confirms that a channel is closed before its queue knows of it, and so could
// learn of two channels in the wrong order. Each has to have left the queue before the
// next one is closed.
func (s *sweep) putBack(ctx context.Context, feeds []*amqpx.Feed) {
	if len(feeds) == 0 {
		return
	}
	_ = feeds[len(feeds)-1].Stop() // it fails only when the channel is lost
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	for _, f := range feeds {
		before, err := s.Consumer.Inspect(ctx, s.queue)
		f.Close()
		if err == nil { // otherwise the connection is lost, and all have left at once
			s.fewer(ctx, before.Consumers)
		}
	}
}

// fewer waits until the queue has fewer consumers than before.
func (s *sweep) fewer(ctx context.Context, before int) {
	ctx, cancel := context.WithTimeout(ctx, backTime)
	defer cancel()
	ticks := time.NewTicker(backLook)
	defer ticks.Stop()
	for {
		state, err := s.Consumer.Inspect(ctx, s.queue)
		if err != nil || state.Consumers < before {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}
