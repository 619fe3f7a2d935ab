package deliver

import (
	"sync"
	"time"
)

// When retries are held back, and how far.
const (
	budgetWindow  = 10  // seconds over which attempts are counted
	budgetFailing = 0.1 // the share of failures from which a destination is failing
	budgetShare   = 0.2 // the share of a failing destination's attempts that may be retries
	budgetFloor   = 100 // retries that are let through within the window in any case: ten a second
)

// budget keeps the retries at a failing destination to a share of its traffic, so
// that they do not keep down what struggles to get up, nor hold up fresh events.
// It never refuses a first attempt, and some retries are always let through: once
// there is no fresh traffic, they alone find out that the destination is well again.
//
// It counts over a window that moves by the second.
type budget struct {
	mu    sync.Mutex
	ticks [budgetWindow]tally
}

// tally is what happened within one second.
type tally struct {
	second                      int64 // since 1970
	attempts, retries, failures int
}

// begun is an attempt that the budget has let begin.
type begun struct {
	second int64
	retry  bool
}

// begin asks for an attempt, and counts it if it may be made.
func (b *budget) begin(now time.Time, retry bool) (begun, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if all := b.sum(now); retry && !all.allowsRetry() {
		return begun{}, false
	}
	a := begun{second(now), retry}
	b.at(a.second).add(a, 1)
	return a, true
}

// withdraw takes back an attempt that was not made after all.
func (b *budget) withdraw(a begun) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := &b.ticks[a.second%budgetWindow]; t.second == a.second {
		t.add(a, -1)
	}
}

// failed counts a failure.
func (b *budget) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at(second(now)).failures++
}

// at returns the tally of a second, which takes the place of one a window ago.
func (b *budget) at(second int64) *tally {
	t := &b.ticks[second%budgetWindow]
	if t.second != second {
		*t = tally{second: second}
	}
	return t
}

// sum adds up what is within the window.
func (b *budget) sum(now time.Time) (all tally) {
	for _, t := range b.ticks {
		if t.second > second(now)-budgetWindow {
			all.attempts += t.attempts
			all.retries += t.retries
			all.failures += t.failures
		}
	}
	return all
}

func (t *tally) add(a begun, n int) {
	t.attempts += n
	if a.retry {
		t.retries += n
	}
}

// allowsRetry tells whether one more retry keeps within the share.
func (t *tally) allowsRetry() bool {
	failing := float64(t.failures) >= budgetFailing*float64(t.attempts)
	return !failing || float64(t.retries+1) <= max(budgetFloor, budgetShare*float64(t.attempts+1))
}

func second(now time.Time) int64 { return now.Unix() }
