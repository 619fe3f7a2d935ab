//go:build bench

package e2e

import (
	"cmp"
	"slices"
	"testing"
	"time"
)

// reading is one measurement of a subject.
type reading struct {
	perSecond      float64       // accepted events
	cost           time.Duration // of its own processor time per event
	broker         time.Duration // of the broker's processor time per event
	allocations    float64       // per event
	memory         int           // resident afterwards, in bytes
	full, half     latencies     // of acknowledgements: under all the load it takes, and under half of that
	perSecondNaive float64       // of the yardstick in the same round
	costNaive      time.Duration
}

// how long the parts of a measurement last: not long, so that a machine whose speed
// changes from one half minute to the next changes it for all subjects of a round.
const (
	warmFor = 500 * time.Millisecond
	fullFor = 2 * time.Second
	halfFor = 2 * time.Second
)

// gunners is how many connections send.
const gunners = 64

// measure takes one reading.
func (s *subject) measure(t *testing.T) reading {
	t.Helper()
	if s.broker != "" {
		purge(t, s.broker, s.queue)
	}
	s.barrage(0, warmFor).run(t)
	mallocs, used, broker := s.mallocs(), cpu(t, s.pid), brokerCPU(t)
	full := s.barrage(0, fullFor).run(t)
	used, broker = cpu(t, s.pid)-used, brokerCPU(t)-broker
	r := reading{
		perSecond:   full.perSecond(),
		cost:        used / time.Duration(max(full.accepted, 1)),
		broker:      broker / time.Duration(max(full.accepted, 1)),
		allocations: (s.mallocs() - mallocs) / float64(full.accepted),
		full:        full.answers,
	}
	r.half = s.barrage(r.perSecond/2, halfFor).run(t).answers
	r.memory, _ = resident(t, s.pid)
	return r
}

func (s *subject) barrage(rate float64, lasts time.Duration) barrage {
	return barrage{address: s.address, tls: s.tls, connections: gunners, rate: rate, lasts: lasts}
}

// median returns the middle one of what get reads of each.
func median[T cmp.Ordered](readings []reading, get func(reading) T) T {
	values := make([]T, 0, len(readings))
	for _, r := range readings {
		values = append(values, get(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
