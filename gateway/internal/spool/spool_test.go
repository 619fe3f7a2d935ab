package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
)

func TestWhatIsSpooledIsPublishedAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, t.TempDir())
	b.add(t, ids(20)...)
	require.Equal(t, 20, b.metric(t, "penstock.spool.events"))
	require.Positive(t, b.metric(t, "penstock.spool.bytes"))
	require.Equal(t, 1<<20, b.metric(t, "penstock.spool.limit.bytes"))
	b.broker.answer(nil)
	b.await(t, 20)
	for _, id := range ids(20) {
		require.Equal(t, publication(id), b.broker.got[id])
	}
	require.Equal(t, 20, b.broker.copies)
	require.Eventually(t, func() bool { return b.metric(t, "penstock.spool.bytes") == 0 }, waitFor, tick)
	require.Equal(t, 20, b.metric(t, "penstock.spool.drained"))
	require.Zero(t, b.metric(t, "penstock.spool.oldest"))
}

func TestOnlyAConfirmTakesAnEventOffTheDisk(t *testing.T) {
	t.Parallel()
	for _, answer := range []error{
		amqpx.ErrUnavailable, amqpx.ErrReturned, amqpx.ErrNacked, amqpx.ErrUnknown, errors.New("another"),
	} {
		t.Run(answer.Error(), func(t *testing.T) {
			t.Parallel()
			b := setup(t, t.TempDir())
			b.broker.answer(answer)
			b.add(t, "one")
			require.Eventually(t, func() bool { tries, _ := b.broker.count(); return tries >= 2 }, waitFor, tick)
			require.Equal(t, 1, b.metric(t, "penstock.spool.events"))
			require.Positive(t, b.metric(t, "penstock.spool.oldest"))
			b.broker.answer(nil)
			b.await(t, 1)
		})
	}
}

func TestWhatAProcessLeavesTheNextOnePublishes(t *testing.T) {
	t.Parallel()
	first := setup(t, t.TempDir())
	first.add(t, ids(50)...)
	first.close(t)
	_, published := first.broker.count()
	require.Zero(t, published)

	second := setup(t, first.dir)
	require.Equal(t, 50, second.metric(t, "penstock.spool.events"))
	second.broker.answer(nil)
	second.await(t, 50)
}

func TestACloseWaitsForWhatTheBrokerTakes(t *testing.T) {
	t.Parallel()
	b := setup(t, t.TempDir())
	b.add(t, ids(200)...)
	b.broker.answer(nil)
	b.close(t)
	// Those that were waiting after a failure give up at once; what they held stays.
	_, published := b.broker.count()
	left := setup(t, b.dir)
	left.broker.answer(nil)
	left.await(t, 200-published)
}

func TestAFullSpoolRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t, t.TempDir())
	p := publication("large")
	p.Message.Body = []byte(strings.Repeat("x", 1<<20))
	require.ErrorIs(t, b.Spool.Spool(t.Context(), p), spool.ErrUnavailable)
	require.ErrorIs(t, b.Ready(), spool.ErrUnavailable)
	b.add(t, "small")
}

func TestWhatCanNeverBePublishedStaysOnDisk(t *testing.T) {
	t.Parallel()
	b := setup(t, t.TempDir())
	b.broker.answer(amqpx.ErrInvalid)
	b.add(t, "hopeless")
	require.Eventually(t, func() bool { return b.metric(t, "penstock.spool.events") == 0 }, waitFor, tick)
	require.Equal(t, 1, b.metric(t, "penstock.spool.kept"))
	kept, err := filepath.Glob(filepath.Join(b.dir, "*.kept"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
}

func TestAFolderThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := spool.Open(spool.Options{Dir: file, MaxBytes: 1, Publisher: &broker{}, Meter: noop.Meter{}, Log: zap.NewNop()})
	require.ErrorContains(t, err, file)
}
