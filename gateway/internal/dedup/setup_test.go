package dedup_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is what both kinds of store can do.
type store interface {
	Claim(ctx context.Context, key dedup.Key, id string, terms dedup.Terms) (dedup.Claim, error)
	Settle(ctx context.Context, key dedup.Key, c dedup.Claim, o dedup.Outcome, terms dedup.Terms) error
}

// stores runs the test with each kind of store.
func stores(t *testing.T, test func(t *testing.T, s store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, newMemory(t, 1000))
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, newRedis(t, redisURL(t), patient))
	})
}

// patient is how long the tests wait for a Redis that is there, on any machine. Where it
// is not, impatient is what a gateway waits.
const (
	patient   = 30 * time.Second
	impatient = 500 * time.Millisecond
)

func newRedis(t *testing.T, url string, within time.Duration) *dedup.Redis {
	t.Helper()
	r, err := dedup.NewRedis(url, within, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close(context.Background())) })
	return r
}

// redisURL names the shared Redis for tests, which it starts at most once.
func redisURL(t *testing.T) string {
	t.Helper()
	url, err := startRedis()
	require.NoError(t, err)
	return url
}

var startRedis = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("PENSTOCK_TEST_REDIS_URL"); url != "" {
		return url, nil
	}
	cmd := exec.Command("../../../.ci/redis", "up", "test")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	_, url, _ := strings.Cut(strings.TrimSpace(string(out)), "=")
	return url, err
})

func newMemory(t *testing.T, events int) *dedup.Memory {
	t.Helper()
	m, err := dedup.NewMemory(events)
	require.NoError(t, err)
	return m
}

// newKey returns a key that no other test uses.
func newKey() dedup.Key { return dedup.Key{Source: "test", Event: uuid.NewString()} }
