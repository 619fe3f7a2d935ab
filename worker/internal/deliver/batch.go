package deliver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// batcher gathers events, and sends several with one request. Each event is an attempt of its
// own all the same: it waits here, and gets the outcome that concerns it. It is safe for
// concurrent use.
type batcher struct {
	endpoint *endpoint
	slots    *slots // requests at once
	running  sync.WaitGroup

	mu   sync.Mutex
	open *batch // takes events; nil: there is none
}

// batch is the events of one request. It belongs to its batcher until it is closed, and then
// to the goroutine that sends it.
type batch struct {
	items []*item
	size  int         // of the documents, in bytes
	due   *time.Timer // closes it
	late  bool        // it was due, and no request could be made
}

// item is an event in a batch.
type item struct {
	ctx      context.Context //nolint:containedctx // of the attempt, whose answer is noted there
	event    *event.Event
	document []byte
	done     chan error // gets the outcome; it has room for it
}

func newBatcher(d *endpoint, requests int) *batcher {
	return &batcher{endpoint: d, slots: newSlots(requests)}
}

// close waits for requests that are under way. None waits for them any more.
func (b *batcher) close() {
	b.running.Wait()
	b.endpoint.close()
}

// send waits until the event was sent with others, and returns what became of it.
func (b *batcher) send(ctx context.Context, e *event.Event) error {
	document, err := bodyIn(b.endpoint.config.Format, e)
	if err != nil {
		return err
	}
	i := &item{ctx, e, document, make(chan error, 1)}
	b.add(i) //nolint:contextcheck // the request serves all events of the batch, and ends with the last of them
	select {
	case err := <-i.done:
		return err
	case <-ctx.Done():
		return fault.Because(reasonOf(ctx.Err()), ctx.Err())
	}
}

// add puts an event into the open batch, and closes that when it is full.
func (b *batcher) add(i *item) {
	limits := b.endpoint.config.Batch
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil && b.open.size+len(i.document) > int(limits.Bytes) {
		b.closeOpen()
	}
	if b.open == nil {
		one := new(batch)
		one.due = time.AfterFunc(time.Duration(limits.Wait), func() { b.closeDue(one) })
		b.open = one
	}
	b.open.items = append(b.open.items, i)
	b.open.size += len(i.document)
	if len(b.open.items) >= limits.Max || b.open.size >= int(limits.Bytes) {
		b.closeOpen()
	}
}

// closeDue closes a batch that was open for long enough. While no request can be made it goes on
// to take events.
func (b *batcher) closeDue(one *batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != one {
		return
	}
	if one.late = b.slots.full(); !one.late {
		b.closeOpen()
	}
}

// closeLate closes the open batch when it is due: a request has ended.
func (b *batcher) closeLate() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != nil && b.open.late {
		b.closeOpen()
	}
}

// closeOpen sends the open batch. The lock is held.
func (b *batcher) closeOpen() {
	one := b.open
	b.open = nil
	one.due.Stop()
	b.running.Go(func() {
		defer b.closeLate()
		b.deliver(one.items)
	})
}

// deliver sends a batch. When the destination refuses it for good, each event is sent alone:
// one that the destination cannot take takes no other one with it. So is each when the answer
// does not say what became of all of them.
func (b *batcher) deliver(items []*item) {
	errs := b.request(items)
	for n, i := range items {
		if len(items) > 1 && isRefusedWhole(errs[n]) {
			b.deliver([]*item{i})
			continue
		}
		i.done <- errs[n]
	}
}

// request makes one request, as soon as there is a slot, and returns the outcome of each event.
// It ends when no event waits for it any more.
func (b *batcher) request(items []*item) []error {
	ctx, cancel := b.endpoint.lifeOf(items)
	defer cancel()
	if err := b.slots.acquire(ctx); err != nil {
		return same(fault.Because(reasonOf(err), err), len(items))
	}
	defer b.slots.release()
	timed, stop := context.WithTimeout(ctx, time.Duration(b.endpoint.config.Timeout))
	defer stop()
	return b.endpoint.sendBatch(timed, items)
}

// lifeOf returns a context that ends when those of all events have ended.
func (d *endpoint) lifeOf(items []*item) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(items[0].ctx))
	var mu sync.Mutex
	left := len(items)
	stops := make([]func() bool, len(items))
	for n, i := range items {
		stops[n] = context.AfterFunc(i.ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// refusedWhole is an outcome that a destination gave to a batch, and not to one of its events.
type refusedWhole struct{ error }

func (r refusedWhole) Unwrap() error { return r.error }

func isRefusedWhole(err error) bool {
	_, whole := errors.AsType[refusedWhole](err)
	return whole
}

// note notes the answer to a batch with each of its events.
func note(items []*item, a consume.Answer) {
	for _, i := range items {
		consume.Answered(i.ctx, a)
	}
}

func same(err error, n int) []error {
	all := make([]error, n)
	for i := range all {
		all[i] = err
	}
	return all
}

// readCertificates returns the certificates of the destination as they are now.
func (b *batcher) readCertificates(now time.Time) Certificates {
	return b.endpoint.readCertificates(now)
}
