package deliver

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connectionAge is how long new requests use the connections that there are. After that they
// dial, so that a destination whose name leads elsewhere is followed within a minute.
const connectionAge = 45 * time.Second

// renewed is a transport that begins with new connections from time to time. What is under way
// on the old ones ends there. It is safe for concurrent use.
type renewed struct {
	build func() *http.Transport

	current atomic.Pointer[pool]
	mu      sync.Mutex // of the change from one pool to the next
	last    *pool      // the one before: connections of HTTP/2 may end late
}

// pool is a transport and when its time is over.
type pool struct {
	*http.Transport

	until time.Time
}

// RoundTrip implements http.RoundTripper.
func (r *renewed) RoundTrip(req *http.Request) (*http.Response, error) {
	now := time.Now()
	p := r.current.Load()
	if p == nil || now.After(p.until) {
		p = r.renew(now)
	}
	return p.RoundTrip(req)
}

// renew makes the next pool, unless another request has just made it.
func (r *renewed) renew(now time.Time) *pool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.current.Load()
	if p != nil && !now.After(p.until) {
		return p
	}
	r.closeIdle()
	next := &pool{Transport: r.build(), until: now.Add(connectionAge)}
	r.last = p
	r.current.Store(next)
	return next
}

// CloseIdleConnections closes what is not in use. What is in use is closed after it.
func (r *renewed) CloseIdleConnections() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closeIdle()
}

func (r *renewed) closeIdle() {
	for _, p := range []*pool{r.last, r.current.Load()} {
		if p != nil {
			p.CloseIdleConnections()
		}
	}
}
