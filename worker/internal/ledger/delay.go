package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// mostDelayed bounds how many delayed events of a route are looked at.
const mostDelayed = 5000

func (l *Ledger) lookAtLevels(ctx context.Context, levels map[int]int) error {
	for _, seconds := range topology.Levels() {
		state, err := l.Broker.Inspect(ctx, topology.LevelQueue(seconds))
		if err != nil {
			return fmt.Errorf("ask about a delay level: %w", err)
		}
		levels[seconds] = state.Ready
	}
	return l.lookAtBitLevels(ctx, levels)
}

// bitLevels is what the levels of processes before version 1 are counted as: shorter than
// any other, so whatever is delayed may be there.
const bitLevels = 0

func (l *Ledger) lookAtBitLevels(ctx context.Context, levels map[int]int) error {
	for _, q := range topology.BitLevels().Queues {
		state, err := l.Broker.Inspect(ctx, q.Name)
		if errors.Is(err, amqpx.ErrNoQueue) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ask about a delay level: %w", err)
		}
		levels[bitLevels] += state.Ready
	}
	return nil
}

// judgeDelayed names the delayed events of a route that should be in a level in which
// nothing was during all looks, nor in a shorter one: that takes what a level refuses.
func (l *Ledger) judgeDelayed(ctx context.Context, route string, v *verdict) error {
	now := l.newest().at
	rows, err := l.Store.Delayed(ctx, route, now.Add(l.Margin), mostDelayed)
	if err != nil {
		return err
	}
	for _, row := range rows {
		seconds, known := level(row, now, l.Patience+2*l.Margin, l.Margin)
		if known && l.emptyUpTo(seconds) {
			v.add([]store.Silent{row})
		}
	}
	return nil
}

// emptyUpTo reports whether the levels up to one were empty during all looks.
func (l *Ledger) emptyUpTo(seconds int) bool {
	for _, s := range l.window {
		if len(s.levels) == 0 {
			return false
		}
		for level, ready := range s.levels {
			if level <= seconds && ready > 0 {
				return false
			}
		}
	}
	return true
}

// level returns the delay level that a delivery is in, in seconds, if it has been there for
// so long already, and stays for so long still. A delay passes the longest level that fits,
// and then goes on with what is left.
func level(row store.Silent, now time.Time, already, still time.Duration) (seconds int, known bool) {
	left := int(math.Round(row.NextAt.Sub(row.At).Seconds()))
	for enter := row.At; left > 0; {
		seconds := topology.Level(left)
		leave := enter.Add(time.Duration(seconds) * time.Second)
		if now.Sub(enter) >= already && leave.Sub(now) >= still {
			return seconds, true
		}
		enter, left = leave, left-seconds
	}
	return 0, false
}
