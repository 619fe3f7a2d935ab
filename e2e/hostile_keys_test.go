package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

// Every way to fetch a key that a request names is tried below. The key of Travis CI has no name.
func TestEveryKindOfFetchedKeyIsAttacked(t *testing.T) {
	t.Parallel()
	kind := func(id string) string {
		p, found := provider.Lookup(id)
		require.True(t, found, id)
		name, _, _ := strings.Cut(p.Scheme.KeySrc, ":")
		return name
	}
	tried := map[string]bool{"json": true}
	for id := range keyedRequests {
		tried[kind(id)] = true
	}
	for _, p := range provider.All() {
		if p.Online != "" {
			require.True(t, tried[kind(p.ID)], "%s: %s", p.ID, kind(p.ID))
		}
	}
}

// Forged requests come first, and go on: no key is known when the authentic ones begin.
func TestHostileKeyNamesHinderNoAuthenticEvent(t *testing.T) { //nolint:tparallel // its parts attack one cache, one after the other
	t.Parallel()
	s, k := setup(t, keyedConfig), newKeyServer(t)
	maps.Copy(s.env, k.env)
	s.startGateway()
	began := time.Now()
	for _, source := range slices.Sorted(maps.Keys(keyedRequests)) {
		t.Run(source, func(t *testing.T) {
			forged, end := s.forge(k, source)
			authentic, refused := s.sendAuthentic(k, source)
			end()
			t.Logf("%d forged and %d authentic events", forged.Load(), authentic)
			require.Empty(t, refused)
		})
	}
	for _, host := range keyHosts { //nolint:paralleltest // it takes this for the loop over the parts
		require.LessOrEqual(t, k.unknownOf(host), 20+1+int(time.Since(began).Seconds()), "%s: one a second may be asked for, and 20 at once", host)
	}
}

// forge sends requests that each name another key, all the time until end is called, and returns
// when the cache of keys has been asked for more than it may fetch.
func (s *stack) forge(k *keyServer, source string) (answered *atomic.Int64, end func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	var forgers sync.WaitGroup
	var sent atomic.Int64
	answered = new(atomic.Int64)
	for range 100 {
		forgers.Go(func() {
			for ctx.Err() == nil {
				name := fmt.Sprintf("forged-%d", sent.Add(1))
				req, err := k.request(ctx, s.url, source, name, name)
				if err == nil {
					_, _ = do(s.client, req)
				}
				answered.Add(1)
			}
		})
	}
	require.Eventually(s.t, func() bool { return answered.Load() >= 100 }, 30*time.Second, 10*time.Millisecond)
	return answered, func() { cancel(); forgers.Wait() }
}

// sendAuthentic sends authentic events, four at once, and returns how many, and the answers of those that were
// not accepted.
func (s *stack) sendAuthentic(k *keyServer, source string) (sent int, refused []string) {
	s.t.Helper()
	var senders sync.WaitGroup
	var mu sync.Mutex
	for sender := range 4 {
		senders.Go(func() {
			for n := range 70 {
				req, err := k.request(s.t.Context(), s.url, source, "authentic", fmt.Sprintf("n-%d-%d", sender, n))
				var a answer
				if err == nil {
					a, err = do(s.client, req)
				}
				mu.Lock()
				if sent++; err != nil || a.status >= http.StatusMultipleChoices || a.eventID() == "" {
					refused = append(refused, fmt.Sprintf("%d %s %v", a.status, a.body, err))
				}
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return sent, refused
}

func TestHostileSendersThatLeaveAreWorkedForNoMore(t *testing.T) {
	t.Parallel()
	s, k := setup(t, keyedConfig), newKeyServer(t)
	maps.Copy(s.env, k.env)
	k.hold = make(chan struct{})
	defer close(k.hold)
	s.env["PENSTOCK_PUBLISH_TIMEOUT"] = "1s"
	gateway := s.startGateway()
	ctx, leave := context.WithCancel(t.Context())
	req, err := k.request(ctx, s.url, "ebay", "authentic", "n")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := do(s.client, req)
		ended <- err
	}()
	<-k.asked // the gateway waits for the key
	leave()
	require.Error(t, <-ended)
	abandoned := regexp.MustCompile(`penstock_refused_total\{[^}]*reason="abandoned"[^}]*source="ebay"[^}]*\} 1`)
	require.Eventually(t, func() bool {
		_, page := gateway.get("/metrics")
		return abandoned.MatchString(page)
	}, 3*time.Second, 20*time.Millisecond, "it still works for a sender that has gone")

	req, err = k.request(t.Context(), s.url, "ebay", "other", "n")
	require.NoError(t, err)
	patient, err := do(s.client, req)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, patient.status)
	require.Less(t, patient.took, 4*time.Second, "a fetch may take longer than a sender waits")
}
