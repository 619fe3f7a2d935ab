package amqpx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
)

func TestAChannelGoesOnBeforeALateConfirm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", map[string]any{"x-queue-type": "quorum"})
	proxy := amqptest.NewProxy(t, b.URLs[0])
	proxy.DelayConfirms(3 * time.Second)
	goesOn, answered := make(chan time.Time, 1), make(chan time.Time, 1)
	go func() {
		err := amqpx.PublishAlone(t.Context(), amqpx.Config{URLs: []string{proxy.URL}, Name: "alone"},
			amqpx.Publication{Key: "work", Message: &event.Message{ID: "1", Body: []byte("{}")}}, func() { goesOn <- time.Now() })
		if err == nil {
			answered <- time.Now()
		}
	}()
	require.Greater(t, (<-answered).Sub(<-goesOn), time.Second)
}
