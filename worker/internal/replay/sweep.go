package replay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/worker/internal/store"
)

// A sweep has seen everything when it has seen as many as there were when it began. In
// case that somebody else took some of them, it looks again after so long without a
// delivery.
const quiet = 5 * time.Second

// How long a sweep waits at most until nobody else consumes the queue, and how often it
// looks: the broker needs a moment to notice that the sweep before has ended.
const (
	leaveTime = 10 * time.Second
	leaveLook = 50 * time.Millisecond
)

// errLost means that a channel was lost in the middle of a sweep. What it held comes
// again.
var errLost = because(store.BrokerUnavailable, errors.New("the channel to the broker was lost"))

// errOccupied means that somebody else consumes the dead letters, and so holds some of
// them.
var errOccupied = because(store.DeadLettersInUse, errors.New("somebody else consumes the dead letters"))

// sweep goes once through a queue of dead letters.
type sweep struct {
	*work

	turn     *turn
	route    string
	queue    string
	expected int // dead letters that the job is about, or all
	found    int // of them
	settled  *ledger
	total    int // dead letters that were there at the beginning
	seen     int // of them
	held     int // of the lane that is open: what it keeps

	mu      sync.Mutex
	pending sync.WaitGroup // what was found and is not settled yet
	failed  int            // of what was found
}

// run goes through the queue. It returns false when another job waits, and there may be
// more to see.
func (s *sweep) run(ctx context.Context) (complete bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	follower, err := s.Consumer.Follow(s.queue)
	if err != nil {
		return false, err
	}
	defer follower.Leave()
	if s.total, err = s.alone(ctx); err != nil || s.total == 0 {
		return err == nil, err
	}
	var feeds []*amqpx.Feed
	defer func() {
		s.pending.Wait() // a channel that closes takes its unsettled deliveries back
		s.putBack(context.WithoutCancel(ctx), feeds)
	}()
	for until := time.Now().Add(lease); ; {
		feed, err := follower.Open(ctx, s.Window)
		if err != nil {
			return false, err
		}
		feeds = append(feeds, feed)
		next, err := s.lane(ctx, feed, until)
		if err != nil || next != another {
			s.pending.Wait()
			s.fill(ctx, feed)
			return next == over && s.failed == 0, errors.Join(err, s.failure())
		}
	}
}

// What comes after a delivery, or after a lane.
type next int

const (
	more    next = iota // the lane goes on
	another             // it is full: another lane has to go on
	yield               // somebody else waits
	over                // there is nothing more to see
)

// lane looks at what one channel delivers, and keeps what the job does not want, so that
// it does not come again.
func (s *sweep) lane(ctx context.Context, feed *amqpx.Feed, until time.Time) (next, error) {
	idle := time.NewTicker(quiet / 5)
	defer idle.Stop()
	looked := time.Now()
	s.held = 0
	for !s.complete() {
		select {
		case <-ctx.Done():
			return over, context.Cause(ctx)
		case d, ok := <-feed.Deliveries():
			if !ok {
				return over, errLost
			}
			looked = time.Now()
			kept, err := s.look(ctx, d)
			s.held += kept
			if err != nil || s.held == s.Window {
				return another, err // the broker delivers nothing more to this one
			}
			if s.turn.wanted() && looked.After(until) {
				return yield, nil
			}
		case <-idle.C:
			if gone, err := s.gone(ctx, looked); err != nil || gone {
				return over, err
			}
		}
	}
	return over, nil
}

// complete reports whether everything was seen that there was, or that the job is about.
func (s *sweep) complete() bool {
	return s.seen >= s.total || s.expected != all && s.found >= s.expected
}

// gone reports, after a while without a delivery, whether the rest went to somebody else.
func (s *sweep) gone(ctx context.Context, looked time.Time) (bool, error) {
	if time.Since(looked) < quiet {
		return false, nil
	}
	state, err := s.Consumer.Inspect(ctx, s.queue)
	return state.Ready == 0, err
}

// look takes a dead letter that the job wants, and keeps the others.
func (s *sweep) look(ctx context.Context, d *amqpx.Delivery) (kept int, err error) {
	s.seen++
	s.work.found[s.route][d.Message.ID] = struct{}{}
	if s.settled.has(d.Message) {
		s.found++
		return 0, d.Ack()
	}
	wanted, err := s.wants(ctx, d, s.route)
	if err != nil || !wanted {
		return 1, err
	}
	s.found++
	s.pending.Add(1)
	err = s.begin(ctx, item{d.Message, s.route, d.Ack}, func(done bool) {
		defer s.pending.Done()
		if done {
			s.settled.add(d.Message)
		} else {
			s.mu.Lock()
			s.failed++
			s.mu.Unlock()
		}
	})
	if err != nil {
		s.pending.Done()
	}
	return 0, err
}

// alone waits until nobody else consumes the queue, and returns how much is in it.
func (s *sweep) alone(ctx context.Context) (int, error) {
	ticks := time.NewTicker(leaveLook)
	defer ticks.Stop()
	for until := time.Now().Add(leaveTime); ; {
		state, err := s.Consumer.Inspect(ctx, s.queue)
		switch {
		case err != nil || state.Consumers == 0:
			return state.Ready, err
		case time.Now().After(until):
			return 0, errOccupied
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-ticks.C:
		}
	}
}

func (s *sweep) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == 0 {
		return nil
	}
	return because(store.NotSettled, fmt.Errorf("%d dead letters could not be settled", s.failed))
}
