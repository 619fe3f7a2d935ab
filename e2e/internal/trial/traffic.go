package trial

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Report is what the traffic program counted; see e2e/traffic.
type Report struct {
	Sent       int            `json:"sent"`
	Accepted   int            `json:"accepted"`
	Failed     map[string]int `json:"failed"`
	FailedAll  int            `json:"failedAll"`
	Delivered  int            `json:"delivered"`
	Missing    int            `json:"missing"`
	Duplicates int            `json:"duplicates"`
	Cut        int            `json:"cut"`
	SlowestMS  int64          `json:"slowestMs"`

	Certificates map[string]int `json:"certificates"` // new connections by the name in the gateway's certificate
}

// Since returns what was counted after an earlier report; the slowest answer is of all.
func (r Report) Since(before Report) Report {
	d := r
	d.Failed = more(r.Failed, before.Failed)
	d.Certificates = more(r.Certificates, before.Certificates)
	d.Sent -= before.Sent
	d.Accepted -= before.Accepted
	d.FailedAll -= before.FailedAll
	d.Delivered -= before.Delivered
	d.Duplicates -= before.Duplicates
	d.Cut -= before.Cut
	return d
}

// more returns by how much each count has grown, without those that have not.
func more(now, before map[string]int) map[string]int {
	grown := map[string]int{}
	for name, n := range now {
		if n -= before[name]; n > 0 {
			grown[name] = n
		}
	}
	return grown
}

// String is the report on one line.
func (r Report) String() string {
	return fmt.Sprintf("sent %d, accepted %d, failed %d %v, delivered %d, missing %d, duplicates %d, cut %d, slowest %d ms",
		r.Sent, r.Accepted, r.FailedAll, r.Failed, r.Delivered, r.Missing, r.Duplicates, r.Cut, r.SlowestMS)
}

// Traffic is a running traffic program.
type Traffic struct {
	Ask func(path string) ([]byte, error) // GETs a path of it
}

// patience is how long the program may take to answer while a machine is busy.
const patience = 2 * time.Minute

// ask asks until it is answered: on the way there may be what the test breaks.
func (c Traffic) ask(t *testing.T, path string) Report {
	t.Helper()
	var r Report
	var last error
	require.Eventually(t, func() bool {
		var body []byte
		if body, last = c.Ask(path); last == nil {
			last = json.Unmarshal(body, &r)
		}
		return last == nil
	}, patience, 500*time.Millisecond, "ask for %s", path)
	return r
}

// Start sends rate events a second to target until Settle.
func (c Traffic) Start(t *testing.T, target string, rate int) {
	t.Helper()
	path := fmt.Sprintf("/control/start?url=%s&rate=%d", url.QueryEscape(target), rate)
	_, err := c.Ask(path)
	require.NoError(t, err)
}

// Receive says how deliveries are answered from now on.
func (c Traffic) Receive(t *testing.T, delay time.Duration, status int) {
	t.Helper()
	c.ask(t, fmt.Sprintf("/control/receive?delay=%s&status=%d", delay, status))
}

// Report returns the counts.
func (c Traffic) Report(t *testing.T) Report {
	t.Helper()
	return c.ask(t, "/control/report")
}

// Flow waits until so many more events have been accepted.
func (c Traffic) Flow(t *testing.T, events int) {
	t.Helper()
	before := c.Report(t)
	require.Eventually(t, func() bool { return c.Report(t).Accepted >= before.Accepted+events },
		4*time.Minute, time.Second, "events are accepted")
}

// Outage requires that within a few minutes senders get 503 with Retry-After and nothing
// else, a hundred times in a row: what an outage of the broker is from outside.
func (c Traffic) Outage(t *testing.T) {
	t.Helper()
	const answer = "503 Service Unavailable, Retry-After"
	require.Eventually(t, func() bool { return c.Report(t).Failed[answer] > 0 }, patience, 100*time.Millisecond, "the outage shows")
	before := c.Report(t)
	require.Eventually(t, func() bool { return c.Report(t).Sent >= before.Sent+100 }, patience, time.Second, "events are sent")
	during := c.Report(t).Since(before)
	require.Equal(t, map[string]int{answer: during.FailedAll}, during.Failed)
	require.Zero(t, during.Accepted)
}

// Settle sends no more, waits until everything that was accepted is delivered, and returns
// the counts. What is missing after a few minutes is lost: the test fails.
func (c Traffic) Settle(t *testing.T) Report {
	t.Helper()
	r := c.ask(t, "/control/stop")
	require.Eventually(t, func() bool {
		r = c.Report(t)
		return r.Missing == 0
	}, 5*time.Minute, time.Second, "every accepted event is delivered")
	return r
}
