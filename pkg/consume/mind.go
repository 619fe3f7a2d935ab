package consume

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

// How often a route looks whether its publisher works, and for how long it keeps what it
// was delivered while that does not.
const (
	lookEvery = 500 * time.Millisecond
	keepFor   = time.Minute
)

// minder lets a subscription rest while the gate is closed, or while nothing can be
// published or recorded: an event that cannot be settled had better not be tried.
type minder struct {
	route   *Route
	to      subscriber
	resting bool
	held    bool
	paused  bool
	since   time.Time // of the trouble with the broker; zero: there is none
}

// mind minds s until ctx ends.
func (r *Route) mind(ctx context.Context, s subscriber) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	r.metrics.pause(ctx, false) // autoscalers ask for it before the first pause
	for m := (minder{route: r, to: s}); ; {
		closed := r.options.Gate.watch()
		m.look(ctx, time.Now())
		select {
		case <-closed:
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// look does what is to be done now. While the broker is in trouble it asks nothing of it,
// unless that lasts: see [amqpx.Subscriber.Hold].
func (m *minder) look(ctx context.Context, now time.Time) {
	trouble := m.route.trouble()
	if trouble == nil {
		m.since = time.Time{}
	} else if m.since.IsZero() {
		m.since = now
	}
	pause := m.route.options.Gate.Closed() > 0
	if trouble != nil {
		pause = m.paused || now.Sub(m.since) > keepFor
	}
	m.hold(trouble != nil)
	m.pause(pause)
	m.tell(ctx, m.held || m.paused)
}

func (m *minder) hold(on bool) {
	if on != m.held {
		m.held = on
		m.to.Hold(on)
	}
}

func (m *minder) pause(on bool) {
	if on == m.paused {
		return
	}
	m.paused = on
	if on {
		m.to.Pause()
	} else {
		m.to.Resume()
	}
}

// tell logs and counts whether the route rests.
func (m *minder) tell(ctx context.Context, resting bool) {
	if resting == m.resting {
		return
	}
	m.resting = resting
	m.route.metrics.pause(ctx, resting)
	if resting {
		m.route.options.Log.Info("route paused", zap.String("why", m.route.obstacle()))
	} else {
		m.route.options.Log.Info("route resumed")
	}
}

// obstacle says why no event had better be tried now; empty: nothing is in the way.
func (r *Route) obstacle() string {
	if r.options.Gate.Closed() > 0 {
		return "the destination is paused"
	}
	if err := r.trouble(); err != nil {
		return err.Error()
	}
	return ""
}

// trouble returns why nothing can be published or recorded now.
func (r *Route) trouble() error {
	return errors.Join(r.publisher.Ready(), r.options.Recorder.Ready())
}
