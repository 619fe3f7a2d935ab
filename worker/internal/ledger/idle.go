package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// How often a queue that nobody works on is looked into: each look counts as a return for
// all messages in it, and after twenty the broker makes dead letters of them.
const (
	mostPeeks   = 3
	peekEvery   = 10 * time.Minute
	mostInQueue = 2000
)

// peek is what was seen in a queue.
type peek struct {
	at   time.Time
	left int
	ids  map[string]struct{}
}

// judgeIdle names what is missing in a queue that nobody works on, and that holds other
// events still. Only a look into it tells them apart.
func (l *Ledger) judgeIdle(ctx context.Context, route string, v *verdict) error {
	if v.short[route] <= v.named(route) || !l.idleAlways(route) {
		return nil
	}
	p, err := l.peek(ctx, route)
	if err != nil || p == nil {
		return err
	}
	rows, err := l.Store.Silent(ctx, route, l.newest().lost, l.window[0].routes[route].cutoff, mostInQueue+mostNamed)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, there := p.ids[row.Event]; !there && row.Due.Before(p.at) {
			v.missing[key{row.Event, route}] = row
		}
	}
	return nil
}

func (l *Ledger) idleAlways(route string) bool {
	for _, s := range l.window {
		if one := s.routes[route]; !one.idle || one.ordered || one.ready == 0 || one.ready > mostInQueue {
			return false
		}
	}
	return true
}

// peek returns what lies in the queue of a route, or lay there lately; nil when it was
// looked into too often.
func (l *Ledger) peek(ctx context.Context, route string) (*peek, error) {
	p := l.peeks[route]
	if p == nil {
		p = &peek{left: mostPeeks}
		l.peeks[route] = p
	}
	if time.Since(p.at) < peekEvery {
		return p, nil
	}
	if p.left == 0 {
		return nil, nil //nolint:nilnil // it was
	}
	at := time.Now()
	letters, all, err := l.lookInto(ctx, topology.RouteQueue(route), topology.DeferredQueue(route))
	if err != nil || !all { // somebody works on it after all
		return nil, err
	}
	p.at, p.left, p.ids = at, p.left-1, map[string]struct{}{}
	for _, letter := range letters {
		p.ids[letter.Message.ID] = struct{}{}
	}
	return p, nil
}

// lookInto looks through queues, and reports whether it saw all that is ready in them. One
// that is not there holds nothing.
func (l *Ledger) lookInto(ctx context.Context, queues ...string) (letters []Letter, all bool, err error) {
	for _, queue := range queues {
		state, err := l.inspect(ctx, queue)
		if err != nil && !errors.Is(err, amqpx.ErrNoQueue) {
			return nil, false, err
		}
		if err != nil || state.Ready == 0 {
			continue
		}
		some, err := l.Letters.Look(ctx, queue, state.Ready)
		if err != nil || len(some) < state.Ready {
			return nil, false, err
		}
		letters = append(letters, some...)
	}
	return letters, true, nil
}
