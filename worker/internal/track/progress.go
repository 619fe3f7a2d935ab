package track

import (
	"slices"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// keptMarks is how many marks are remembered. One is awaited at a time, but others
// publish them, too.
const keptMarks = 64

// progress is what the ledger has to know of what was stored.
type progress struct {
	mu       sync.Mutex
	marks    []string             // the newest messages of the status stream without records
	frontier map[string]time.Time // by route
}

// Passed reports whether a record-less message of the status stream was stored, with
// everything before it. It remembers the newest ones only.
func (t *Tracker) Passed(id string) bool {
	t.progress.mu.Lock()
	defer t.progress.mu.Unlock()
	return slices.Contains(t.progress.marks, id)
}

// Frontier returns when the newest event was accepted of which a first attempt was recorded
// on the route since Frontier was asked last. It is zero when there was none.
func (t *Tracker) Frontier(route string) time.Time {
	t.progress.mu.Lock()
	defer t.progress.mu.Unlock()
	at := t.progress.frontier[route]
	delete(t.progress.frontier, route)
	return at
}

// pass notes what a batch held.
func (p *progress) pass(marks []string, b *store.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marks = append(p.marks, marks...)
	p.marks = p.marks[max(len(p.marks)-keptMarks, 0):]
	if p.frontier == nil {
		p.frontier = map[string]time.Time{}
	}
	for i := range b.Records {
		if r := &b.Records[i]; fresh(r) && r.ReceivedAt.After(p.frontier[r.Route]) {
			p.frontier[r.Route] = r.ReceivedAt
		}
	}
}

// fresh tells the record of an event that came to its route's queue when it was accepted,
// and was handed out from there.
func fresh(r *status.Record) bool {
	return r.Attempt == 1 && r.Replay == "" && r.Kind.Tried()
}

// marksOf returns the ids of the record-less messages of the status stream.
func marksOf(entries []entry) []string {
	var ids []string
	for i := range entries {
		if e := &entries[i]; e.stream == topology.Status && len(e.records) == 0 {
			ids = append(ids, e.id)
		}
	}
	return ids
}
