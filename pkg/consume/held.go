package consume

import (
	"context"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/status"
)

// How often a route tells which events it holds, and for how long it may hold one, or
// have handed it back, without telling.
const (
	heldEvery = 5 * time.Second
	heldAfter = 10 * time.Second
)

// held is the events that a route has in its hands. Most are settled within moments. It
// tells about the others, so that the ledger knows them from lost ones.
type held struct {
	mu     sync.Mutex
	events map[*holding]struct{}
	back   []status.Record // handed back untried, and not told yet
}

// holding is one event in hand.
type holding struct {
	record status.Record
	told   time.Time // when its hold began, or was told last
}

func newHeld() *held { return &held{events: map[*holding]struct{}{}} }

// take notes an event until the function that it returns is called.
func (h *held) take(r status.Record) (drop func(back bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := &holding{r, time.Now()}
	h.events[one] = struct{}{}
	return func(back bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.events, one)
		if back && len(h.back) < status.MaxRecords {
			h.back = append(h.back, r)
		}
	}
}

// due returns what is to be told now.
func (h *held) due(now time.Time) []status.Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	records := h.back
	h.back = nil
	for one := range h.events {
		if now.Sub(one.told) >= heldAfter {
			one.told = now
			records = append(records, one.record)
		}
	}
	for i := range records {
		records[i].At = now
	}
	return records
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
