package returns

import (
	"math"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// Delay is the publication that brings a message to a queue after a time, to the second. Less
// than half a second is no delay. The message becomes part of it, and gets two headers.
func Delay(queue string, m *event.Message, wait time.Duration, now time.Time) amqpx.Publication {
	seconds := wholeSeconds(wait)
	if seconds <= 0 {
		clean(m)
		return amqpx.Publication{Exchange: topology.Routes, Key: queue, Message: m}
	}
	if m.Headers == nil {
		m.Headers = map[string]any{}
	}
	m.Headers[event.HeaderReturnTo] = queue
	m.Headers[event.HeaderDue] = now.Add(time.Duration(seconds) * time.Second).UnixMilli()
	return amqpx.Publication{Exchange: topology.Delay, Key: topology.LevelQueue(topology.Level(seconds)), Message: m}
}

// Shorter is the same publication by way of the next shorter level, for when the level of
// this one does not take it: the message waits for the rest in another one. It is false when
// there is none.
func Shorter(p amqpx.Publication) (amqpx.Publication, bool) {
	seconds, ok := topology.LevelOf(p.Key)
	if !ok || seconds <= 1 {
		return p, false
	}
	p.Key = topology.LevelQueue(topology.Level(seconds - 1))
	return p, true
}

// dueIn is how long the message still has to wait.
func dueIn(m *event.Message, now time.Time) time.Duration {
	return time.UnixMilli(m.Int(event.HeaderDue)).Sub(now)
}

// wholeSeconds rounds to the nearest second: clocks of two machines are never the same.
func wholeSeconds(wait time.Duration) int {
	return int(min(math.Round(wait.Seconds()), math.MaxInt32))
}

// clean takes out what only a message that waits has.
func clean(m *event.Message) {
	delete(m.Headers, event.HeaderReturnTo)
	delete(m.Headers, event.HeaderDue)
}
