package keys

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// loadsPerSecond and loadBurst bound the loads of unknown names: each forged
	// request may name another one.
	loadsPerSecond = 1
	loadBurst      = 20
	// maxWaiting bounds the names that wait for their turn, and longestWait how long
	// each does.
	maxWaiting  = 256
	longestWait = 3 * time.Second
	// turn is how often a name that waits looks whether its turn has come.
	turn = 50 * time.Millisecond
)

// queue lets unknown names through, a few a second: first the name that most requests
// ask for. Those that are forged differ, and authentic ones name the same key. The zero
// value is ready. It is safe for concurrent use.
type queue struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	asking  map[string]int // how many requests ask for a name now
	waiting map[string]bool
}

// ask counts a request that needs the name, until done is called.
func (q *queue) ask(name string) (done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open()
	q.asking[name]++
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.asking[name]--; q.asking[name] <= 0 {
			delete(q.asking, name)
		}
	}
}

// wait returns true when it is the name's turn. It is false when that does not come before
// the deadline of ctx, or before all that asked are gone; and at once when ctx has no
// deadline or too many wait.
func (q *queue) wait(ctx context.Context, name string, now func() time.Time) bool {
	if q.take(name, now()) {
		return true
	}
	deadline, limited := ctx.Deadline()
	if !limited || !q.enter(name) {
		return false
	}
	defer q.leave(name)
	over := time.NewTimer(min(longestWait, time.Until(deadline)))
	defer over.Stop()
	look := time.NewTicker(turn)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if q.take(name, now()) {
				return true
			}
			if !q.wanted(name) {
				return false
			}
		case <-over.C:
			return false
		}
	}
}

// take takes a turn for the name, unless more requests wait for another one.
func (q *queue) take(name string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open()
	for other := range q.waiting {
		if q.asking[other] > q.asking[name] {
			return false
		}
	}
	return q.limiter.AllowN(now, 1)
}

// wanted reports whether a request still asks for the name.
func (q *queue) wanted(name string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.asking[name] > 0
}

func (q *queue) enter(name string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= maxWaiting {
		return false
	}
	q.waiting[name] = true
	return true
}

func (q *queue) leave(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, name)
}

func (q *queue) open() {
	if q.asking == nil {
		q.limiter = rate.NewLimiter(loadsPerSecond, loadBurst)
		q.asking, q.waiting = map[string]int{}, map[string]bool{}
	}
}
