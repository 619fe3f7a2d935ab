package status

import (
	"fmt"
	"time"
)

// batch is what shares one message.
type batch struct {
	entries []*entry
	count   int
	bytes   int
}

func (b *batch) add(w *entry) {
	b.entries = append(b.entries, w)
	b.count += w.count
	b.bytes += len(w.lines)
}

// enough is the size in bytes at which a batch takes no more. One entry more, of the
// largest size, still keeps it below MaxBytes.
const enough = 1 << 20

func (e *Emitter) full(b *batch) bool {
	return b.count >= e.options.Batch || b.bytes >= enough
}

// run gathers batches and sends each on its own, at most Flights at a time. While
// all are on their way, nothing is taken, and Emit waits.
func (e *Emitter) run() {
	var next *entry // did not fit the last batch
	for {
		if next == nil {
			select {
			case next = <-e.entries:
			case <-e.closing:
				return
			}
		}
		var b batch
		b.add(next)
		next = e.gather(&b)
		e.slots <- struct{}{} // freed within Timeout
		e.running.Go(func() {
			e.publish(b)
			<-e.slots
			select {
			case e.landed <- struct{}{}:
			default: // run has not noticed the one before yet, which is as good
			}
		})
	}
}

// gather adds what comes while other batches are on their way: until one of them has
// landed, or the linger time is over. When none is, it adds only what waits already: then
// waiting would cost time and gain nothing. It returns an entry that did not fit.
func (e *Emitter) gather(b *batch) *entry {
	linger := time.NewTimer(max(e.options.Linger, 0))
	defer linger.Stop()
	for !e.full(b) {
		var w *entry
		if len(e.slots) == 0 {
			select {
			case w = <-e.entries:
			default:
				return nil
			}
		} else {
			select {
			case w = <-e.entries:
			case <-e.landed:
				continue
			case <-linger.C:
				return nil
			case <-e.closing:
				return nil
			}
		}
		if b.count+w.count > e.options.Batch {
			return w
		}
		b.add(w)
	}
	return nil
}

// publish sends a batch and answers everyone who waits for it.
func (e *Emitter) publish(b batch) {
	body := make([]byte, 0, b.bytes)
	for _, w := range b.entries {
		body = append(body, w.lines...)
	}
	err := e.send(body)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrNotConfirmed, err)
	}
	e.note(err)
	for _, w := range b.entries {
		w.done <- err
	}
}
