package ledger

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// How many dead letters of a route are looked through, and how often at most.
const (
	mostLetters = 10_000
	lettersWait = 30 * time.Second
)

// Letter is a message of a queue.
type Letter struct {
	Message *event.Message // without its body
	Death   string         // why the broker made a dead letter of it: delivery_limit, rejected; or nothing
}

// byBroker tells the broker's dead letters from a worker's, which says why.
func (l Letter) byBroker() bool {
	return l.Death != "" && l.Message.ID != "" && l.Message.Text(event.HeaderReason) == ""
}

// absolve takes from a verdict what is found among the dead letters, and records it.
func (l *Ledger) absolve(ctx context.Context, v verdict) error {
	for route, n := range v.counts() {
		if n == 0 || time.Since(l.looked[route]) < max(l.Every, min(lettersWait, l.Patience)) {
			continue
		}
		l.looked[route] = time.Now()
		if err := l.searchLetters(ctx, route); err != nil {
			return err
		}
	}
	for k := range l.found {
		if _, missing := v.missing[k]; missing || v.short[k.route] > 0 {
			delete(v.missing, k)
			v.short[k.route] = max(v.short[k.route]-1, 0)
			continue
		}
		delete(l.found, k) // the store knows it by now
	}
	return nil
}

// searchLetters records the dead letters of a route that the broker made. Recording one
// again does no harm.
func (l *Ledger) searchLetters(ctx context.Context, route string) error {
	state, err := l.Broker.Inspect(ctx, topology.DeadQueue(route))
	if err != nil || state.Ready == 0 {
		return nil //nolint:nilerr // a route that is gone has no dead letters
	}
	letters, err := l.Letters.Look(ctx, topology.DeadQueue(route), min(state.Ready, mostLetters))
	if err != nil {
		return fmt.Errorf("look through the dead letters of route %s: %w", route, err)
	}
	for _, letter := range letters {
		k := key{letter.Message.ID, route}
		if _, known := l.found[k]; known || !letter.byBroker() {
			continue
		}
		if err := l.Emitter.Emit(ctx, record(route, letter)); err != nil {
			return fmt.Errorf("record a dead letter: %w", err)
		}
		l.found[k] = struct{}{}
		l.Log.Warn("the broker made a dead letter of an event", zap.String("event", k.event), zap.String("route", route), zap.String("death", letter.Death))
	}
	return nil
}

// record says what the broker did.
func record(route string, letter Letter) status.Record {
	m := letter.Message
	reason := fault.ReasonRejected
	if letter.Death == "delivery_limit" {
		reason = fault.ReasonDeliveryLimit
	}
	return status.Record{
		Kind: status.Dead, Event: m.ID, Source: m.Text(event.HeaderSource), Type: m.Type, Route: route,
		ReceivedAt: time.UnixMilli(m.Int(event.HeaderReceivedAt)), Reason: reason, Replay: m.Text(event.HeaderReplay),
	}
}
