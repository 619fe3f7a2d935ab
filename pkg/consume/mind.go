package consume

import (
	"cmp"
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
	window  int       // events that may be held
	since   time.Time // of the trouble with the broker; zero: there is none
}

// mind minds s, which may hold so many events, until ctx ends.
func (r *Route) mind(ctx context.Context, s subscriber, window int) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	r.metrics.pause(ctx, false) // autoscalers ask for it before the first pause
	for m := (minder{route: r, to: s, window: window}); ; {
		closed := r.options.Gate.watch()
		room := m.look(ctx, time.Now())
		select {
		case <-closed:
		case <-room:
		case <-r.poke:
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// look does what is to be done now. While the broker is in trouble it asks nothing of it,
// unless that lasts: see [amqpx.Subscriber.Hold]. The channel that it returns is closed when
// there may be room for an event that found none; it may be nil.
func (m *minder) look(ctx context.Context, now time.Time) (room <-chan struct{}) {
	trouble := m.route.trouble()
	if trouble == nil {
		m.since = time.Time{}
	} else if m.since.IsZero() {
		m.since = now
	}
	full, room := m.route.full()
	pause := full || m.route.isPaused()
	if trouble != nil {
		pause = m.paused || now.Sub(m.since) > keepFor
	}
	m.hold(trouble != nil)
	if trouble == nil {
		m.resize(m.route.window(m.route.options.prefetch()))
	}
	m.pause(pause)
	m.tell(ctx, m.held || m.paused)
	return room
}

// resize sets how many events may be held, when it has become far fewer or far more: each
// time it costs a new channel.
func (m *minder) resize(window int) {
	if 4*window < 3*m.window || window >= 2*m.window {
		m.window = window
		m.to.Resize(window)
	}
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
		m.route.options.Log.Info("route paused", zap.String("why", cmp.Or(m.route.obstacle(), "the process holds as many bytes of events as it may")))
	} else {
		m.route.options.Log.Info("route resumed")
	}
}

// obstacle says why no event had better be tried now; empty: nothing is in the way.
func (r *Route) obstacle() string {
	switch {
	case r.options.Pause.Closed() > 0:
		return "the route is paused"
	case r.options.Gate.Closed() > 0:
		return "the destination is paused"
	}
	if err := r.trouble(); err != nil {
		return err.Error()
	}
	return ""
}

// isPaused reports whether the route is paused, or its destination.
func (r *Route) isPaused() bool {
	return r.options.Pause.Closed() > 0 || r.options.Gate.Closed() > 0
}

// trouble returns why nothing can be published or recorded now.
func (r *Route) trouble() error {
	return errors.Join(r.publisher.Ready(), r.options.Recorder.Ready())
}
