//go:build benchmark

package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/store"
)

// mostForAList is what the median of a list may take.
const mostForAList = 50 * time.Millisecond

// TestEveryListIsQuickWithMillionsOfEvents asks for each list that the API offers, over
// HTTP. The store at PENSTOCK_BENCH_STORE was filled by the store's TestManyEvents.
func TestEveryListIsQuickWithMillionsOfEvents(t *testing.T) {
	b := large(t)
	day := url.QueryEscape(time.Now().Add(-23 * time.Hour).Format(time.RFC3339))
	for _, path := range []string{
		"/events", "/events?limit=500", "/events?source=source-3", "/events?type=thing.33.happened", "/events?type=thing.3*",
		"/events?route=route-7", "/events?state=delivered", "/events?state=dead&route=route-7", "/events?state=dead&source=source-3",
		"/events?state=retrying&route=route-12", "/events?state=pending", "/events?state=unrouted", "/events?reason=server-error",
		"/events?state=filtered", "/events?providerId=p1666666", "/events?type=nothing*&limit=500", "/events?route=route-7&source=source-2",
		"/events?from=" + day, "/events?to=" + day,
		"/dead-letters", "/dead-letters?route=route-7", "/dead-letters?reason=max-attempts", "/dead-letters?type=thing.3*&limit=500",
		"/sources", "/routes", "/destinations", "/traffic", "/traffic?since=" + day,
		"/overview", "/overview?since=" + day, "/overview?by=route&since=" + day, "/overview?by=source&since=" + day,
		"/jobs", "/jobs?limit=500", "/audit", "/audit?limit=500", "/ledger", "/ledger/missing", "/gaps",
	} {
		times := make([]time.Duration, 0, 20)
		size := 0
		for range cap(times) {
			began := time.Now()
			size = b.download(t, path)
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		path = strings.ReplaceAll(path, day, "day")
		t.Logf("%-42s median %8v, 95 %% %8v, slowest %8v (%d bytes)", path, hundredths(times[10]), hundredths(times[18]), hundredths(times[19]), size)
		if times[10] > mostForAList {
			t.Errorf("%s takes too long", path)
		}
	}
}

func hundredths(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// large serves a filled store, of an installation as large as the one that filled it.
func large(t *testing.T) *bench {
	t.Helper()
	address := os.Getenv("PENSTOCK_BENCH_STORE")
	if address == "" {
		t.Skip("skipped: PENSTOCK_BENCH_STORE names no filled store")
	}
	s, err := store.Open(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	var text strings.Builder
	text.WriteString("sources:\n")
	for n := range 20 {
		fmt.Fprintf(&text, "  source-%d: {open: true, scheme: {alg: none}}\n", n)
	}
	text.WriteString("destinations:\n  there: {url: \"https://there.example/\"}\nroutes:\n")
	for n := range 30 {
		fmt.Fprintf(&text, "  route-%d: {from: [source-%d], to: there}\n", n, n%20)
	}
	cfg, err := config.Parse("penstock.yaml", []byte(text.String()), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(t, err)
	guard, err := api.NewGuard("", true, zap.NewNop())
	require.NoError(t, err)
	b := &bench{t: t, store: s, changed: make(chan struct{})}
	b.server, err = api.Start(t.Context(), api.Options{
		Listen: "127.0.0.1:0", Store: s, Guard: guard, Config: func() *config.Config { return cfg }, Changed: b.news, Log: zap.NewNop(),
		Fleet: &b.fleet, Commander: &control.Commander{Wishes: s, Publisher: &b.fleet, Log: zap.NewNop()}, Broker: &b.fleet,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.server.Close(context.Background())) })
	b.url = "http://" + b.server.Addr().String() + "/api/v1"
	return b
}

func (b *bench) download(t *testing.T, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+path, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, answer.Body.Close()) }()
	n, err := io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, path)
	return int(n)
}
