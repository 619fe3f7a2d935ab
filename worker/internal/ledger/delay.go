package ledger

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// mostDelayed bounds how many delayed events of a route are looked at.
const mostDelayed = 5000

func (l *Ledger) lookAtLevels(ctx context.Context, levels map[int]int) error {
	for bit := range topology.DelayBits {
		state, err := l.Broker.Inspect(ctx, topology.DelayQueue(bit))
		if err != nil {
			return fmt.Errorf("ask about a delay level: %w", err)
		}
		levels[bit] = state.Ready
	}
	return nil
}

// judgeDelayed names the delayed events of a route that should be in a level in which
// nothing was during all looks.
func (l *Ledger) judgeDelayed(ctx context.Context, route string, v *verdict) error {
	now := l.newest().at
	rows, err := l.Store.Delayed(ctx, route, now.Add(l.Margin), mostDelayed)
	if err != nil {
		return err
	}
	for _, row := range rows {
		bit, known := level(row, now, l.Patience+2*l.Margin, l.Margin)
		if known && l.emptyAlways(bit) {
			v.add([]store.Silent{row})
		}
	}
	return nil
}

func (l *Ledger) emptyAlways(bit int) bool {
	for _, s := range l.window {
		if ready, looked := s.levels[bit]; !looked || ready > 0 {
			return false
		}
	}
	return true
}

// level returns the delay level that a delivery is in, if it has been there for so long
// already, and stays for so long still. A delay passes the levels of its bits from the
// highest to the lowest.
func level(row store.Silent, now time.Time, already, still time.Duration) (bit int, known bool) {
	seconds := int(math.Round(row.NextAt.Sub(row.At).Seconds()))
	enter := row.At
	for bit := topology.DelayBits - 1; bit >= 0; bit-- {
		if seconds>>bit&1 == 0 {
			continue
		}
		leave := enter.Add(time.Second << bit)
		if now.Sub(enter) >= already && leave.Sub(now) >= still {
			return bit, true
		}
		enter = leave
	}
	return 0, false
}
