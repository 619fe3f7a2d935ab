//go:build prove

package e2e

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"
)

// watchLedger asks the ledger every second, until the function that it returns is called,
// which returns the most events that it called missing.
func (s *site) watchLedger() (most func() int) {
	ctx, stop := context.WithCancel(s.t.Context())
	var seen atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for ctx.Err() == nil {
			if t := s.tracker.Load(); t != nil {
				if n := int64(t.ledger().Unaccounted); n > seen.Load() {
					seen.Store(n)
					s.t.Logf("%s: the ledger calls %d events missing\n%s", time.Now().UTC().Format(time.TimeOnly), n, linesWith(t.log.String(), "accounted"))
				}
			}
			select {
			case <-ticks.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() int { stop(); <-done; return int(seen.Load()) }
}

// linesWith returns the last lines of a log that have a word.
func linesWith(log, word string) string {
	var found []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return strings.Join(found[max(0, len(found)-5):], "")
}

// replayDead replays dead letters until the route has none.
func (s *site) replayDead() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		if s.vhost.Depth(s.t, deadQueue) == 0 {
			return true
		}
		status := s.tracker.Load().command("/jobs", `{"kind": "replay", "filter": {"state": "dead", "route": "everything"}, "ratePerSecond": 1000}`)
		require.Equal(s.t, http.StatusAccepted, status)
		return false
	}, 2*time.Minute, 3*time.Second, "dead letters are left")
}
