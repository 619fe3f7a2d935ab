package provider_test

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// What a request may cost, however it was made. The bytes allocated and hashed grow with its size;
// the operations with public keys do not. The promise is 1 MiB and four times the size; a quarter of the MiB
// is for who calls.
const (
	freeBytes      = 768 << 10
	allocatedTimes = 4
	freeHashed     = 64 << 10
	hashedTimes    = 8
)

// full reports whether make test-hostile asks for every shape, as large as sources take it.
func full() bool { return os.Getenv("PENSTOCK_HOSTILE") == "full" }

// How large the bodies are, in bytes, in the two forms.
const (
	fullSize  = 5 << 20
	shortSize = 128 << 10
)

//nolint:paralleltest // it measures what the process allocates
func TestHostileRequestsCostEveryPresetInProportionToTheirSize(t *testing.T) {
	requests, least := 0, 4_000
	if full() {
		least = 10_000
	}
	var dear []string
	most := map[string]measure{}
	for i, s := range hostileSources(t) {
		before := requests
		for name, r := range s.requests(i) {
			requests++
			m := s.measure(t, r)
			most = m.keepMost(most, s.preset.ID+", "+name)
			if why := m.judge(); why != "" {
				dear = append(dear, s.preset.ID+", "+name+": "+why)
			}
		}
		require.Greater(t, requests, before, s.preset.ID)
	}
	for what, m := range most {
		t.Logf("of %d requests the one with the most %s: %s (%d bytes): %d allocated, %d hashed, %s", requests, what, m.name, m.size, m.allocated, m.hashed, m.took)
	}
	require.Empty(t, strings.Join(dear, "\n"))
	require.Greater(t, requests, least)
}

// measure is what one request took. Of the time nothing is asserted: it depends on the machine.
type measure struct {
	name                                string
	size, allocated, hashed, operations int
	took                                time.Duration
}

// tries is how often a request is measured that seems dear: a pool may have been filled, and
// beside the race detector pools forget.
const tries = 6

func (s hostileSource) measure(t testing.TB, r *signature.Request) measure {
	t.Helper()
	m := measure{size: size(r), allocated: math.MaxInt}
	for range tries {
		r.Work = &signature.Work{}
		began := time.Now()
		m.allocated = min(m.allocated, allocated(func() { s.handle(t, r) }))
		m.took, m.hashed, m.operations = time.Since(began), r.Work.Hashed, r.Work.Operations
		if m.allocated <= freeBytes+allocatedTimes*m.size {
			break
		}
	}
	return m
}

// judge says what costs too much; empty: nothing does.
func (m measure) judge() string {
	switch {
	case m.allocated > freeBytes+allocatedTimes*m.size:
		return fmt.Sprintf("allocates %d bytes, %.1f times its size", m.allocated, float64(m.allocated)/float64(m.size))
	case m.hashed > freeHashed+hashedTimes*m.size:
		return fmt.Sprintf("hashes %d bytes, %.1f times its size", m.hashed, float64(m.hashed)/float64(m.size))
	case m.operations > signature.MaxOperations:
		return fmt.Sprintf("takes %d operations with public keys", m.operations)
	default:
		return ""
	}
}

// keepMost remembers the request when it took most of something.
func (m measure) keepMost(most map[string]measure, name string) map[string]measure {
	m.name = name
	if m.allocated-allocatedTimes*m.size > most["memory"].allocated-allocatedTimes*most["memory"].size || most["memory"].name == "" {
		most["memory"] = m
	}
	if m.hashed-hashedTimes*m.size > most["hashing"].hashed-hashedTimes*most["hashing"].size || most["hashing"].name == "" {
		most["hashing"] = m
	}
	if m.took > most["time"].took {
		most["time"] = m
	}
	return most
}

// handle does what a gateway does with a request.
func (s hostileSource) handle(t testing.TB, r *signature.Request) {
	t.Helper()
	_, _ = s.source.Handshake(t.Context(), r, false)
	if s.source.Verify(t.Context(), r, time.Unix(now, 0)).OK {
		r = r.Read(fullSize)
	}
	_, _ = s.source.Handshake(t.Context(), r, true)
	id, _ := s.source.Identify(r)
	_, _ = s.source.Fingerprint(r, id)
	_, _ = s.source.Reply(r)
}

// allocated is how many bytes work allocates, also those that it gave back.
func allocated(work func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}
