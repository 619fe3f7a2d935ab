package provision

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/settings"
)

// How often a process looks at its topology: bindings vanish without a word, and what is
// refused may be mended. Looking alone disturbs no broker, so a process that only checks does
// it often; each try to declare what is refused is an error in the broker's log.
const (
	lookEvery  = time.Minute
	lookAgain  = 30 * time.Second
	checkAgain = 5 * time.Second
)

// BetweenDoubts is how long a process waits at least after a look before a doubt makes it look
// again: publishes that fail for other reasons raise doubts at any rate.
const BetweenDoubts = 5 * time.Second

// UntilLook is how long until a process looks at its topology for no reason. The setting is
// PENSTOCK_TOPOLOGY, and refused what the broker refused at the last look. Processes spread
// over time.
func UntilLook(setting string, refused error) time.Duration {
	wait := lookEvery
	switch {
	case refused == nil:
	case setting == settings.Check:
		wait = checkAgain
	default:
		wait = lookAgain
	}
	return wait - rand.N(wait/5) //nolint:gosec // only to spread processes over time
}

// Report logs what is new since an earlier look. The fields are what follows from a refusal.
func (s Standing) Report(log *zap.Logger, before Standing, fields ...zap.Field) {
	if differs(s.Bounds, before.Bounds) && s.Bounds != nil {
		log.Warn("streams keep more or less than they are set to", zap.Error(s.Bounds))
	}
	switch now := s.Err(); {
	case !differs(now, before.Err()):
	case now == nil:
		log.Info("the broker refuses nothing of the topology any more")
	default:
		routes := slices.Sorted(maps.Keys(s.ByRoute()))
		log.Error("the broker refuses a part of the topology; the rest works", append(fields, zap.Error(now), zap.Strings("routes", routes))...)
	}
}

func differs(a, b error) bool {
	return (a == nil) != (b == nil) || a != nil && a.Error() != b.Error()
}
