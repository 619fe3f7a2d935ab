package amqpx

import (
	"context"
	"errors"
	"fmt"
)

// PublishAlone publishes over a connection that it makes for this one message, and closes
// it. So it finds out how a queue does that others had better not be published beside. The
// errors are those of [Publisher.Publish].
//
// goesOn, if not nil, is called when the channel goes on after the publish: its queue holds up
// no other one, whatever the answer will be.
func PublishAlone(ctx context.Context, cfg Config, pub Publication, goesOn func()) error {
	r, err := newRequest(pub)
	if err != nil {
		return fmt.Errorf("publish to %q: %w", pub.Exchange, err)
	}
	s, err := dial(ctx, cfg.withDefaults())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer s.close()
	f := newFlight(newWindow(1, 1), newRoster(), s)
	defer f.end()
	if _, err := f.start(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if goesOn != nil {
		f.sent = func() {
			if f.goesOn() {
				goesOn()
			}
		}
	}
	if err = f.publish(ctx, r); errors.Is(err, ErrUnknown) {
		s.abort() // the broker would wait with its farewell, too
	}
	return err
}
