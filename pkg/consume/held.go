package consume

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/status"
)

// How often a route looks which events it has to tell about, and for how long it may hold
// one, or have handed it back, without telling.
const (
	heldEvery = 2 * time.Second
	heldAfter = 10 * time.Second
)

// held is the events that a route has in its hands. Most are settled within moments. It
// tells about the others, so that the ledger knows them from lost ones.
type held struct {
	lasting bool // it tells until the event is settled, and so says when it tells again
	mu      sync.Mutex
	events  map[copied]*holding
}

// copied is what the copies of an event have in common.
type copied struct{ event, replay string }

// holding is one event in hand, or one that was.
type holding struct {
	record status.Record
	hands  int       // how many copies are being processed
	seen   time.Time // when it was in hand last
	back   bool      // it was handed back untried since
	told   time.Time // when its hold began, or was told last
}

func newHeld(lasting bool) *held { return &held{lasting: lasting, events: map[copied]*holding{}} }

// take notes an event until the function that it returns is called.
// That says why an event goes back untried, if it does.
func (h *held) take(r status.Record) (drop func(back bool, why string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.holding(r, time.Now())
	one.hands++
	return func(back bool, why string) {
		h.mu.Lock()
		defer h.mu.Unlock()
		one.hands--
		one.seen, one.back, one.record.Error = time.Now(), back, why
		if !back && one.hands == 0 {
			delete(h.events, copied{r.Event, r.Replay})
		}
	}
}

// see notes an event that is in hand now, and that goes back untried after that, or not.
func (h *held) see(r status.Record, now time.Time, back bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := h.holding(r, now)
	one.seen, one.back, one.record.Error = now, back, r.Error
}

func (h *held) holding(r status.Record, now time.Time) *holding {
	of := copied{r.Event, r.Replay}
	one := h.events[of]
	if one == nil {
		one = &holding{record: r, told: now}
		h.events[of] = one
	}
	return one
}

// due returns what is to be told now.
func (h *held) due(now time.Time) []status.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	var records []status.Record
	for of, one := range h.events {
		if one.hands > 0 {
			one.seen = now
		}
		gone := now.Sub(one.seen) > 2*heldEvery
		if gone && !one.back {
			delete(h.events, of)
			continue
		}
		if now.Sub(one.told) < heldAfter {
			continue
		}
		records = append(records, h.tellingOf(one))
		if one.told = now; one.back && one.hands == 0 {
			delete(h.events, of)
		}
	}
	return records
}

func (h *held) tellingOf(one *holding) status.Record {
	r := one.record
	r.At = one.seen
	if h.lasting {
		r.NextAt = r.At.Add(heldAfter)
	}
	return r
}

// tell tells what is due until ctx is done. What could not be told is told the next time.
func (h *held) tell(ctx context.Context, to Recorder) {
	ticks := time.NewTicker(heldEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			if records := h.due(now); len(records) > 0 {
				_ = to.Emit(ctx, records...) // they decide nothing
			}
		}
	}
}
