package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// The ways in which booking can fail.
var (
	errNoInvoice = errors.New("the event is not about an invoice")
	errClosed    = errors.New("the books are closed for the night")
)

// ledger books invoices: it is the team's own part. An event may come twice, for
// instance when a process dies right after booking, so it books each id once. A
// real ledger asks its database, in the transaction that books.
type ledger struct {
	mu     sync.Mutex
	out    io.Writer
	closed bool
	booked map[string]bool
}

// Handle is called from several goroutines at once. Its error says what becomes of
// the event.
func (l *ledger) Handle(_ context.Context, e *event.Event) error {
	var invoice struct {
		Number string `json:"number"`
		Amount int64  `json:"amount"`
	}
	if json.Unmarshal(e.Body, &invoice) != nil || invoice.Number == "" {
		return fault.Permanent(errNoInvoice) // no retry can mend it: dead letter
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return fault.RetryAfter(errClosed, time.Hour) // not before then
	case l.booked[e.ID]:
		return nil
	}
	if _, err := fmt.Fprintf(l.out, "booked %s over %d\n", invoice.Number, invoice.Amount); err != nil {
		return fmt.Errorf("book: %w", err) // tried again after the backoff
	}
	if l.booked == nil {
		l.booked = map[string]bool{}
	}
	l.booked[e.ID] = true
	return nil
}

// timed is a middleware: it logs how long each call took, and nothing of the event
// but its id.
func timed(log *zap.Logger) consume.Middleware {
	return func(next consume.Handler) consume.Handler {
		return consume.HandlerFunc(func(ctx context.Context, e *event.Event) error {
			began := time.Now()
			err := next.Handle(ctx, e)
			log.Info("handled", zap.String("event", e.ID), zap.Duration("took", time.Since(began)), zap.Error(err))
			return err
		})
	}
}
