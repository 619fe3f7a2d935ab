package track

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

// entry is what is kept of one message of a stream: never its body.
type entry struct {
	stream   string
	offset   int64
	id       string    // of the message
	at       time.Time // when it was published
	accepted *store.Accepted
	records  []status.Record
	gap      *store.Gap // before it

	routed      bool   // an accepted event says its routes
	traceparent string // of it

	delivery *amqpx.Delivery // of a queue: to be acknowledged once the entry is stored; nil: of a stream
}

// weight is how many records it stands for.
func (e *entry) weight() int { return max(len(e.records), 1) }

// archived returns what reads the entries of the archive, one after another. What is not an
// event of ours fails.
func archived() func(*amqpx.Delivery, *entry) error {
	var c clock
	return func(d *amqpx.Delivery, e *entry) error {
		m := d.Message
		if v := m.Int(event.HeaderFormat); v != event.Format || m.ID == "" {
			return fmt.Errorf("not an event: format %d, id %q", v, m.ID)
		}
		e.accepted = acceptedOf(d)
		e.accepted.Routes, e.routed = routesOf(m)
		c.see(e.accepted.ReceivedAt, time.Now())
		if c.wrong(e.accepted.ReceivedAt, time.Now()) != 0 {
			e.accepted.PublishedAt = c.mark
		}
		e.traceparent = m.Text(event.HeaderTrace)
		return nil
	}
}

func acceptedOf(d *amqpx.Delivery) *store.Accepted {
	m := d.Message
	a := &store.Accepted{
		ID:         m.ID,
		Source:     m.Text(event.HeaderSource),
		Type:       m.Type,
		ProviderID: m.Text(event.HeaderProviderID),
		ReceivedAt: time.UnixMilli(m.Int(event.HeaderReceivedAt)).UTC(),
		Size:       event.BodySize(m),
		Offset:     d.Offset,
		Replay:     m.Text(event.HeaderReplay),
	}
	if at := m.Int(event.HeaderReplayedAt); at > 0 {
		a.ReplayedAt = time.UnixMilli(at).UTC()
	}
	return a
}

// routesOf returns the routes that the event was published to, and whether the message says
// them. One that was archived by a gateway before version 1 does not.
func routesOf(m *event.Message) (routes []string, said bool) {
	_, said = m.Headers[event.HeaderRoutes]
	if text := m.Text(event.HeaderRoutes); text != "" {
		routes = strings.Split(text, ",")
	}
	return routes, said
}

// told returns what reads the entries of the status stream, one after another.
func told() func(*amqpx.Delivery, *entry) error {
	var c clock
	return func(d *amqpx.Delivery, e *entry) (err error) {
		e.records, err = status.Decode(d.Message)
		c.correct(d.Message, e.records, time.Now())
		return err
	}
}
