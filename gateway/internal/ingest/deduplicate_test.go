package ingest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/gateway/internal/spool"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fanout"
)

func TestADuplicateIsAnsweredAsTheFirstAndPublishedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource+"\n  custom: {scheme: {alg: none, id: 'json:id'}, open: true}")
	for _, r := range []func() *ingest.Request{
		func() *ingest.Request { return github("{}") },
		func() *ingest.Request { return request("custom", `{"id":1}`) },
	} {
		first, again := b.accepted(t, r()), b.accepted(t, r())
		require.False(t, first.Duplicate)
		require.True(t, again.Duplicate)
		again.Duplicate = false
		require.Equal(t, first, again)
	}
	require.Len(t, b.publisher.events(), 2)
	require.EqualValues(t, 1, b.count(t, "penstock.accepted", "github"))
	require.EqualValues(t, 1, b.count(t, "penstock.duplicates", "github"))
}

func TestSourcesDoNotShareEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource+"\n  other: {provider: github, secrets: ['${S}']}")
	first := b.accepted(t, github("{}"))
	r := github("{}")
	r.Name = "other"
	require.NotEqual(t, first.EventID, b.accepted(t, r).EventID)
}

func TestOneOf64CopiesIsAnEvent(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	b.publisher.answer = func(context.Context) error { <-time.After(10 * time.Millisecond); return nil }
	var accepted atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if _, err := b.Serve(t.Context(), github("{}")); err == nil {
				accepted.Add(1)
			}
		})
	}
	all.Wait()
	require.Len(t, b.publisher.events(), 1)
	require.Positive(t, accepted.Load())
	require.Equal(t, b.publisher.events()[0].event.ID, b.accepted(t, github("{}")).EventID)
}

// ids returns the ids of what was published, in order.
func (b *bundle) ids() (ids []string) {
	for _, p := range b.publisher.events() {
		ids = append(ids, p.event.ID)
	}
	return ids
}

func TestAFailedPublishLetsTheRetryInUnderItsID(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{amqpx.ErrUnavailable, amqpx.ErrReturned, amqpx.ErrNacked, amqpx.ErrInvalid, errors.New("another")} {
		b := setup(t, githubSource)
		b.publisher.answer = func(context.Context) error { return failure }
		b.refused(t, github("{}"))
		b.publisher.answer = nil
		answer := b.accepted(t, github("{}"))
		require.Equal(t, []string{answer.EventID, answer.EventID}, b.ids(), failure)
	}
}

func TestWhileTheOutcomeIsUnknownARetryIsToComeAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		late      error
		published int
	}{"a late confirm": {nil, 1}, "a late refusal": {amqpx.ErrNacked, 2}} {
		b := setup(t, githubSource)
		b.publisher.answer = func(context.Context) error { return amqpx.ErrUnknown }
		b.refused(t, github("{}"))
		refusal := b.refused(t, github("{}"))
		require.Equal(t, "duplicate-pending", refusal.Reason, name)
		require.Equal(t, ingest.KindUnavailable, refusal.Kind)
		require.Positive(t, refusal.RetryAfter)

		b.publisher.answer = nil
		b.publisher.events()[0].Late(tc.late)
		answer := b.accepted(t, github("{}"))
		require.Len(t, b.ids(), tc.published, name)
		require.Equal(t, b.ids()[0], answer.EventID)
	}
}

// brief is a store whose leases and windows end at once.
type brief struct{ ingest.Store }

func (s brief) Claim(ctx context.Context, key dedup.Key, id string, terms dedup.Terms) (dedup.Claim, error) {
	terms.Lease = time.Nanosecond
	return s.Store.Claim(ctx, key, id, terms)
}

func (s brief) Settle(ctx context.Context, key dedup.Key, c dedup.Claim, o dedup.Outcome, terms dedup.Terms) error {
	terms.Window = time.Nanosecond
	return s.Store.Settle(ctx, key, c, o, terms)
}

func TestAfterItsWindowARepetitionIsTheSameEventOnAFurtherRound(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource, func(o *ingest.Options) { o.Dedup = brief{o.Dedup} })
	first := b.accepted(t, github("{}"))
	require.Empty(t, b.publisher.events()[0].event.Replay)
	rounds := map[string]bool{}
	for n := range 3 {
		r := github("{}")
		answer := b.accepted(t, r)
		require.Equal(t, first, answer)
		e := b.publisher.events()[n+1].event
		require.Equal(t, first.EventID, e.ID)
		require.Equal(t, r.Arrived.UnixMilli(), e.Replay.At.UnixMilli())
		require.Equal(t, 1, e.Attempt)
		rounds[e.Replay.ID] = true
	}
	require.Len(t, rounds, 3)
	require.NotContains(t, rounds, "")
}

func TestARoundThatFailedIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource, func(o *ingest.Options) { o.Dedup = brief{o.Dedup} })
	b.accepted(t, github("{}"))
	b.publisher.answer = func(context.Context) error { return amqpx.ErrNacked }
	b.refused(t, github("{}"))
	b.publisher.answer = nil
	require.False(t, b.accepted(t, github("{}")).Duplicate)
	require.NotEmpty(t, b.publisher.events()[2].event.Replay.ID)
}

func TestAfterAnUnknownOutcomeARetryHasTheSameID(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource, func(o *ingest.Options) { o.Dedup = brief{o.Dedup} })
	b.publisher.answer = func(context.Context) error { return amqpx.ErrUnknown }
	b.refused(t, github("{}"))
	b.refused(t, github("{}"))
	b.publisher.answer = nil
	answer := b.accepted(t, github("{}"))
	require.Equal(t, []string{answer.EventID, answer.EventID, answer.EventID}, b.ids())
}

func TestAfterARefusalOfTheSpoolARetryHasTheSameID(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{errors.New("the disk is full"), spool.ErrUnknown} {
		kept := &fakePublisher{answer: func(context.Context) error { return failure }}
		b := setup(t, spoolingSource, func(o *ingest.Options) { o.Dedup, o.Spool = brief{o.Dedup}, fakeSpool{kept} })
		b.publisher.answer = func(context.Context) error { return amqpx.ErrUnavailable }
		b.refused(t, github("{}"))
		b.publisher.answer = nil
		answer := b.accepted(t, github("{}"))
		require.Equal(t, []string{answer.EventID, answer.EventID}, b.ids(), failure)
	}
}

// brokenStore is a store that is down.
type brokenStore struct{}

func (brokenStore) Claim(_ context.Context, _ dedup.Key, id string, _ dedup.Terms) (dedup.Claim, error) {
	return dedup.Claim{ID: id}, dedup.ErrUnavailable
}

func (brokenStore) Settle(context.Context, dedup.Key, dedup.Claim, dedup.Outcome, dedup.Terms) error {
	return dedup.ErrUnavailable
}

func TestWithoutItsStoreEventsFlowAndAreCounted(t *testing.T) {
	t.Parallel()
	publisher := new(fakePublisher)
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	b := setupStored(t, githubSource, limits, publisher, zaptest.NewLogger(t), brokenStore{})
	b.accepted(t, github("{}"))
	b.accepted(t, github("{}"))
	require.Len(t, publisher.events(), 2)
	require.EqualValues(t, 4, b.count(t, "penstock.dedup.unavailable", "github"))
}

func TestOnlyWhatASenderIdentifiesIsDeduplicated(t *testing.T) {
	t.Parallel()
	for source, published := range map[string]int{
		"open: {open: true}":                                                           2,
		"open: {open: true, dedup: {window: 1h}}":                                      1,
		"open: {open: true, scheme: {alg: none}}":                                      2,
		"open: {open: true, scheme: {alg: none, id: 'json:id'}}":                       1,
		"open: {open: true, scheme: {alg: none, id: 'json:id'}, dedup: {window: off}}": 2,
	} {
		b := setup(t, "  "+source)
		for range 2 {
			require.Equal(t, http.StatusAccepted, b.accepted(t, request("open", `{"id":"a"}`)).Status)
		}
		require.Len(t, b.publisher.events(), published, source)
	}
}

func TestAnEventIDOfAnyLengthIsToldFromOthers(t *testing.T) {
	t.Parallel()
	b := setup(t, "  open: {open: true, scheme: {alg: none, id: 'json:id'}}")
	long := strings.Repeat("i", 300)
	first := b.accepted(t, request("open", `{"id":"`+long+`a"}`))
	other := b.accepted(t, request("open", `{"id":"`+long+`b"}`))
	require.NotEqual(t, first.EventID, other.EventID)
}

func TestARepetitionIsPublishedOnlyWhereTheEventIsMissing(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	done := []string{"penstock.archive", "penstock.route.a"}
	b.publisher.answer = func(context.Context) error { return &fanout.Incomplete{Done: done, Err: amqpx.ErrNacked} }
	require.Equal(t, "broker-refused", b.refused(t, github("{}")).Reason)
	b.publisher.answer = nil
	answer := b.accepted(t, github("{}"))
	got := b.publisher.events()
	require.Empty(t, got[0].Done)
	require.Equal(t, done, got[1].Done)
	require.Equal(t, got[0].event.ID, got[1].event.ID)
	require.Equal(t, got[1].event.ID, answer.EventID)
}
