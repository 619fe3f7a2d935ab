package consume_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// journal is a Recorder that notes what had happened to the event when it was told.
type journal struct {
	*bundle

	records []status.Record
	early   []bool // whether nothing had been published or settled
	answer  func(try int) error
	tries   int
	down    error
}

func (j *journal) Emit(ctx context.Context, records ...status.Record) error {
	j.tries++
	if j.answer != nil {
		if err := j.answer(j.tries); err != nil {
			return err
		}
	}
	j.records = append(j.records, records...)
	j.early = append(j.early, len(j.broker.published) == 0 && len(j.delivery.settled) == 0)
	return ctx.Err()
}

func (j *journal) Ready() error { return j.down }

func setupJournal(t *testing.T, h consume.HandlerFunc) *journal {
	t.Helper()
	j := &journal{bundle: setup(t, h)}
	j.options.Recorder = j
	return j
}

func TestEveryOutcomeIsRecordedBeforeAnythingElseHappensToTheEvent(t *testing.T) {
	t.Parallel()
	answer := consume.Answer{Status: 502, Body: []byte("try later")}
	failing := func(err error) consume.HandlerFunc {
		return func(ctx context.Context, _ *event.Event) error {
			consume.Answered(ctx, answer)
			return err
		}
	}
	serverError := fault.Because(fault.ReasonServerError, errDown)
	said := status.Record{Attempt: 1, HTTPStatus: 502, Answer: answer.Body}
	tests := map[string]struct {
		handler consume.HandlerFunc
		change  func(*bundle)
		want    status.Record
		settled string
	}{
		"delivered": {failing(nil), nil, with(said, status.Delivered, "", ""), "ack"},
		"filtered": {failing(nil), func(b *bundle) {
			b.options.Filter = func(context.Context, *event.Event) (bool, error) { return false, nil }
		}, status.Record{Kind: status.Filtered}, "ack"},
		"retrying":  {failing(serverError), nil, with(said, status.Retrying, fault.ReasonServerError, ""), "ack"},
		"postponed": {returning(consume.ErrPostpone), nil, status.Record{Kind: status.Postponed}, "ack"},
		"refused":   {failing(fault.Permanent(serverError)), nil, with(said, status.Dead, fault.ReasonServerError, ""), "ack"},
		"used up": {failing(serverError), func(b *bundle) { b.options.Retry.MaxAttempts = 1 },
			with(said, status.Dead, fault.ReasonMaxAttempts, fault.ReasonServerError), "ack"},
		"malformed": {failing(nil), func(b *bundle) { b.message.ContentEncoding = "zip" },
			status.Record{Kind: status.Dead, Reason: fault.ReasonMalformed}, "ack"},
		"panicked": {func(context.Context, *event.Event) error { panic("no") }, nil,
			status.Record{Kind: status.Retrying, Attempt: 1, Reason: fault.ReasonPanic}, "ack"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := setupJournal(t, tt.handler)
			if tt.change != nil {
				tt.change(j.bundle)
			}
			j.process(t)
			require.Equal(t, []string{tt.settled}, j.delivery.settled)
			require.Equal(t, []bool{true}, j.early, "recorded once, and first")
			got := j.records[0]
			require.Equal(t, j.message.ID, got.Event)
			require.Equal(t, "shop/order.paid/orders", got.Source+"/"+got.Type+"/"+got.Route)
			require.Equal(t, j.message.Int(event.HeaderReceivedAt), got.ReceivedAt.UnixMilli())
			require.WithinDuration(t, time.Now(), got.At, time.Minute)
			require.Equal(t, got.Kind == status.Retrying || got.Kind == status.Postponed, got.NextAt.After(got.At))
			got = status.Record{Kind: got.Kind, Attempt: got.Attempt, Reason: got.Reason, LastReason: got.LastReason, HTTPStatus: got.HTTPStatus, Answer: got.Answer}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestTheRecordsOfAReplayedEventNameTheReplay(t *testing.T) {
	t.Parallel()
	j := setupJournal(t, returning(nil))
	j.message.Headers[event.HeaderReplay] = "r1"
	j.process(t)
	require.Equal(t, "r1", j.records[0].Replay)
}

func with(r status.Record, kind status.Kind, reason, last fault.Reason) status.Record {
	r.Kind, r.Reason, r.LastReason = kind, reason, last
	return r
}

func TestWhatWasHandedBackUntriedIsNotRecorded(t *testing.T) {
	t.Parallel()
	j := setupJournal(t, returning(consume.ErrHandBack))
	j.process(t)
	require.Empty(t, j.records)
}

func TestAnEventWhoseRecordIsNotConfirmedGoesBackAndIsNotPublished(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"delivered": nil, "retrying": errDown, "dead": fault.Permanent(errDown)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := setupJournal(t, returning(err))
			j.answer = func(int) error { return status.ErrNotConfirmed }
			r := j.route(t)
			r.Hurry(150*time.Millisecond, time.Second)
			r.Process(t.Context(), j.delivery, j.message, 0)
			require.Equal(t, []string{"release"}, j.delivery.settled)
			require.Empty(t, j.broker.published)
			require.Greater(t, j.tries, 1)
		})
	}
}

func TestARecordIsTriedAgain(t *testing.T) {
	t.Parallel()
	j := setupJournal(t, returning(nil))
	j.answer = func(try int) error {
		if try < 3 {
			return status.ErrNotConfirmed
		}
		return nil
	}
	j.process(t)
	require.Equal(t, []string{"ack"}, j.delivery.settled)
	require.Len(t, j.records, 1)
}

func TestAMessageWithoutAnIDIsADeadLetterThoughItCannotBeRecorded(t *testing.T) {
	t.Parallel()
	j := setupJournal(t, returning(fault.Permanent(errDown)))
	j.message.ID = ""
	j.process(t)
	require.Empty(t, j.records)
	require.Equal(t, topology.Dead, j.only(t).Exchange)
}

func TestAnAnswerOutsideOfAnAttemptIsIgnored(t *testing.T) {
	t.Parallel()
	require.NotPanics(t, func() { consume.Answered(t.Context(), consume.Answer{Status: 200}) })
}

func TestARouteThatCannotRecordConsumesNothing(t *testing.T) {
	t.Parallel()
	j := setupJournal(t, returning(nil))
	j.down = errors.New("no quorum")
	require.Equal(t, "hold", running(t, j.bundle).next(t))
}
