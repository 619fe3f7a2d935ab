package track_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/worker/internal/store/storetest"
	"github.com/penstock/penstock/worker/internal/track"
)

func (b *bench) archive(t *testing.T, cfg amqpx.Config) *track.Archive {
	t.Helper()
	consumer := amqpx.NewConsumer(cfg, b.log)
	t.Cleanup(func() { require.NoError(t, consumer.Close(context.Background())) })
	return track.NewArchive(consumer)
}

func TestAnEventIsReadFromTheArchiveByteForByte(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tracker(t, b.store, 0)
	body := make([]byte, 100_000)
	_, err := rand.Read(body)
	require.NoError(t, err)
	b.accept(t, "shop", "order.paid", []byte("before"))
	id := b.accept(t, "shop", "order.paid", body)
	after := b.accept(t, "shop", "order.paid", []byte("after"))
	e := b.eventually(t, id, storetest.Archived)
	b.eventually(t, after, storetest.Archived)

	archive := b.archive(t, b.cfg)
	got, err := archive.Event(b.ctx, e.Offset, id)
	require.NoError(t, err)
	require.Equal(t, body, got.Body)
	require.Equal(t, "/in/shop", got.Request.Path)
	_, err = archive.Event(b.ctx, e.Offset, after)
	require.ErrorIs(t, err, track.ErrGone, "another event lies there")
	_, err = archive.Event(b.ctx, 1000, id)
	require.ErrorIs(t, err, track.ErrGone, "the archive is not that long")
}

func TestWithoutABrokerTheArchiveIsUnavailable(t *testing.T) {
	t.Parallel()
	b := &bench{log: setup(t).log}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := b.archive(t, amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}).Event(ctx, 0, "x")
	require.ErrorIs(t, err, track.ErrUnavailable)
}
