package app_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/app"
)

const trackedConfig = `
sources:
  shop: {open: true, scheme: {alg: none}}
destinations:
  billing: {url: "http://127.0.0.1:9/"}
routes:
  invoices: {from: [shop], types: ["#"], to: billing}
`

func TestTheTrackersAPIGivesBackThePayloadByteForByte(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	vhost, folder, log := amqptest.New(t), t.TempDir(), zaptest.NewLogger(t)
	broker := amqpx.Config{URLs: vhost.URLs}
	require.NoError(t, amqpx.Declare(ctx, broker, topology.Plan{Archive: true}.Topology()))
	var s app.TrackSettings
	require.NoError(t, settings.Load(&s))
	s.Config, s.StoreURL = filepath.Join(folder, "penstock.yaml"), "sqlite:"+filepath.Join(folder, "store.db")
	s.AMQPURLs, s.Listen, s.AdminListen, s.APIOpen = vhost.URLs, "127.0.0.1:0", "127.0.0.1:0", true
	require.NoError(t, os.WriteFile(s.Config, []byte(trackedConfig), 0o600))
	tracker, err := app.NewTracker(ctx, s, os.LookupEnv, log)
	require.NoError(t, err)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- tracker.Run(running) }()
	defer func() { stop(); require.NoError(t, <-done) }()

	body := make([]byte, 200_000)
	_, err = rand.Read(body)
	require.NoError(t, err)
	e := &event.Event{ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Body: body}
	m, err := event.Encode(e)
	require.NoError(t, err)
	publisher := amqpx.NewPublisher(broker, amqpx.PublisherOptions{}, log)
	defer func() { require.NoError(t, publisher.Close(ctx)) }()
	require.Eventually(t, func() bool {
		return routingtest.Archive(ctx, publisher, m) == nil
	}, patience, 10*time.Millisecond)

	address := "http://" + tracker.Addr().String() + "/api/v1/events/" + e.ID
	require.Eventually(t, func() bool { code, _ := fetch(ctx, address); return code == http.StatusOK }, patience, 20*time.Millisecond)
	code, got := fetch(ctx, address+"/payload")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, body, got)
	code, ready := fetch(ctx, "http://"+tracker.AdminAddr().String()+"/readyz")
	require.Equal(t, http.StatusOK, code, string(ready))
	_, metrics := fetch(ctx, "http://"+tracker.AdminAddr().String()+"/metrics")
	require.Contains(t, string(metrics), "penstock_tracker_active 1")
	require.Contains(t, string(metrics), "penstock_config_last_reload_success 1")
	require.Contains(t, string(metrics), `penstock_tracker_records_total{stream="penstock.archive"} 1`)
}

// fetch returns an answer's status and body, or zero when there is none.
func fetch(ctx context.Context, address string) (int, []byte) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, nil
	}
	return answer.StatusCode, body
}
