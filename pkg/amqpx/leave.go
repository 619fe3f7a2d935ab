package amqpx

import (
	"context"
	"errors"
	"time"
)

// Why a connection is left for a new one, although it is up.
var (
	errRefused = errors.New("queues refuse what comes over this connection; trying another one")
	errStalled = errors.New("this connection answers no publish; trying another one")
)

// How long a connection that was left waits for answers that nobody waits for any more,
// and how often it looks.
const (
	lingerFor   = 10 * time.Second
	lingerEvery = 250 * time.Millisecond
)

// mayLeave reports whether the line may look for another connection. One line of a
// publisher does so at a time, and only while another one takes publishes: those to other
// queues must not suffer. It has its turn until it is back.
func (l *line) mayLeave() bool {
	if l.mine {
		return true
	}
	select {
	case l.turn <- struct{}{}:
	default:
		return false
	}
	if l.mine = l.gate.spares(l.index); !l.mine {
		<-l.turn
	}
	return l.mine
}

// back ends the line's turn.
func (l *line) back() {
	if l.mine {
		l.mine = false
		<-l.turn
	}
}

// leave lets nothing more be sent over the connection, which lingers for the answers to
// what was.
func (l *line) leave(ctx context.Context, f *flight, why error) error {
	f.retire()
	f.session.lingers = true
	l.lingering.Go(func() { f.linger(ctx) })
	return why
}

// linger keeps a connection that was left until its publishes have their answers, or
// their publishers have gone, or it is lost, or ctx ends. Then it closes it.
func (f *flight) linger(ctx context.Context) {
	defer f.session.close()
	defer f.end()
	look := time.NewTicker(lingerEvery)
	defer look.Stop()
	for waited := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.session.closed: //nolint:errcheck // why no longer matters
			return
		case now := <-look.C:
			if f.flying.Load() > 0 {
				waited = now
			}
			if !f.owes() || now.Sub(waited) > lingerFor {
				return
			}
		}
	}
}
