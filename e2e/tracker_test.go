package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tracker is a running `worker track`, with its API open.
type tracker struct {
	*process

	url string
}

// startTracker starts a tracker. All of a stack share one store, in which one is active.
func (s *stack) startTracker() *tracker {
	s.t.Helper()
	if s.store == "" {
		s.store = "sqlite:" + filepath.Join(s.t.TempDir(), "store.db")
	}
	address := freeAddress(s.t)
	p := start(s.t, "worker", []string{"track"}, s.settings(map[string]string{
		"PENSTOCK_LISTEN": address, "PENSTOCK_STORE_URL": s.store, "PENSTOCK_API_OPEN": "true",
	}))
	p.awaitReady()
	return &tracker{p, "http://" + address + "/api/v1"}
}

// active reports whether this tracker is the one that writes.
func (t *tracker) active() bool {
	_, page := t.get("/metrics")
	return containsLine(page, "penstock_tracker_active 1")
}

// ask returns the answer of the API, or zero when there is none.
func (t *tracker) ask(path string) (status int, body []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+path, nil)
	require.NoError(t.t, err)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	require.NoError(t.t, err)
	return res.StatusCode, body
}

// ledger is what the API says of all sources and routes.
type ledger struct {
	Known       bool      `json:"known"`
	Unaccounted int       `json:"unaccounted"`
	Uncertain   int       `json:"uncertain"`
	Entries     []account `json:"entries"`
}

// account is one source and route of it.
type account struct {
	Route       string `json:"route"`
	Accepted    int    `json:"accepted"`
	Delivered   int    `json:"delivered"`
	Filtered    int    `json:"filtered"`
	Discarded   int    `json:"discarded"`
	Cancelled   int    `json:"cancelled"`
	Dead        int    `json:"dead"`
	InFlight    int    `json:"inFlight"`
	Unaccounted int    `json:"unaccounted"`
}

func (t *tracker) ledger() (l ledger) {
	if status, body := t.ask("/ledger"); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &l))
	}
	return l
}

// missing returns the events that the ledger names.
func (t *tracker) missing() []string {
	var page struct {
		Missing []struct {
			Event string `json:"event"`
		} `json:"missing"`
	}
	if status, body := t.ask("/ledger/missing"); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &page))
	}
	ids := []string{}
	for _, m := range page.Missing {
		ids = append(ids, m.Event)
	}
	return ids
}

// awaitClosed waits until the ledger of the stack's only source and route closes:
// everything that was accepted was delivered. At least so many events were accepted.
func (t *tracker) awaitClosed(atLeast int) {
	t.t.Helper()
	var l ledger
	require.Eventually(t.t, func() bool {
		l = t.ledger()
		return len(l.Entries) == 1 && l.Entries[0].Accepted >= atLeast && l.Entries[0].Delivered == l.Entries[0].Accepted
	}, 60*time.Second, 100*time.Millisecond, "the ledger does not close")
	require.Zero(t.t, l.Unaccounted)
	require.Zero(t.t, l.Entries[0].InFlight)
	t.t.Logf("the ledger closes: %d accepted, %d delivered", l.Entries[0].Accepted, l.Entries[0].Delivered)
}

func TestATrackerKilledInTheMiddleIsReplacedAndCountsEachEventOnce(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		takeover(t, setup(t, plain))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		s := setup(t, plain)
		s.store = startPostgres(t, "takeover")
		takeover(t, s)
	})
	t.Run("PgBouncer", func(t *testing.T) {
		t.Parallel()
		s := setup(t, plain)
		s.store = startPooler(t)
		takeover(t, s)
	})
}

// takeover kills the active one of two trackers, which share a store, under traffic.
func takeover(t *testing.T, s *stack) {
	t.Helper()
	const events = 1500
	s.startGateway()
	s.startDeliverer()
	first := s.startTracker()
	require.Eventually(t, first.active, 30*time.Second, 50*time.Millisecond)
	second := s.startTracker()
	require.False(t, second.active())

	sent := s.load(loadPlan{workers: 8, events: events})
	require.Eventually(t, func() bool { l := first.ledger(); return len(l.Entries) == 1 && l.Entries[0].Delivered > events/5 },
		60*time.Second, 10*time.Millisecond)
	first.kill()
	killed := time.Now()
	require.Eventually(t, second.active, 15*time.Second, 20*time.Millisecond, "nobody takes over")
	t.Logf("the second tracker was active %v after the first was killed", time.Since(killed).Round(time.Millisecond))

	ids := sent.wait()
	s.receiver.awaitAll(ids)
	second.awaitClosed(events)
	require.Equal(t, events, second.ledger().Entries[0].Accepted, "an event was counted twice")
}

func TestThePayloadIsGivenBackByteForByte(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	e := newGithubEvent(1)
	e.body = "{\"odd\": \"\\u0000 é\",\r\n\t\"twice\": 1, \"twice\": 2}  \n"
	id := s.accept(e)
	require.Eventually(t, func() bool { status, _ := tracker.ask("/events/" + id); return status == http.StatusOK }, 30*time.Second, 20*time.Millisecond)
	status, body := tracker.ask("/events/" + id + "/payload")
	require.Equal(t, http.StatusOK, status)
	sameBytes(t, []byte(e.body), body)
}
