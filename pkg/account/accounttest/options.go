package accounttest

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Delivery is a request of a provider to a source.
type Delivery struct {
	ID     string // the provider's id of the event
	Header http.Header
	Body   []byte
}

// Options are how a provider behaves. Deliver must be set.
type Options struct {
	// Deliver makes a request, and returns the status of the answer; 0: there was none.
	Deliver func(d Delivery) (status int)
	Now     func() time.Time // the provider's clock; nil: time.Now
	Late    time.Duration    // how long after an event the API begins to list it
	Token   string           // that the API takes
	PerHour int              // requests that the API takes in an hour; 0: any number
}

// base is what the providers have in common. It is safe for concurrent use.
type base struct {
	Options

	mu      sync.Mutex
	limits  limits
	calls   int
	used    int
	resetAt time.Time
	broken  int    // the status that every request is answered with; 0: as usual
	token   string // that is taken now
}

// limits are how a provider says that there were too many requests.
type limits struct {
	status int
	fields string // the beginning of the names of the header fields that say what is left; empty: none
	after  bool   // Retry-After is one of them
}

func newBase(o Options, l limits) base {
	if o.Now == nil {
		o.Now = time.Now
	}
	return base{Options: o, limits: l, token: o.Token}
}

// Calls returns how many requests the API was sent.
func (b *base) Calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// Break has the API answer everything with a status; 0: as usual again.
func (b *base) Break(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = status
}

// Revoke changes the token that the API takes.
func (b *base) Revoke(token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token = token
}

// enter counts a request, and answers it when it goes no further. The caller holds mu.
func (b *base) enter(w http.ResponseWriter, r *http.Request) bool {
	b.calls++
	now := b.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !now.Before(b.resetAt) {
		b.used, b.resetAt = 0, now.Add(time.Hour)
	}
	switch {
	case b.broken != 0:
		w.WriteHeader(b.broken)
		return false
	case r.Header.Get("Authorization") != "Bearer "+b.token:
		w.WriteHeader(http.StatusUnauthorized)
		return false
	case b.PerHour > 0 && b.used >= b.PerHour:
		b.limit(w)
		return false
	}
	b.used++
	b.quota(w)
	return true
}

// limit refuses a request that is too many.
func (b *base) limit(w http.ResponseWriter) {
	b.quota(w)
	if b.limits.after {
		w.Header().Set("Retry-After", strconv.Itoa(int(b.resetAt.Sub(b.Now()).Seconds())+1))
	}
	w.WriteHeader(b.limits.status)
}

// quota says what is left, where the provider does.
func (b *base) quota(w http.ResponseWriter) {
	if b.PerHour > 0 && b.limits.fields != "" {
		w.Header().Set(b.limits.fields+"Limit", strconv.Itoa(b.PerHour))
		w.Header().Set(b.limits.fields+"Remaining", strconv.Itoa(b.PerHour-b.used))
		w.Header().Set(b.limits.fields+"Reset", strconv.FormatInt(b.resetAt.Unix()+1, 10))
	}
}
