//go:build bench

package e2e

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProfile writes a CPU profile of a gateway under full load into the file that
// PENSTOCK_BENCH_PROFILE names, and one of the naive gateway beside it; and what each has
// allocated, with .allocs behind the name.
func TestProfile(t *testing.T) {
	file := os.Getenv("PENSTOCK_BENCH_PROFILE")
	if file == "" {
		t.Skip("skipped: PENSTOCK_BENCH_PROFILE names no file")
	}
	yardsticks(t)
	ours, theirs := penstock(t, plainGateway, false, false), naive(t)
	for range 2 { // in turns: what disturbs the machine disturbs both
		ours.profile(t, file, ours.process.get)
		theirs.profile(t, file+".naive", theirs.get)
	}
}

func (s *subject) profile(t *testing.T, file string, get func(path string) (status int, body string)) {
	t.Helper()
	purge(t, s.broker, s.queue)
	profile := make(chan string, 1)
	go func() {
		status, text := get("/debug/pprof/profile?seconds=9")
		if status != http.StatusOK {
			text = ""
		}
		profile <- text
	}()
	used, broker := cpu(t, s.pid), brokerCPU(t)
	v := s.barrage(0, 10*time.Second).run(t)
	used, broker = cpu(t, s.pid)-used, brokerCPU(t)-broker
	text := <-profile
	require.NotEmpty(t, text)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	_, allocs := get("/debug/pprof/allocs")
	require.NoError(t, os.WriteFile(file+".allocs", []byte(allocs), 0o600))
	t.Logf("%s: %.0f events a second, %s of processor time each, and %s of the broker's", s.name, v.perSecond(),
		used/time.Duration(v.accepted), broker/time.Duration(v.accepted))
}
