package control

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// CatchUp waits until the fleet has read all that deliverers had reported when it was called.
func (f *Fleet) CatchUp(ctx context.Context, p Publisher) error {
	m := &event.Message{
		ID: event.NewID(), Type: typeMarker, AppID: event.AppID, Timestamp: time.Now(),
		Headers: map[string]any{event.HeaderFormat: int64(format)},
	}
	read := f.await(m.ID)
	defer f.noteMarker(m.ID)
	if err := p.Publish(ctx, amqpx.Publication{Key: topology.Reports, Message: m}); err != nil {
		return fmt.Errorf("catch up with the reports of deliverers: %w", err)
	}
	select {
	case <-read:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("catch up with the reports of deliverers: %w", ctx.Err())
	}
}

func (f *Fleet) await(marker string) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	read := make(chan struct{})
	f.markers[marker] = read
	return read
}

// noteMarker ends the wait for a marker. It may be called again.
func (f *Fleet) noteMarker(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if read := f.markers[id]; read != nil {
		close(read)
		delete(f.markers, id)
	}
}
