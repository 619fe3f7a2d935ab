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
// PENSTOCK_BENCH_PROFILE names.
func TestProfile(t *testing.T) {
	file := os.Getenv("PENSTOCK_BENCH_PROFILE")
	if file == "" {
		t.Skip("skipped: PENSTOCK_BENCH_PROFILE names no file")
	}
	s := penstock(t, plainGateway, false, false)
	profile := make(chan string, 1)
	go func() {
		status, text := s.process.get("/debug/pprof/profile?seconds=4")
		if status != http.StatusOK {
			text = ""
		}
		profile <- text
	}()
	v := s.barrage(0, 5*time.Second).run(t)
	text := <-profile
	require.NotEmpty(t, text)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	t.Logf("%.0f events a second", v.perSecond())
}
