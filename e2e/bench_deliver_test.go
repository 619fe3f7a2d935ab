//go:build bench

package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// deliverResult compares the deliverer with a client that does nothing else.
type deliverResult struct {
	events          int
	client, deliver reading
	track           trackResult
}

// trackResult is what the tracker does with the records of those events.
type trackResult struct {
	records   int
	perSecond float64
	cost      time.Duration
	memory    int
}

// backlog is how many events wait before the deliverer starts.
const backlog = 20_000

// counter is a receiver that only counts.
type counter struct {
	*httptest.Server
	arrived     atomic.Int64
	first, last atomic.Int64 // in nanoseconds
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		now := time.Now().UnixNano()
		c.first.CompareAndSwap(0, now)
		c.last.Store(now)
		c.arrived.Add(1)
	}))
	t.Cleanup(c.Close)
	return c
}

// measureDeliverer lets a backlog wait, delivers it once with the bare client and once
// with the deliverer, and has the tracker read what there is to know of it.
func measureDeliverer(t *testing.T) deliverResult {
	t.Helper()
	c := newCounter(t)
	s := setup(t, strings.ReplaceAll(benchConfig, "RECEIVER", c.URL))
	s.env["PENSTOCK_LOG_LEVEL"], s.env["PENSTOCK_TLS_MODE"] = "info", "off"
	gateway := s.startGateway()
	r := deliverResult{}
	for r.events < backlog {
		r.events += barrage{address: strings.TrimPrefix(s.url, "https://"), connections: gunners, lasts: time.Second}.run(t).accepted
	}
	gateway.stop()
	r.client = bareClient(t, c.URL, r.events)
	c.first.Store(0)
	c.arrived.Store(0)
	broker := brokerCPU(t)
	deliverer := s.startDeliverer()
	require.Eventually(t, func() bool { return c.arrived.Load() >= int64(r.events) }, 2*time.Minute, 20*time.Millisecond)
	took := time.Duration(c.last.Load() - c.first.Load())
	broker = brokerCPU(t) - broker
	r.deliver = reading{
		perSecond: float64(r.events) / took.Seconds(),
		cost:      cpu(t, deliverer.cmd.Process.Pid) / time.Duration(r.events),
		broker:    broker / time.Duration(r.events),
	}
	r.deliver.memory, _ = resident(t, deliverer.cmd.Process.Pid)
	deliverer.stop()
	r.track = measureTracker(t, s, r.events)
	return r
}

func bareClient(t *testing.T, url string, requests int) reading {
	t.Helper()
	cmd := exec.Command(filepath.Join(programs, "client"), "-url", url, "-requests", strconv.Itoa(requests))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	require.NoError(t, err)
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return reading{perSecond: float64(requests) / seconds, cost: used / time.Duration(requests)}
}

// measureTracker starts a tracker with an empty store, and waits until it has read both
// streams.
func measureTracker(t *testing.T, s *stack, events int) trackResult {
	t.Helper()
	began := time.Now()
	p := start(t, "worker", []string{"track"}, s.settings(map[string]string{
		"PENSTOCK_LISTEN": freeAddress(t), "PENSTOCK_API_OPEN": "true",
		"PENSTOCK_STORE_URL": "sqlite:" + filepath.Join(t.TempDir(), "penstock.db"),
	}))
	read := map[string]int{}
	require.Eventually(t, func() bool {
		for _, stream := range []string{"penstock.archive", "penstock.status"} {
			read[stream] = stored(p, stream)
		}
		return read["penstock.archive"] >= events && read["penstock.status"] >= events
	}, 2*time.Minute, 20*time.Millisecond, "%s", p.log.tail())
	records := read["penstock.archive"] + read["penstock.status"]
	r := trackResult{records: records, perSecond: float64(records) / time.Since(began).Seconds()}
	r.cost = cpu(t, p.cmd.Process.Pid) / time.Duration(records)
	r.memory, _ = resident(t, p.cmd.Process.Pid)
	return r
}

// stored says how many records of a stream the tracker has stored.
func stored(p *process, stream string) int {
	_, page := p.get("/metrics")
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "penstock_tracker_records_total{") || !strings.Contains(line, `"`+stream+`"`) {
			continue
		}
		if n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " ")+1:]), 64); err == nil {
			return int(n)
		}
	}
	return 0
}
