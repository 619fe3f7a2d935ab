package control

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// How often a poller looks into the queue of commands: until it has settled, and later. It
// may find it empty, because another deliverer looks at the same moment.
const (
	pollSoon  = settleQuiet / 4
	pollEvery = 2 * time.Second
	mostSeen  = 8 // a queue that keeps one command has more for moments only
)

// NewPoller makes a listener for a broker without streams. There the last command waits in a
// queue that keeps the newest one, and every deliverer looks into it and leaves it there.
func NewPoller(c *amqpx.Consumer, apply func(Command), log *zap.Logger) *Listener {
	l := newListener(apply, log)
	p := &poller{listener: l, consumer: c}
	p.note(errors.New("the queue of commands was not looked into yet"))
	l.run, l.ready = p.run, p.ready
	return l
}

// poller looks into the queue for its listener.
type poller struct {
	listener *Listener
	consumer *amqpx.Consumer
	problem  atomic.Pointer[error] // how the last look ended
}

func (p *poller) run(ctx context.Context) error {
	for {
		p.look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(p.wait()):
		}
	}
}

func (p *poller) look(ctx context.Context) {
	commands, err := p.consumer.Peek(ctx, topology.Control, mostSeen)
	p.note(err)
	for _, m := range commands {
		p.listener.obey(m)
	}
}

func (p *poller) wait() time.Duration {
	select {
	case <-p.listener.settled:
		return pollEvery
	default:
		return pollSoon
	}
}

func (p *poller) note(err error) { p.problem.Store(&err) }

func (p *poller) ready() error { return *p.problem.Load() }
