package ingest_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
)

const spoolingSource = "  github: {provider: github, secrets: ['${S}'], onBrokerOutage: spool}"

// setupSpool has a publisher that fails with err, and a fake for a spool.
func setupSpool(t *testing.T, sources string, err error) (b *bundle, kept *fakePublisher) {
	t.Helper()
	kept = new(fakePublisher)
	b = setup(t, sources, func(o *ingest.Options) { o.Spool = fakeSpool{kept} })
	b.publisher.answer = func(context.Context) error { return err }
	return b, kept
}

// fakeSpool is a fake publisher that is called a spool.
type fakeSpool struct{ *fakePublisher }

func (f fakeSpool) Spool(ctx context.Context, p fanout.Event) error { return f.Publish(ctx, p) }

func TestWhatTheBrokerDoesNotTakeIsSpooled(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{amqpx.ErrUnavailable, amqpx.ErrUnknown, errors.New("another")} {
		t.Run(failure.Error(), func(t *testing.T) {
			t.Parallel()
			b, kept := setupSpool(t, spoolingSource, failure)
			answer := b.accepted(t, github("{}"))
			require.Equal(t, http.StatusOK, answer.Status)
			require.Len(t, kept.events(), 1)
			want, got := b.publisher.events()[0], kept.events()[0]
			require.Equal(t, want.event, got.event)
			require.Equal(t, want.Type, got.Type)
			require.Equal(t, answer.EventID, got.event.ID)
			require.EqualValues(t, 1, b.count(t, "penstock.spooled", "github"))
			require.EqualValues(t, 1, b.count(t, "penstock.accepted", "github"))

			again := b.accepted(t, github("{}"))
			require.Equal(t, answer.EventID, again.EventID, "what is spooled is remembered as accepted")
			require.Len(t, kept.events(), 1)
		})
	}
}

func TestWhatAQueueRefusesIsNotSpooled(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{amqpx.ErrReturned, amqpx.ErrNacked} {
		b, kept := setupSpool(t, spoolingSource, &fanout.Incomplete{Done: []string{"penstock.archive"}, Err: failure})
		require.Equal(t, ingest.KindUnavailable, b.refused(t, github("{}")).Kind)
		require.Empty(t, kept.events())
	}
}

func TestTheSpoolKnowsWhatHasTheEvent(t *testing.T) {
	t.Parallel()
	done := []string{"penstock.archive"}
	b, kept := setupSpool(t, spoolingSource, &fanout.Incomplete{Done: done, Err: amqpx.ErrUnknown})
	b.accepted(t, github("{}"))
	require.Equal(t, done, kept.events()[0].Done)
}

func TestASourceThatRejectsSpoolsNothing(t *testing.T) {
	t.Parallel()
	b, kept := setupSpool(t, githubSource, amqpx.ErrUnavailable)
	require.Equal(t, "broker-unavailable", b.refused(t, github("{}")).Reason)
	require.Empty(t, kept.events())
}

func TestWhatTheBrokerTakesIsNotSpooled(t *testing.T) {
	t.Parallel()
	b, kept := setupSpool(t, spoolingSource, nil)
	b.accepted(t, github("{}"))
	require.Empty(t, kept.events())
}

func TestWhatCanNeverBePublishedIsNotSpooled(t *testing.T) {
	t.Parallel()
	b, kept := setupSpool(t, spoolingSource, amqpx.ErrInvalid)
	require.Equal(t, ingest.KindTooLarge, b.refused(t, github("{}")).Kind)
	require.Empty(t, kept.events())
}

func TestAFailingSpoolIsNeverAnAcceptedEvent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		publish, spool error
		again          string // why a retry is refused
	}{
		"full":                       {amqpx.ErrUnavailable, spool.ErrUnavailable, "spool-unavailable"},
		"full and perhaps published": {amqpx.ErrUnknown, spool.ErrUnavailable, "duplicate-pending"},
		"perhaps on disk":            {amqpx.ErrUnavailable, spool.ErrUnknown, "duplicate-pending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, kept := setupSpool(t, spoolingSource, tc.publish)
			kept.answer = func(context.Context) error { return tc.spool }
			refusal := b.refused(t, github("{}"))
			require.Equal(t, ingest.KindUnavailable, refusal.Kind)
			require.Equal(t, "spool-unavailable", refusal.Reason)
			require.Positive(t, refusal.RetryAfter)
			require.Zero(t, b.count(t, "penstock.accepted", "github"))
			require.Equal(t, tc.again, b.refused(t, github("{}")).Reason)
		})
	}
}
