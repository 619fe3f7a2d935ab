//go:build bench

package e2e

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// barrage sends signed events over keep-alive connections for a while.
type barrage struct {
	address     string
	tls         bool
	connections int
	rate        float64 // events a second, whether answered or not; 0: each connection sends when it has its answer
	lasts       time.Duration
}

// volley is what became of them.
type volley struct {
	accepted, refused int
	took              time.Duration
	answers, refusals latencies // of accepted events from when they were due, of refused ones from when they were sent
}

// perSecond is the rate of accepted events.
func (v volley) perSecond() float64 { return float64(v.accepted) / v.took.Seconds() }

// latencies are in the order of their size once sorted.
type latencies []time.Duration

func (l latencies) at(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(len(l)-1, int(math.Ceil(share*float64(len(l))))-1)]
}

// run sends, and returns when the last answer is there.
func (b barrage) run(t *testing.T) volley {
	t.Helper()
	guns := make([]*gun, b.connections)
	for i := range guns {
		guns[i] = newGun(t, b.address, b.tls)
	}
	shots := make([]volley, b.connections)
	failures := make([]error, b.connections)
	began := time.Now()
	var all sync.WaitGroup
	for i, g := range guns {
		all.Go(func() { failures[i] = b.fire(g, &shots[i], began, i) })
	}
	all.Wait()
	total := volley{took: time.Since(began)}
	for i, s := range shots {
		require.NoError(t, failures[i])
		guns[i].close()
		total.accepted += s.accepted
		total.refused += s.refused
		total.answers = append(total.answers, s.answers...)
		total.refusals = append(total.refusals, s.refusals...)
	}
	slices.Sort(total.answers)
	slices.Sort(total.refusals)
	return total
}

// fire is the work of connection i. With a rate, latency counts from the moment that an
// event was due: a gateway that stops for a second gets no praise for the events that
// were not sent meanwhile.
func (b barrage) fire(g *gun, v *volley, began time.Time, i int) error {
	for n := 0; ; n++ {
		due := time.Now()
		if b.rate > 0 {
			due = began.Add(time.Duration(float64(n*b.connections+i) / b.rate * float64(time.Second)))
			<-time.After(time.Until(due))
		}
		if due.Sub(began) > b.lasts || time.Since(began) > b.lasts {
			return nil
		}
		sent := time.Now()
		status, err := g.shoot()
		if err != nil {
			return err
		}
		if status < 300 {
			v.accepted++
			v.answers = append(v.answers, time.Since(due))
			continue
		}
		v.refused++
		v.refusals = append(v.refusals, time.Since(sent))
	}
}
