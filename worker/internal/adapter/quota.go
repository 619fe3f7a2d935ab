package adapter

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/account"
)

// pauseWhenLimited is how long to ask nothing after a limit that says no time.
const pauseWhenLimited = time.Minute

// quota is what is left of the requests that a provider allows. It is safe for concurrent
// use.
type quota struct {
	mu   sync.Mutex
	last Usage
}

// note reads what an answer says about the quota.
func (q *quota) note(names account.Quota, h http.Header) {
	remaining, err := strconv.ParseInt(h.Get(names.Remaining), 10, 64)
	if names.Remaining == "" || err != nil {
		return
	}
	limit, _ := strconv.ParseInt(h.Get(names.Limit), 10, 64)   // zero: not known
	reset, err := strconv.ParseInt(h.Get(names.Reset), 10, 64) // likewise
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = Usage{Limit: limit, Remaining: remaining}
	if err == nil {
		q.last.Reset = time.Unix(reset, 0).UTC()
	}
}

// left reports whether a request is allowed, and otherwise from when on.
func (q *quota) left(now time.Time) (until time.Time, left bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last.Reset, q.last.Remaining > 0 || !q.last.Reset.After(now)
}

func (q *quota) read() Usage {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

// troubleOf explains an answer that is no success.
func troubleOf(a *answer, names account.Quota, now time.Time) *Error {
	e := &Error{Trouble: Unreadable, Status: a.Status}
	switch {
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusForbidden && limited(a.Header, names):
		e.Trouble, e.Until = Limited, until(a, names, now)
	case a.Status == http.StatusUnauthorized:
		e.Trouble = Unauthorized
	case a.Status == http.StatusForbidden:
		e.Trouble = Forbidden
	case a.Status == http.StatusNotFound:
		e.Trouble = NotFound
	case a.Status == http.StatusGone, a.Status == http.StatusUnprocessableEntity, a.Status == http.StatusBadRequest, a.Status == http.StatusConflict:
		e.Trouble = Gone
	case a.Status >= 500, a.Status == http.StatusRequestTimeout:
		e.Trouble, e.Until = Unreachable, retryAfter(a.Header, now)
	}
	return e
}

func limited(h http.Header, names account.Quota) bool {
	return h.Get("Retry-After") != "" || names.Remaining != "" && h.Get(names.Remaining) == "0"
}

// until returns when a limited account may ask again.
func until(a *answer, names account.Quota, now time.Time) time.Time {
	if at := retryAfter(a.Header, now); !at.IsZero() {
		return at
	}
	if reset, err := strconv.ParseInt(a.Header.Get(names.Reset), 10, 64); names.Reset != "" && err == nil && a.Header.Get(names.Remaining) == "0" {
		return time.Unix(reset, 0).UTC()
	}
	return now.Add(pauseWhenLimited)
}

// retryAfter reads the field of that name; zero when there is none.
func retryAfter(h http.Header, now time.Time) time.Time {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return at
}
