package amqpx

import (
	"fmt"
	"sync"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
)

// confirms are the publishes on one channel that the broker has not answered. A
// publish's tag is its number on the channel, so who adds one writes it to the socket
// under the same lock.
type confirms struct {
	mu      sync.Mutex
	last    uint64 // the tag of the last publish
	first   uint64 // no publish with a lower tag waits
	waiting map[uint64]*pending
	back    route         // where a message was to go whose return has begun: its id is to come
	strays  map[route]int // returned, and not confirmed yet
	over    bool
}

// pending is a publish that waits for its answer.
type pending struct {
	route  route
	answer chan error // buffered: what became of it
	at     int64      // when it was sent, if it has a quota
	quota  *quota     // that it holds a place of until it is answered; may be nil

	// Of one whose publisher has gone.

	left bool
	late func(error) // may be nil
}

// pendings are those that are used again.
var pendings = sync.Pool{New: func() any { return &pending{answer: make(chan error, 1)} }}

func newPending(r *request) *pending {
	p, _ := pendings.Get().(*pending)
	p.route, p.left, p.late, p.at, p.quota = r.route(), false, r.late, 0, nil
	return p
}

// recycle hands back a pending whose answer was received, by the only one who has it.
func (p *pending) recycle() {
	p.route, p.late, p.quota = route{}, nil, nil
	pendings.Put(p)
}

func newConfirms() *confirms {
	return &confirms{first: 1, waiting: map[uint64]*pending{}, strays: map[route]int{}}
}

// add notes a publish that write sends. It fails when nothing of it was sent.
func (c *confirms) add(p *pending, write func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return errLost
	}
	if err := write(); err != nil {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	c.last++
	c.waiting[c.last] = p
	return nil
}

// leave notes that nobody waits for p any more. It is false when p has its answer.
func (c *confirms) leave(p *pending) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p.answer) > 0 {
		return false
	}
	p.left = true
	return true
}

// settle takes the broker's answer, and returns how many publishes it was for, those of
// them whose publishers have gone, and when the latest of them was sent.
func (c *confirms) settle(a wire.Answer) (answered int, left []*pending, latest int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := a.Tag
	if a.Multiple {
		from = c.first
	}
	for tag := from; tag <= min(a.Tag, c.last); tag++ {
		p, waits := c.waiting[tag]
		if !waits {
			continue
		}
		delete(c.waiting, tag)
		answered++
		if p.left {
			left = append(left, p)
		}
		of := p.quota
		latest = max(latest, p.at)
		p.answer <- c.outcome(p.route, a) // from here on it is its publisher's
		of.answered()
	}
	for c.first <= c.last && c.waiting[c.first] == nil {
		c.first++
	}
	return answered, left, latest
}

// outcome is what an answer means. A message that no queue takes is returned, and
// confirmed after that. Two publishes of one message to one place are alike: it does not
// matter which of them is taken for the one that was returned, as long as it is one that
// is confirmed.
func (c *confirms) outcome(r route, a wire.Answer) error {
	switch {
	case a.Refused:
		return ErrNacked
	case c.strays[r] == 0:
		return nil
	case c.strays[r] == 1:
		delete(c.strays, r)
	default:
		c.strays[r]--
	}
	return ErrReturned
}

// returning takes the beginning of a return, which says where a message was to go.
func (c *confirms) returning(exchange, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back = route{exchange: exchange, key: key}
}

// returned takes the rest of it, which says what message it is: its confirm comes later.
func (c *confirms) returned(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.back.id = id
	c.strays[c.back]++
}

// end fails what waits, and all that comes later.
func (c *confirms) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for tag, p := range c.waiting {
		delete(c.waiting, tag)
		p.answer <- fmt.Errorf("%w: %w", ErrUnknown, errLost)
	}
}
