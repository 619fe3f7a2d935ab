package amqpx

import (
	"slices"
	"sync"
	"time"
)

// sameLoss is how close together losses count as one: a node that goes away takes several
// connections with it.
const sameLoss = 100 * time.Millisecond

// mostLosses is how many losses are remembered.
const mostLosses = 16

// losses remembers when messages went back to their queues for another reason than their
// own: the broker ended connections, or a subscription paused or changed its window. It is
// safe for concurrent use.
type losses struct {
	mu    sync.Mutex
	times []time.Time // the oldest first
}

// note notes a loss.
func (l *losses) note(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.times); n > 0 && at.Sub(l.times[n-1]) < sameLoss {
		return
	}
	if len(l.times) == mostLosses {
		l.times = slices.Delete(l.times, 0, 1)
	}
	l.times = append(l.times, at)
}

// since counts the losses after the time given.
func (l *losses) since(at time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := slices.IndexFunc(l.times, at.Before)
	if first < 0 {
		return 0
	}
	return len(l.times) - first
}

// LostWithin returns how often connections were lost within that time, 16 at most. What a
// consumer had in hand then comes back to its queue, and counts as a return.
func (p *Publisher) LostWithin(d time.Duration) int { return p.losses.since(time.Now().Add(-d)) }

// LostWithin returns how often connections were lost, or subscriptions gave back what was
// delivered, within that time, 16 at most. What was in hand then comes back to its queue, and
// counts as a return.
func (c *Consumer) LostWithin(d time.Duration) int { return c.losses.since(time.Now().Add(-d)) }
