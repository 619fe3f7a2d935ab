//go:build load

package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The installations of the isolation test: ten routes, of which the first seven stay well.
const (
	isolatedRoutes = 10
	isolatedWell   = 7
	isolatedRate   = 50 // events a second for each route
)

// TestSickDestinationsHurtNobodyElse sends the same load to two installations in turns:
// in one all destinations are well, in the other three are sick, all the time.
func TestSickDestinationsHurtNobodyElse(t *testing.T) {
	const rounds = 6
	seconds := scaled(t, 10)
	calm, sick := newWard(t), newWard(t)
	for _, w := range []*ward{calm, sick} {
		w.load(t, 2) // warm
	}
	sick.ill.Store(true)
	sick.load(t, seconds) // until breakers and pauses have found out
	var calmAges, sickAges []time.Duration
	var calmRound, sickRound []time.Duration
	for range rounds {
		a, b := calm.load(t, seconds), sick.load(t, seconds)
		calmAges, sickAges = append(calmAges, a...), append(sickAges, b...)
		calmRound, sickRound = append(calmRound, p99(a)), append(sickRound, p99(b))
	}
	for _, list := range [][]time.Duration{calmAges, sickAges, calmRound, sickRound} {
		slices.Sort(list)
	}
	share := float64(len(sickAges)) / float64(len(calmAges))
	fmt.Printf("isolation: %d s each in turns: the seven got %d events while all were well, %d (%.1f %%) beside three sick ones; p50 %s and %s, p99 %s and %s; median of the rounds' p99 %s and %s\n",
		rounds*seconds, len(calmAges), len(sickAges), 100*share, short(half(calmAges)), short(half(sickAges)),
		short(p99(calmAges)), short(p99(sickAges)), short(half(calmRound)), short(half(sickRound)))
	for i, name := range []string{"hangs", "answers 500", "answers 429"} {
		r := sick.receivers[isolatedWell+i]
		requests, _ := r.count()
		fmt.Printf("isolation: the one that %s saw %d requests, at most %d at once\n", name, requests, r.most.Load())
		// Sixteen may be on their way. One that was given up counts until its receiver has seen that.
		require.LessOrEqual(t, r.most.Load(), int64(16+4))
	}
	require.GreaterOrEqual(t, share, 0.9)
	// The rounds are interleaved, and their median leaves out those that something else on
	// the machine disturbed. Two milliseconds are what the scheduler may add to any.
	require.LessOrEqual(t, half(sickRound), half(calmRound)*10/9+2*time.Millisecond)
}

// ward is an installation with ten receivers, three of which may be ill.
type ward struct {
	*world

	receivers []*tally
	ill       atomic.Bool
}

func newWard(t *testing.T) *ward {
	t.Helper()
	out := new(ward)
	ailments := []func(http.ResponseWriter, *http.Request){
		func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		},
	}
	var destinations, routes strings.Builder
	for i := range isolatedRoutes {
		r := newTally(t, func(w http.ResponseWriter, r *http.Request) bool {
			if i < isolatedWell || !out.ill.Load() {
				return true
			}
			ailments[i-isolatedWell](w, r)
			return false
		})
		out.receivers = append(out.receivers, r)
		fmt.Fprintf(&destinations, "  d%d: {url: %q, timeout: 10s}\n", i, r.URL)
		fmt.Fprintf(&routes, "  r%d: {from: [shop], types: [t%d], to: d%d}\n", i, i, i)
	}
	out.world = setup(t, "sources:\n  shop: {open: true}\ndestinations:\n"+destinations.String()+"routes:\n"+routes.String())
	out.startQuietly(t)
	return out
}

// load sends events to all routes, and returns how old they were when they arrived at the
// seven.
func (w *ward) load(t *testing.T, seconds int) (ages []time.Duration) {
	t.Helper()
	var sending sync.WaitGroup
	for i := range isolatedRoutes {
		sending.Go(func() {
			ticks := time.NewTicker(time.Second / isolatedRate)
			defer ticks.Stop()
			for range isolatedRate * seconds {
				<-ticks.C
				w.publish(t, fmt.Sprintf("t%d", i))
			}
		})
	}
	sending.Wait()
	for _, r := range w.receivers[:isolatedWell] {
		ages = append(ages, r.takeAges()...)
	}
	slices.Sort(ages)
	return ages
}

func half(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
