package notify_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestATakeoverForgetsNothingAndRepeatsLittle takes the store away from a notifier at a random
// moment between deciding and noting, as a kill does, and has another one go on.
func TestATakeoverForgetsNothingAndRepeatsLittle(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		takeOver(t, n%2 == 0)
	}
}

// takeOver kills the first notifier when the channel has its message, or at any moment.
func takeOver(t *testing.T, whileSent bool) {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	b, dying, c := setupAt(t, url), setupAt(t, url), newChannel(t)
	section := fmt.Sprintf(`  channels: {hook: {webhook: {url: "%s", secrets: ["${SIGN}"]}, caFile: %s}}`, c.server.URL, c.ca)
	first, second := dying.notifier(section), b.notifier(section)
	for n, word := range []string{"one", "two", "three"} {
		b.fail(n, word)
	}
	kill := sync.OnceFunc(func() { _ = dying.Close() })
	if whileSent {
		c.answer = func(_ int, w http.ResponseWriter) { kill(); w.WriteHeader(http.StatusAccepted) }
	} else {
		timer := time.AfterFunc(rand.N(20*time.Millisecond), kill)
		defer timer.Stop()
	}
	_ = first.RunOnce(t.Context())
	kill()
	for range 3 {
		b.pass(2 * time.Minute)
		b.look(second)
	}
	heard := map[string]int{}
	for _, r := range c.taken() {
		var body struct {
			Changes []struct {
				Incident struct {
					ID string `json:"id"`
				} `json:"incident"`
			} `json:"changes"`
		}
		require.NoError(t, json.Unmarshal(r.body, &body))
		for _, change := range body.Changes {
			heard[change.Incident.ID]++
		}
	}
	require.Len(t, heard, 3, "each is notified of")
	for _, n := range heard {
		require.LessOrEqual(t, n, 2)
	}
}
