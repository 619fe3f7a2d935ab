package amqpx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrFull means that as many publishes to the queue are without an answer as may be.
// Nothing was sent.
var ErrFull = errors.New("amqpx: too many publishes to this queue without an answer")

// Group publishes copies of a message to several queues, each with its own confirm. It
// uses one connection, as far as there is room: the answers to its other publishes then
// show that a queue is slow, and not the connection. A publish takes a place of its queue
// until the broker answers, also when its publisher has gone, and no place of other
// queues. A group belongs to one goroutine.
type Group struct {
	publisher *Publisher
	flights   []*flight // the first one is preferred
	only      *flight   // nil: any
}

const (
	// lookElsewhere is how long a publish waits for a place of one connection before it looks
	// at the others again.
	lookElsewhere = 20 * time.Millisecond
	// waitForRoom is how long a publish waits for room in one connection. A large message
	// needs all of it, which a slow network takes a while to make.
	waitForRoom = 500 * time.Millisecond
)

// NewGroup begins a group.
func (p *Publisher) NewGroup() *Group { return &Group{publisher: p, flights: p.roster.pick()} }

// Behind returns a group that publishes over the connection of a publish alone: what the
// broker has of the one, it has of the other before. When that connection is lost, the group
// can publish nothing any more: it has no place.
func (g *Group) Behind(s *Sent) *Group {
	return &Group{publisher: g.publisher, flights: []*flight{s.flight}, only: s.flight}
}

// TrySend sends a publish that leads to the queue, and does not wait for a place: the error
// is ErrFull then. It may be ErrUnavailable or ErrInvalid, too. It waits a moment for room in
// each connection.
func (g *Group) TrySend(ctx context.Context, queue string, pub Publication) (*Sent, error) {
	sent, _, err := g.try(ctx, queue, pub)
	return sent, err
}

// obstacle is what a publish waits for that found no place.
type obstacle struct {
	flight *flight
	quota  *quota
	over   <-chan struct{} // closed when there may be one; may be nil
	places chan<- struct{} // takes one; may be nil
}

func (g *Group) try(ctx context.Context, queue string, pub Publication) (*Sent, obstacle, error) {
	var first obstacle
	for _, f := range slices.Clone(g.flights) {
		if !f.alive() {
			continue
		}
		q := f.quota(queue)
		taken, over, places := q.take()
		if taken || g.only != nil && q.takeSpare() {
			sent, err := g.send(ctx, f, q, pub)
			if !errors.Is(err, errLost) && !errors.Is(err, errNoRoom) {
				return sent, obstacle{}, err
			}
			g.postpone(f)
		} else if first.flight == nil {
			first = obstacle{f, q, over, places}
		}
	}
	return nil, first, ErrFull
}

// Send is TrySend, and waits for a place until ctx ends or stop is closed; the error is
// ErrFull then.
func (g *Group) Send(ctx context.Context, queue string, pub Publication, stop <-chan struct{}) (*Sent, error) {
	for {
		state := g.publisher.gate.state()
		if state.err != nil {
			return nil, state.err
		}
		sent, obstacle, err := g.try(ctx, queue, pub)
		switch {
		case !errors.Is(err, ErrFull):
			return sent, err
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%w: %w", ErrFull, ctx.Err())
		case obstacle.flight == nil:
			if err := g.lookAgain(ctx, stop); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case obstacle.places <- struct{}{}:
			sent, err := g.send(ctx, obstacle.flight, obstacle.quota, pub)
			if !errors.Is(err, errNoRoom) {
				return sent, err
			}
			g.postpone(obstacle.flight)
		case <-time.After(lookElsewhere): // another connection may have a place by now
		case <-obstacle.over:
		case <-obstacle.flight.over:
		case <-state.over:
		case <-stop:
			return nil, ErrFull
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrFull, ctx.Err())
		}
	}
}

// lookAgain picks the connections that there are now. Those of a group behind another publish
// never change: it waits until it may give up, when that one is lost.
func (g *Group) lookAgain(ctx context.Context, stop <-chan struct{}) error {
	switch {
	case g.only == nil:
		if g.flights = g.publisher.roster.pick(); len(g.flights) == 0 {
			return fmt.Errorf("%w: %w", ErrUnavailable, errConnecting)
		}
	case !g.only.alive():
		select {
		case <-ctx.Done():
		case <-stop:
		}
		return fmt.Errorf("%w: %w", ErrFull, errLost)
	}
	return nil
}

// Elsewhere prefers another connection than that of a publish from now on.
func (g *Group) Elsewhere(from *Sent) { g.postpone(from.flight) }

// postpone tries all other connections before that one.
func (g *Group) postpone(last *flight) {
	if i := slices.Index(g.flights, last); i >= 0 {
		g.flights = append(append(g.flights[:i:i], g.flights[i+1:]...), last)
	}
}

// send sends over the connection, of which a place is taken.
func (g *Group) send(ctx context.Context, f *flight, q *quota, pub Publication) (*Sent, error) {
	sent, err := g.write(ctx, f, q, pub)
	if err != nil {
		q.unsent()
		return nil, fmt.Errorf("publish to %q: %w", pub.Exchange, err)
	}
	return sent, nil
}

func (g *Group) write(ctx context.Context, f *flight, q *quota, pub Publication) (*Sent, error) {
	if err := g.publisher.Ready(); err != nil {
		return nil, err
	}
	r, err := newRequest(pub)
	if err != nil {
		return nil, err
	}
	if err := f.reserve(ctx, r, waitForRoom); err != nil {
		return nil, err
	}
	p := newPending(r)
	p.quota, p.at = q, sinceStart()
	sent := &Sent{publisher: g.publisher, flight: f, pending: p, at: p.at}
	sent.board()
	if err := f.send(p, r); err != nil {
		sent.land()
		p.recycle()
		return nil, err
	}
	if !q.known.Load() {
		go func() {
			if f.goesOn() {
				q.learn()
			}
		}()
	}
	return sent, nil
}

var start = time.Now()

// sinceStart is the time by a clock that nobody sets.
func sinceStart() int64 { return int64(time.Since(start)) }
