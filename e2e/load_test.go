package e2e

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// loadPlan is a load of numbered, signed events.
type loadPlan struct {
	workers int
	events  int             // how many to send; 0: until it is told to stop
	stop    <-chan struct{} // closed when it is to stop; nil: after so many events
}

// load is a running or finished load.
type load struct {
	s        *stack
	plan     loadPlan
	next     atomic.Int64
	finished sync.WaitGroup

	mu       sync.Mutex
	accepted []string // ids
	refused  []answer // 503 and the like
	broken   int      // no answer at all

	firstRefused time.Time
}

// load starts sending and returns at once.
func (s *stack) load(plan loadPlan) *load {
	l := &load{s: s, plan: plan}
	for range plan.workers {
		l.finished.Go(l.work)
	}
	return l
}

func (l *load) work() {
	for !l.over() {
		n := int(l.next.Add(1))
		if l.plan.events > 0 && n > l.plan.events {
			return
		}
		l.record(l.send(n))
	}
}

func (l *load) over() bool {
	select {
	case <-l.plan.stop:
		return true
	case <-l.s.t.Context().Done():
		return true
	default:
		return false
	}
}

func (l *load) send(n int) (answer, error) {
	req, err := newGithubEvent(n).request(context.Background(), l.s.url+"/in/github")
	if err != nil {
		return answer{}, err
	}
	return do(l.s.client, req)
}

func (l *load) record(a answer, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.broken++
	case a.status == http.StatusOK || a.status == http.StatusAccepted || a.status == http.StatusNoContent:
		l.accepted = append(l.accepted, a.eventID())
	default:
		if len(l.refused) == 0 {
			l.firstRefused = time.Now()
		}
		l.refused = append(l.refused, a)
	}
}

// wait returns the ids of all accepted events once the load has ended.
func (l *load) wait() []string {
	l.finished.Wait()
	return l.accepted
}

// failed counts the requests that were not accepted.
func (l *load) failed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken + len(l.refused)
}

// refusals returns the answers that were not 2xx so far.
func (l *load) refusals() []answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]answer(nil), l.refused...)
}

// acceptedCount returns how many were accepted so far.
func (l *load) acceptedCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted)
}

// firstRefusal returns when the first request was refused.
func (l *load) firstRefusal() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.firstRefused
}

// notReady returns a channel that is closed when the process is no longer ready.
func (p *process) notReady() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		for range ticker.C {
			if p.status("/readyz") != http.StatusOK {
				return
			}
		}
	}()
	return gone
}
