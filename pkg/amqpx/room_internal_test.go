package amqpx

import (
	"context"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
)

func TestAGroupLeavesAConnectionWithoutRoomForAnother(t *testing.T) {
	t.Parallel()
	p := &Publisher{gate: newGate(2), window: newWindow(2, 1), roster: newRoster(), landed: make(chan struct{}, 1)}
	for i := range 2 {
		p.gate.set(i, lineState{})
		sock, _ := pipe(t, 10*time.Second)
		f := newFlight(p.window, p.roster, &session{sock: sock, conn: new(amqp.Connection)})
		f.quota("work").known.Store(true)
		p.roster.add(f)
	}
	full, free := p.roster.flights()[0], p.roster.flights()[1]
	require.NoError(t, full.session.sock.reserve(t.Context(), gatherLimit, forever))
	to := Publication{Key: "work", Message: &event.Message{ID: "1", Body: []byte("x")}}
	g := &Group{publisher: p, flights: []*flight{full, free}}
	for range 3 {
		sent, err := g.TrySend(t.Context(), "work", to)
		require.NoError(t, err)
		require.Same(t, free, sent.flight)
	}
	require.Same(t, free, g.flights[0], "the others do not wait for the full one")

	require.NoError(t, free.session.sock.reserve(t.Context(), gatherLimit-2000, forever))
	to.Message = &event.Message{ID: "2", Body: make([]byte, 4000)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := g.Send(ctx, "work", to, nil)
	require.ErrorIs(t, err, ErrFull)
	require.NotErrorIs(t, err, ErrUnavailable)
	require.Len(t, free.quota("work").places, 3, "what was not sent holds no place")
	require.Empty(t, full.quota("work").places)
}
