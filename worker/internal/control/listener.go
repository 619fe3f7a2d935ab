package control

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// How long a listener waits for the last command before it believes that there is none:
// after it reads the stream, and in any case.
const (
	settleQuiet = time.Second
	settleTime  = 10 * time.Second
)

// Listener obeys commands.
type Listener struct {
	run      func(context.Context) error
	ready    func() error // whether commands are heard
	apply    func(Command)
	log      *zap.Logger
	revision int64
	settled  chan struct{}
	settle   sync.Once
}

// NewListener makes a listener that has apply obey each command, one after the other.
func NewListener(c *amqpx.Consumer, apply func(Command), log *zap.Logger) *Listener {
	l := newListener(apply, log)
	subscriber := c.Subscribe(amqpx.Subscription{
		Queue: topology.Control, Ordered: true, Prefetch: 8, Drain: time.Second,
		Args: map[string]any{"x-stream-offset": "last"}, Handle: l.hear,
	})
	l.run, l.ready = subscriber.Run, subscriber.Ready
	return l
}

func newListener(apply func(Command), log *zap.Logger) *Listener {
	return &Listener{apply: apply, log: log, revision: -1, settled: make(chan struct{})}
}

// Settled is closed when the last command that was given before is obeyed, or there is
// none, or it cannot be known.
func (l *Listener) Settled() <-chan struct{} { return l.settled }

// Run listens until ctx is done.
func (l *Listener) Run(ctx context.Context) {
	defer l.settle.Do(func() { close(l.settled) })
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go l.await(waiting)
	if err := l.run(ctx); err != nil {
		l.log.Warn("stopped listening to commands", zap.Error(err))
	}
}

// await settles when nothing comes.
func (l *Listener) await(ctx context.Context) {
	ticks := time.NewTicker(settleQuiet / 5)
	defer ticks.Stop()
	began := time.Now()
	quiet := began // since when it reads without hearing anything
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.settled:
			return
		case now := <-ticks.C:
			if l.ready() != nil {
				quiet = now
			}
			if now.Sub(quiet) >= settleQuiet || now.Sub(began) >= settleTime {
				l.settle.Do(func() { close(l.settled) })
				return
			}
		}
	}
}

func (l *Listener) hear(_ context.Context, d *amqpx.Delivery) {
	defer func() { _ = d.Ack() }() // makes room for the next one
	l.obey(d.Message)
}

func (l *Listener) obey(m *event.Message) {
	var c Command
	if err := decode(typeCommand, m, &c); err != nil {
		l.log.Warn("a command cannot be read", zap.Error(err))
		return
	}
	if c.Revision < l.revision {
		return // of a tracker that did not know better
	}
	l.revision = c.Revision
	l.apply(c)
	l.settle.Do(func() { close(l.settled) })
}
