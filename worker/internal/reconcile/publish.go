package reconcile

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/adapter"
	"github.com/penstock/penstock/worker/internal/store"
)

// acceptTime is how long gateways may take to accept what was published for them. All that
// time it is safe in their queue.
const acceptTime = 24 * time.Hour

// publish fetches events where that is needed, and hands them to the gateways. Their ids are
// stored before, so that an event that is published twice, because the worker died in between,
// is the same one.
func (w *worker) publish(ctx context.Context, some []store.Sent) error {
	before := slices.Clone(some)
	for i := range some {
		one := &some[i]
		if one.ID == "" {
			one.ID = event.NewID()
		}
		before[i].ID = one.ID
		one.State, one.AskedAt, one.DueAt, one.Reason = store.SentPublishing, w.now(), w.now().Add(w.facts.Arrive), ""
		one.Tries++
	}
	if err := w.save(ctx, some); err != nil {
		return err
	}
	done, ends := 0, map[store.SentState]int{}
	var failure error
	for ; done < len(some); done++ {
		if failure = w.publishOne(ctx, &some[done]); failure != nil {
			break
		}
		ends[some[done].State]++
		delete(w.carried, some[done].Event)
	}
	if ctx.Err() != nil {
		return failure // what is noted holds
	}
	notes := slices.Concat(w.audit("gap-published", ends[store.SentPublished]), w.audit("gap-lost", ends[store.SentLost]))
	return errors.Join(failure, w.saveAll(ctx, some[:done], before[done:], notes...))
}

// publishOne changes the event to what has become of it.
func (w *worker) publishOne(ctx context.Context, one *store.Sent) error {
	d, err := w.fetch(ctx, one)
	if adapter.TroubleOf(err) == adapter.Gone {
		// Credentials that may not see it any more look the same at some providers.
		if _, err := w.api.Check(ctx); err != nil {
			return err
		}
		one.State, one.Reason, one.DueAt = store.SentLost, reasonGone, w.now().Add(lostAgain)
		return nil
	}
	if err != nil {
		return err
	}
	e := w.event(one, d)
	if w.filter != nil {
		if wanted, err := w.filter.Match(ctx, e); err == nil && !wanted {
			one.State, one.ID = store.SentUnwanted, ""
			return nil
		}
	}
	m, err := event.Encode(e)
	if err != nil {
		one.State, one.Reason, one.DueAt = store.SentLost, reasonRefused, w.now().Add(lostAgain)
		return nil //nolint:nilerr // it can never be published: its header fields are too large
	}
	if err := w.Publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Routes, Key: topology.Recovered, Message: m}); err != nil {
		return brokerError{err}
	}
	one.State, one.DueAt = store.SentPublished, w.now().Add(acceptTime)
	return nil
}

// event is what a gateway makes of the request that the provider would have made.
func (w *worker) event(one *store.Sent, d adapter.Delivery) *event.Event {
	return &event.Event{
		ID: one.ID, Source: w.account.Source, Type: one.Type, ProviderID: one.Event, ReceivedAt: w.now(), Attempt: 1,
		Request:   event.Request{Method: http.MethodPost, Path: "/in/" + w.account.Source, Header: d.Header},
		Body:      d.Body,
		Recovered: event.RecoveredByAPI,
	}
}
