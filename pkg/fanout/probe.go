package fanout

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
)

// probeWithin is how long a probe waits for its answer at most.
const probeWithin = 10 * time.Second

// probe is a copy on a connection of its own, which finds out whether a queue takes events.
type probe struct {
	fanout *Fanout
	health *health
	of     *phase
	answer chan error
	began  time.Time
	read   atomic.Bool // the broker has read the copy
}

// startProbe publishes a copy over a connection of its own. The queue is open when it takes
// that.
func (f *Fanout) startProbe(h *health, of *phase, pub amqpx.Publication) *probe {
	p := &probe{fanout: f, health: h, of: of, answer: make(chan error, 1), began: time.Now()}
	f.probing.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), probeWithin)
		defer cancel()
		err := f.options.Probe(ctx, pub, p.goesOn)
		if err == nil {
			f.took.Store(int64(time.Since(p.began)))
			f.probed.Store(time.Now().UnixNano())
		}
		p.conclude(err)
		p.answer <- err
	})
	return p
}

// goesOn opens a queue that was not tried: it does not hold up the connection that its first
// publish is made on. Whether it takes that publish shows later.
func (p *probe) goesOn() {
	p.read.Store(true)
	if p.of.untried() {
		p.health.open(p.of)
	}
}

// conclude notes what the probe found out, unless that is known already.
func (p *probe) conclude(err error) {
	log := p.fanout.options.Log.With(zap.String("queue", p.health.queue))
	was := p.health.end(p.of, err)
	switch {
	case was == nil:
	case err == nil && !was.untried():
		p.fanout.options.Publisher.Renew()
		log.Info("a queue takes events again", zap.Duration("shut", time.Since(was.since)))
	case err != nil && was.untried() && !errors.Is(err, amqpx.ErrUnavailable):
		log.Warn("a queue does not take events: they are deferred", zap.Error(err))
	}
}

// silent reports whether a queue has left its probe without an answer for so long that it
// is held against it: the broker has answered others meanwhile, or it was shut anyway.
func (p *probe) silent() bool {
	return time.Since(p.began) >= p.fanout.patience() && (!p.of.untried() || p.fanout.answers(p.began))
}

// answers reports whether the broker has answered something that was asked after the time
// given, or a moment ago.
func (f *Fanout) answers(since time.Time) bool {
	return f.options.Publisher.AnsweredWithin(patience) || time.Since(time.Unix(0, f.probed.Load())) < patience || f.pulse.since(since, f)
}
