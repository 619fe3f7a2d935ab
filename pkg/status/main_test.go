package status_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a record with every field set.
func sample() status.Record {
	at := time.UnixMilli(1764000000123).UTC()
	return status.Record{
		Kind: status.Dead, Event: "0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f", Source: "github", Type: "push", Route: "ci",
		Attempt: 15, ReceivedAt: at, At: at.Add(time.Hour), Reason: fault.ReasonMaxAttempts, LastReason: fault.ReasonServerError,
		HTTPStatus: 503, Answer: []byte("busy"), AnswerCut: true, Error: "destination answered 503",
		Fields: status.Fields{"Server": "nginx"}, Took: 12 * time.Millisecond, NextAt: at.Add(2 * time.Hour), Replay: "r1", By: "ops",
	}
}

// stream is a publisher that keeps what it is given.
type stream struct {
	mu       sync.Mutex
	batches  [][]status.Record
	answer   error
	entered  chan struct{} // gets a value for each publish
	released chan struct{} // when not nil, a publish waits for it
}

func newStream() *stream { return &stream{entered: make(chan struct{}, 1000)} }

func (s *stream) Publish(ctx context.Context, p amqpx.Publication) error {
	s.entered <- struct{}{}
	if s.released != nil {
		select {
		case <-s.released:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	records, err := status.Decode(p.Message)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer == nil {
		s.batches = append(s.batches, records)
	}
	return s.answer
}

// refuse makes it answer with err; nil makes it take what comes.
func (s *stream) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = err
}

func (s *stream) published() [][]status.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}
