package main

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// receiver takes deliveries. It answers 200 at once until told otherwise.
type receiver struct {
	book *ledger

	mu     sync.Mutex
	delay  time.Duration
	status int // zero: 200
}

func (r *receiver) answer(delay time.Duration, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay, r.status = delay, status
}

// ServeHTTP counts a delivery only when it answers that it has it, and does so last: a
// deliverer that dies in between has to deliver again.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(request.Body, 1<<20))
	r.mu.Lock()
	delay, status := r.delay, r.status
	r.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-request.Context().Done():
		r.book.cut()
		return
	}
	if status == 0 || status == http.StatusOK {
		r.book.deliver(request.Header.Get("Penstock-Event-Id"))
		return
	}
	w.WriteHeader(status)
}
