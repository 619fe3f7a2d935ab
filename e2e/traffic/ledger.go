package main

import (
	"maps"
	"slices"
	"sync"
)

// report is what was counted.
type report struct {
	Sent       int            `json:"sent"`
	Accepted   int            `json:"accepted"`
	Failed     map[string]int `json:"failed"` // by status or error: what a sender would complain about
	FailedAll  int            `json:"failedAll"`
	Delivered  int            `json:"delivered"`  // accepted events that came
	Missing    int            `json:"missing"`    // accepted events that did not come, yet
	Duplicates int            `json:"duplicates"` // arrivals beyond an event's first
	Cut        int            `json:"cut"`        // deliveries that the deliverer gave up
	SlowestMS  int64          `json:"slowestMs"`  // the longest wait for an answer

	Certificates map[string]int `json:"certificates"` // new connections by the name in the gateway's certificate
}

// ledger holds both sides' books. It is safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	counts   report
	accepted map[string]bool
	arrived  map[string]int
}

func newLedger() *ledger {
	return &ledger{counts: report{Failed: map[string]int{}, Certificates: map[string]int{}}, accepted: map[string]bool{}, arrived: map[string]int{}}
}

func (l *ledger) accept(id string, tookMS int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Sent++
	l.accepted[id] = true
	l.counts.SlowestMS = max(l.counts.SlowestMS, tookMS)
}

// met counts a new connection by the name in the gateway's certificate.
func (l *ledger) met(certificate string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Certificates[certificate]++
}

func (l *ledger) fail(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Sent++
	l.counts.FailedAll++
	l.counts.Failed[why]++
}

func (l *ledger) deliver(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived[id]++
}

func (l *ledger) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Cut++
}

func (l *ledger) report() report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.counts
	r.Failed, r.Certificates = maps.Clone(r.Failed), maps.Clone(r.Certificates)
	r.Accepted = len(l.accepted)
	for id := range l.accepted {
		if l.arrived[id] > 0 {
			r.Delivered++
		}
	}
	r.Missing = r.Accepted - r.Delivered
	for _, times := range slices.Collect(maps.Values(l.arrived)) {
		r.Duplicates += times - 1
	}
	return r
}
