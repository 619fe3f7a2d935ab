package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// control is what the test asks.
type control struct {
	ctx      context.Context //nolint:containedctx // the process's
	book     *ledger
	secret   []byte
	receiver *receiver

	mu      sync.Mutex
	sending *sender // nil: nothing is sent
}

func (c *control) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /", c.receiver)
	mux.HandleFunc("GET /control/start", c.start)
	mux.HandleFunc("GET /control/stop", c.stop)
	mux.HandleFunc("GET /control/receive", c.receive)
	mux.HandleFunc("GET /control/report", c.report)
	return mux
}

func (c *control) start(w http.ResponseWriter, r *http.Request) {
	rate, err := strconv.Atoi(r.URL.Query().Get("rate"))
	if err != nil || rate < 1 || rate > 2000 {
		http.Error(w, "rate: 1 to 2000 a second", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sending != nil {
		http.Error(w, "already sending", http.StatusConflict)
		return
	}
	c.sending = newSender(r.URL.Query().Get("url"), c.secret, c.book)
	c.sending.start(c.ctx, rate) //nolint:contextcheck // it outlives the request
	c.report(w, r)
}

func (c *control) stop(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sending != nil {
		c.sending.stop()
		c.sending = nil
	}
	c.report(w, r)
}

func (c *control) receive(w http.ResponseWriter, r *http.Request) {
	delay, err := time.ParseDuration(r.URL.Query().Get("delay"))
	status, err2 := strconv.Atoi(r.URL.Query().Get("status"))
	if err != nil || err2 != nil {
		http.Error(w, "give delay, such as 0s, and status, such as 200", http.StatusBadRequest)
		return
	}
	c.receiver.answer(delay, status)
	c.report(w, r)
}

func (c *control) report(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(c.book.report()) //nolint:errchkjson // it fails only when the asker has gone
}
