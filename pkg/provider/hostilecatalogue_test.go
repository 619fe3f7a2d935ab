package provider_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// What a request may cost, however it was made. The bytes allocated and hashed grow with its size;
// the operations with public keys do not.
const (
	freeBytes      = 1 << 20
	allocatedTimes = 4
	hashedTimes    = 8
)

// hostileSize is how large the bodies are: those of make test-hostile are as large as sources take.
func hostileSize() int {
	if os.Getenv("PENSTOCK_HOSTILE") == "full" {
		return 5 << 20
	}
	return 512 << 10
}

//nolint:paralleltest // it measures what the process allocates
func TestHostileRequestsCostEveryPresetInProportionToTheirSize(t *testing.T) {
	requests := 0
	var dear []string
	var slowest time.Duration
	var slow string // of the processor's time nothing is asserted: it depends on the machine
	for _, s := range hostileSources(t) {
		for name, r := range s.requests(hostileSize()) {
			requests++
			began := time.Now()
			if why := s.judge(t, r); why != "" {
				dear = append(dear, s.preset.ID+", "+name+": "+why)
			}
			if took := time.Since(began); took > slowest {
				slowest, slow = took, s.preset.ID+", "+name
			}
		}
	}
	t.Logf("of %d requests the slowest took %s: %s", requests, slowest, slow)
	require.Empty(t, strings.Join(dear, "\n"))
	require.Greater(t, requests, 10_000)
}

// judge says what costs too much; empty: nothing does.
func (s hostileSource) judge(t *testing.T, r *signature.Request) string {
	t.Helper()
	bytes := size(r)
	limit := freeBytes + allocatedTimes*bytes
	r.Work = &signature.Work{}
	got := allocated(func() { s.handle(t, r) })
	if got > limit { // a pool may have been filled
		r.Work = &signature.Work{}
		got = allocated(func() { s.handle(t, r) })
	}
	switch {
	case got > limit:
		return fmt.Sprintf("allocates %d bytes, %.1f times its size", got, float64(got)/float64(bytes))
	case r.Work.Hashed > freeBytes+hashedTimes*bytes:
		return fmt.Sprintf("hashes %d bytes, %.1f times its size", r.Work.Hashed, float64(r.Work.Hashed)/float64(bytes))
	case r.Work.Operations > signature.MaxOperations:
		return fmt.Sprintf("takes %d operations with public keys", r.Work.Operations)
	default:
		return ""
	}
}

// handle does what a gateway does with a request.
func (s hostileSource) handle(t testing.TB, r *signature.Request) {
	t.Helper()
	_, _ = s.source.Handshake(t.Context(), r, false)
	if s.source.Verify(t.Context(), r, time.Unix(now, 0)).OK {
		r = r.Read(int64(hostileSize()))
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
