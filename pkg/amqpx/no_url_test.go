package amqpx_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestAPublisherWithoutAnyURLSaysSoAndLives(t *testing.T) {
	t.Parallel()
	p := amqpx.NewPublisher(amqpx.Config{}, amqpx.PublisherOptions{}, zap.NewNop())
	t.Cleanup(func() { require.NoError(t, p.Close(context.Background())) })
	require.Eventually(t, func() bool {
		err := p.Ready()
		return err != nil && strings.Contains(err.Error(), "no AMQP URL")
	}, 10*time.Second, 10*time.Millisecond)
}
