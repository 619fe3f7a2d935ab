package consume

import (
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

// The headers that an event has within an ordered route, and nowhere else.
const (
	headerKey    = "penstock-ordering-key"    // of its key; none: it is not ordered
	headerPlace  = "penstock-ordering-place"  // int: its place among the parked ones of its key
	headerDue    = "penstock-ordering-due"    // int: when its next attempt is due, milliseconds since the epoch
	headerBy     = "penstock-ordering-by"     // the session that parked it
	headerSignal = "penstock-ordering-signal" // a message that is no event, and what it says
)

// unordered removes those headers from a message of ours.
func unordered(m *event.Message) *event.Message {
	for _, name := range []string{headerKey, headerPlace, headerDue, headerBy, headerSignal} {
		delete(m.Headers, name)
	}
	return m
}

// item is an event of a lane.
type item struct {
	job      *job          // what settles it; nil while it is on its way into the parked queue
	identity string        // the same for each copy of the event
	key      string        // of its lane
	place    int64         // its place among the parked ones
	attempt  int           // the next one, from 1
	due      time.Time     // when that may be made
	by       string        // the session that parked it
	failures int           // how often it was handed back in a row
	record   status.Record // that it is held
}

// newItem reads what a job says about itself.
func (r *Route) newItem(j job) *item {
	m := j.message
	r.tried.recall(m)
	out := &item{
		record: r.record(m, status.Held, verdict{}),
		job:    &j, identity: m.ID + "/" + m.Text(event.HeaderReplay), key: m.Text(headerKey),
		place: m.Int(headerPlace), attempt: attemptOf(m), by: m.Text(headerBy),
	}
	if due := m.Int(headerDue); due > 0 {
		out.due = time.UnixMilli(due)
	}
	if out.key == "" {
		out.key = "event/" + out.identity
	}
	return out
}

// size is what an item takes of memory, in bytes, more or less.
func (i *item) size() int {
	if i.job == nil {
		return headRoom
	}
	return headRoom + len(i.job.message.Body)
}

// parked is the message that keeps an item in the queue.
func (i *item) parked(queue string) amqpx.Publication {
	out := onward(i.job.message)
	out.Headers[event.HeaderAttempt] = int64(i.attempt)
	out.Headers[headerPlace] = i.place
	out.Headers[headerBy] = i.by
	delete(out.Headers, headerDue)
	if !i.due.IsZero() {
		out.Headers[headerDue] = i.due.UnixMilli()
	}
	return amqpx.Publication{Key: queue, Message: out}
}

// signalLife is how long a signal may wait. A queue that nobody consumes is empty when
// it holds no event.
const signalLife = 90 * time.Second

// signal is a message that is no event.
func signal(queue, text string) amqpx.Publication {
	m := &event.Message{
		ID: event.NewID(), AppID: event.AppID, Timestamp: time.Now(),
		Headers: map[string]any{event.HeaderFormat: int64(event.Format), headerSignal: text},
	}
	return amqpx.Publication{Key: queue, Message: m, Expires: signalLife}
}
