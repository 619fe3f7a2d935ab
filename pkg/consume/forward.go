package consume

import (
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// delayed is the message that brings an event back after delay, as the given
// attempt.
func delayed(route string, m *event.Message, attempt int, delay time.Duration) amqpx.Publication {
	out := onward(m)
	for _, name := range deadLetterHeaders() {
		delete(out.Headers, name)
	}
	out.Headers[event.HeaderAttempt] = int64(attempt)
	return returns.Delay(topology.RouteQueue(route), out, delay, time.Now())
}

// deadLetter is the message that a route gives up on.
func deadLetter(route string, m *event.Message, v verdict, now time.Time) amqpx.Publication {
	out := onward(m)
	for _, name := range deadLetterHeaders() {
		delete(out.Headers, name)
	}
	out.Headers[event.HeaderRoute] = route
	out.Headers[event.HeaderReason] = string(v.reason)
	out.Headers[event.HeaderDeadAt] = now.UnixMilli()
	if v.last != "" {
		out.Headers[event.HeaderLastReason] = string(v.last)
	}
	if v.status != 0 {
		out.Headers[event.HeaderStatus] = int64(v.status)
	}
	if text := (&status.Record{Reason: v.reason, Answer: v.answer.Body, Error: v.text}).Summary(); text != "" {
		out.Headers[event.HeaderError] = text
	}
	return amqpx.Publication{Exchange: topology.Dead, Key: route, Message: out}
}

// onward copies a message without the headers that a broker wrote or would obey:
// one that sees its own x-death again drops the message as a cycle.
func onward(m *event.Message) *event.Message {
	out := *m
	out.Headers = make(map[string]any, len(m.Headers)+4)
	for name, value := range m.Headers {
		if !strings.HasPrefix(strings.ToLower(name), "x-") && name != "CC" && name != "BCC" {
			out.Headers[name] = value
		}
	}
	return &out
}

func deadLetterHeaders() []string {
	return []string{
		event.HeaderRoute, event.HeaderReason, event.HeaderLastReason, event.HeaderStatus, event.HeaderError,
		event.HeaderDeadAt, event.HeaderDeadWaits, event.HeaderReturns,
	}
}
