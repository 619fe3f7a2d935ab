//go:build prove

package e2e

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// perSecond is how many events are sent; senders is how many may wait for an answer.
const (
	perSecond = 100
	senders   = 200
)

// numbers counts all events of a run, so that no two are alike.
var numbers atomic.Int64

// sent is one request and its answer.
type sent struct {
	from, to time.Time
	id       string // of an accepted event; empty: not accepted
	status   int    // 0: no answer
}

// traffic is a steady load of numbered events.
type traffic struct {
	site     *site
	stop     context.CancelFunc
	finished sync.WaitGroup
	held     atomic.Bool
	flying   atomic.Int64 // requests that are being sent, or may be about to be

	mu   sync.Mutex
	all  []sent
	last time.Time // when an event was accepted last
}

// send starts a load, which lasts until its end is called.
func (s *site) send() *traffic {
	ctx, cancel := context.WithCancel(s.t.Context())
	t := &traffic{site: s, stop: cancel}
	limit := rate.NewLimiter(perSecond, 1)
	for range senders {
		t.finished.Go(func() {
			for limit.Wait(ctx) == nil {
				t.flying.Add(1) // before looking, so that hold sees it
				if !t.held.Load() {
					t.one(int(numbers.Add(1)))
				}
				t.flying.Add(-1)
			}
		})
	}
	return t
}

func (t *traffic) one(n int) {
	r := sent{from: time.Now()}
	req, err := newGithubEvent(n).request(context.Background(), "https://"+t.site.pick(n).address+"/in/github")
	if err == nil {
		var a answer
		if a, err = do(t.site.client, req); err == nil {
			r.status = a.status
			if a.status < http.StatusMultipleChoices {
				r.id = a.eventID()
			}
		}
	}
	r.to = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, r)
	if r.id != "" {
		t.last = r.to
	}
}

// end stops the load and returns what became of it, once everything is answered.
func (t *traffic) end() []sent {
	t.stop()
	t.finished.Wait()
	return t.all
}

// hold makes the load pause, and returns once all that was sent is answered. The function
// that it returns ends the pause.
func (t *traffic) hold() (resume func()) {
	t.held.Store(true)
	for t.flying.Load() > 0 {
		rest(10 * time.Millisecond)
	}
	return func() { t.held.Store(false) }
}

// ids are those of the events accepted so far.
func (t *traffic) ids() (ids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.all {
		if accepted(r) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// count counts the answers so far that are what is asked for.
func (t *traffic) count(is func(sent) bool) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.all {
		if is(r) {
			n++
		}
	}
	return n
}

// acceptedAfter reports whether an event was accepted after that moment.
func (t *traffic) acceptedAfter(moment time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last.After(moment)
}

func accepted(r sent) bool { return r.id != "" }
func silent(r sent) bool   { return r.status == 0 }
func refused(r sent) bool  { return r.status == http.StatusServiceUnavailable }
