package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/quarantine"
)

func TestARequestThatFailsVerificationRestsInTheQuarantine(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, strings.Replace(yaml, `"${SECRET}"]`, `"${SECRET}"], quarantine: true`, 1), func(s *app.Settings) {
		s.QuarantineMaxAge, s.QuarantineMaxBytes = "1D", "100MB"
	}).ready(t)
	forged, err := b.signed("github", `{"forged":true}`)
	require.NoError(t, err)
	forged.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("0", 64))
	require.Equal(t, http.StatusUnauthorized, b.send(forged, nil).status)

	consumer := amqpx.NewConsumer(amqpx.Config{URLs: []string{broker}}, zap.NewNop())
	t.Cleanup(func() {
		stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, consumer.Close(stop))
	})
	var found []*quarantine.Entry
	require.Eventually(t, func() bool {
		found = nil
		err := quarantine.Walk(t.Context(), consumer, time.Time{}, func(e *quarantine.Entry) error {
			found = append(found, e)
			return nil
		})
		return err == nil && len(found) == 1
	}, 2*waitFor, tick)
	require.Equal(t, "mismatch", found[0].Reason)
	require.JSONEq(t, `{"forged":true}`, string(found[0].Event.Body))
}
