package returns

import (
	"context"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// How long a scout is in hand at most before that is recorded again, and how long a record
// may take.
const (
	scoutTold  = 30 * time.Second
	recordTime = 2 * time.Second
)

// Recorder takes the records that events are held. *status.Emitter is one.
type Recorder interface {
	Emit(ctx context.Context, records ...status.Record) error
}

// tellHeld records that an event comes no earlier than at a time, although it is due: so the
// ledger knows it from a lost one. What cannot be recorded decides nothing.
func (m *Mover) tellHeld(ctx context.Context, msg *event.Message, until, now time.Time) {
	route, ok := topology.RouteOf(msg.Text(event.HeaderReturnTo))
	_, dead := msg.Headers[event.HeaderDeadWaits]
	if !ok || dead || msg.ID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	r := status.Record{
		Kind: status.Held, Event: msg.ID, Source: msg.Text(event.HeaderSource), Type: msg.Type, Route: route,
		At: now, NextAt: until, Replay: msg.Text(event.HeaderReplay),
	}
	if received := msg.Int(event.HeaderReceivedAt); received > 0 {
		r.ReceivedAt = time.UnixMilli(received)
	}
	_ = m.options.Recorder.Emit(ctx, r) // it decides nothing
}
