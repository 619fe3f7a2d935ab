package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/worker/internal/track"
)

// relay is one client that follows the archive.
type relay struct {
	response *echo.Response
	control  *http.ResponseController
	wanted   *choice
	config   func() *config.Config

	mu      sync.Mutex // of all below, and of the response
	line    RelayLine  // the last one, without its event
	events  int64
	written time.Time
}

func newRelay(response *echo.Response, wanted *choice, cfg func() *config.Config) *relay {
	return &relay{response: response, control: http.NewResponseController(response.Writer), wanted: wanted, config: cfg}
}

// run sends lines until ctx is done or the client does not read them.
func (r *relay) run(ctx context.Context, archive Follower, from track.Place) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	defer beating.Wait()
	defer cancel(nil)
	r.line.Cursor = cursorOf(from)
	beating.Go(func() { r.beat(ctx, cancel) })
	return archive.Follow(ctx, from, func(e track.Entry) error { return r.take(ctx, e) })
}

// beat sends a line now and then, the first at once.
func (r *relay) beat(ctx context.Context, cancel context.CancelCauseFunc) {
	ticks := time.NewTicker(relayBeat)
	defer ticks.Stop()
	for {
		if err := r.idle(); err != nil {
			cancel(err)
			return
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}

// idle sends a line without an event, unless one was sent lately.
func (r *relay) idle() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.written) < relayBeat/2 {
		return nil
	}
	return r.write(nil)
}

// take sends an entry if it is wanted. What cannot be read is passed over, as everywhere.
func (r *relay) take(ctx context.Context, entry track.Entry) error {
	full, err := event.Decode(entry.Message)
	var seen *event.Event
	if err == nil {
		seen = r.config().Hidden(full.Source).View(full)
	}
	wanted, filterErr := false, err
	if err == nil {
		wanted, filterErr = r.wanted.takes(ctx, seen)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count(entry, filterErr != nil)
	switch {
	case wanted:
		r.events++
		return r.write(relayedOf(seen))
	case entry.Loss != "":
		return r.write(nil)
	default:
		return nil
	}
}

// count brings the line up to date.
func (r *relay) count(entry track.Entry, unreadable bool) {
	r.line.Cursor = cursorOf(entry.Place)
	r.line.Scanned++
	if unreadable {
		r.line.Unreadable++
	}
	if at := entry.Message.Int(event.HeaderReceivedAt); at > 0 {
		r.line.ReadTo = new(time.UnixMilli(at).UTC())
	}
	if entry.Loss != "" {
		r.line.Loss = new(RelayLoss(entry.Loss))
	}
}

// write sends the line, with an event or without one.
func (r *relay) write(e *RelayedEvent) error {
	line := r.line
	line.Event = e
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if !r.response.Committed {
		r.header()
	}
	_ = r.control.SetWriteDeadline(time.Now().Add(relayWrite))
	if _, err := r.response.Write(append(text, '\n')); err != nil {
		return err
	}
	r.line.Loss, r.written = nil, time.Now()
	return r.control.Flush()
}

// end lets a write that waits for the client fail.
func (r *relay) end() { _ = r.control.SetWriteDeadline(time.Now()) }

// sent is how many events were sent.
func (r *relay) sent() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events
}

func relayedOf(e *event.Event) *RelayedEvent {
	return &RelayedEvent{
		Id: e.ID, Source: e.Source, Type: e.Type, ProviderId: given(e.ProviderID), ReceivedAt: e.ReceivedAt,
		Request: requestOf(&e.Request), Body: e.Body,
	}
}
