package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
)

// Recorder takes the records of what became of events. *status.Emitter is one.
type Recorder interface {
	// Emit returns nil only when the broker confirmed the records.
	Emit(ctx context.Context, records ...status.Record) error
	// Ready returns nil when Emit can work now.
	Ready() error
}

// unrecorded is the Recorder of a route that keeps no records.
type unrecorded struct{}

func (unrecorded) Emit(context.Context, ...status.Record) error { return nil }
func (unrecorded) Ready() error                                 { return nil }

// tell has the record of a verdict confirmed, and tries for as long as the pace says.
// Records come before what they are about is published: else the next attempt could be
// recorded before this one.
func (r *Route) tell(ctx context.Context, m *event.Message, v verdict) error {
	kind, worth := recordedAs(v.outcome)
	if !worth || m.ID == "" { // what has no id cannot be told about
		return nil
	}
	record := r.record(m, kind, v)
	err := r.insist(ctx, func(ctx context.Context) error { return r.options.Recorder.Emit(ctx, record) }, isHopelessRecord)
	if err != nil {
		return fmt.Errorf("record what became of it: %w", err)
	}
	return nil
}

func isHopelessRecord(err error) bool {
	return errors.Is(err, status.ErrInvalid) || errors.Is(err, status.ErrClosed)
}

// recordedAs is the table from outcomes to records. An event that was handed back untried
// is where it was: that it was held is told later.
func recordedAs(o Outcome) (kind status.Kind, worth bool) {
	switch o {
	case Delivered:
		return status.Delivered, true
	case Filtered:
		return status.Filtered, true
	case Retrying:
		return status.Retrying, true
	case Postponed:
		return status.Postponed, true
	case Dead:
		return status.Dead, true
	case Cancelled:
		return status.Dropped, true
	default:
		return "", false
	}
}

func (r *Route) record(m *event.Message, kind status.Kind, v verdict) status.Record {
	now := time.Now()
	out := status.Record{
		Kind: kind, Event: m.ID, Source: m.Text(event.HeaderSource), Type: m.Type, Route: r.options.Route,
		At: now, Reason: v.reason, LastReason: v.last, HTTPStatus: v.status,
		Answer: v.answer.Body, AnswerCut: v.answer.Cut, Fields: v.answer.Fields, Error: v.text,
		Took: v.took, Replay: m.Text(event.HeaderReplay),
	}
	if received := m.Int(event.HeaderReceivedAt); received > 0 {
		out.ReceivedAt = time.UnixMilli(received)
	}
	if v.tried {
		out.Attempt = attemptOf(m)
	}
	if v.answer.Status != 0 {
		out.HTTPStatus = v.answer.Status
	}
	if kind == status.Retrying || kind == status.Postponed {
		out.NextAt = now.Add(v.delay)
	}
	return out
}
