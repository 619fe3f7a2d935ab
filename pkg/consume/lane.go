package consume

import (
	"cmp"
	"slices"
	"time"
)

// lane is the events of one key, in order: first those in the parked queue, then those in
// the partition's own.
type lane struct {
	parked []*item
	fresh  []*item

	trying  *item       // the first one, while it is being attempted
	early   []*item     // copies of it that arrived meanwhile: it is not known yet what they are
	parking bool        // a fresh one is on its way into the parked queue
	timer   *time.Timer // of the next look at the lane; nil: none
}

// head is the event whose turn it is; nil when there is none.
func (l *lane) head() *item {
	switch {
	case len(l.parked) > 0:
		return l.parked[0]
	case len(l.fresh) > 0:
		return l.fresh[0]
	default:
		return nil
	}
}

func (l *lane) empty() bool { return l.head() == nil && l.trying == nil && len(l.early) == 0 }

// find returns the parked one that is the same event; nil when there is none.
func (l *lane) find(identity string) *item {
	at := slices.IndexFunc(l.parked, func(p *item) bool { return p.identity == identity })
	if at < 0 {
		return nil
	}
	return l.parked[at]
}

// load takes in a copy from the parked queue before the first attempt of a session. Of
// several of one event, the one that was parked first counts, because then those of each
// session are a row without a gap; of equal ones, the one with more attempts. It returns
// what the other one was settled by; nil when there is none.
func (l *lane) load(c *item) (surplus *job) {
	p := l.find(c.identity)
	if p == nil {
		l.parked = append(l.parked, c)
		slices.SortStableFunc(l.parked, func(a, b *item) int { return cmp.Compare(a.place, b.place) })
		return nil
	}
	if cmp.Or(cmp.Compare(p.place, c.place), cmp.Compare(c.attempt, p.attempt)) <= 0 {
		return c.job
	}
	surplus = p.job
	*p = *c
	slices.SortStableFunc(l.parked, func(a, b *item) int { return cmp.Compare(a.place, b.place) })
	return surplus
}

// arrive takes in a copy that this session parked. It returns what a superfluous one is
// settled by.
func (l *lane) arrive(c *item) (surplus *job) {
	if l.trying != nil && l.trying.identity == c.identity {
		l.early = append(l.early, c) // perhaps its next attempt, whose confirm is not here yet
		return nil
	}
	p := l.find(c.identity)
	if p == nil || p.job != nil || p.attempt != c.attempt {
		return c.job
	}
	p.job = c.job
	return nil
}

// stop ends the timer.
func (l *lane) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// drop removes an event that is done with.
func (l *lane) drop(i *item) {
	same := func(other *item) bool { return other == i }
	l.parked, l.fresh = slices.DeleteFunc(l.parked, same), slices.DeleteFunc(l.fresh, same)
}

// park puts the first of the fresh ones behind the parked ones.
func (l *lane) park() {
	l.parked = append(l.parked, l.fresh[0])
	l.fresh = l.fresh[1:]
}
