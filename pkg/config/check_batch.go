package config

import (
	"time"

	"github.com/penstock/penstock/pkg/config/internal/strict"
)

const (
	maxBatch      = 1000
	maxBatchWait  = Duration(time.Minute)
	maxBatchBytes = 16 << 20
)

// batch checks the limits of a batch, and that nothing is asked for that belongs to one event.
func (c *checker) batch(path string, d *Destination) {
	b := d.Batch
	if (b.Max < 2 || b.Max > maxBatch) && !c.broken(path, "max") {
		c.failf(strict.Key(path, "max"), "a request carries 2 to %d events", maxBatch)
	}
	if (b.Wait <= 0 || b.Wait > maxBatchWait) && !c.broken(path, "wait") {
		c.failf(strict.Key(path, "wait"), "the wait is above zero and at most 1m")
	}
	if (b.Bytes < 1 || b.Bytes > maxBatchBytes) && !c.broken(path, "bytes") {
		c.failf(strict.Key(path, "bytes"), "the size is above zero and at most 16MiB")
	}
	if b.As != Array && b.As != Lines && !c.broken(path, "as") {
		c.failf(strict.Key(path, "as"), "expected %s or %s", Array, Lines)
	}
	switch {
	case d.OverAMQP():
		c.failf(path, "a batch is sent to a url; an exchange gets one message for each event")
	case d.Format != CloudEventsStructured:
		c.failf(path, "a batch consists of documents: add format: %s", CloudEventsStructured)
	}
	if d.Request != nil && (d.Request.Path != "" || len(d.Request.Query)+len(d.Request.Headers) > 0) {
		c.failf(path, "templates of a request belong to one event; a batch has several")
	}
	if d.ForwardCredentials {
		c.failf(path, "forwardCredentials belongs to one event; a batch has several")
	}
}
