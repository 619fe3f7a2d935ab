//go:build load

package app_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go" //nolint:depguard // the yardstick does without our layer
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/topology"
)

// consumeNaively is the worker that one writes in an hour: it posts what it gets, and
// acknowledges it. It keeps no records, signs nothing, and knows no retry. The function that
// it returns ends it.
func (w *world) consumeNaively(t *testing.T, url string, concurrency int) (stop func()) {
	t.Helper()
	connection, err := amqp.Dial(w.vhost.URL)
	require.NoError(t, err)
	channel, err := connection.Channel()
	require.NoError(t, err)
	require.NoError(t, channel.Qos(2*concurrency, 0, false))
	deliveries, err := channel.Consume(topology.RouteQueue("orders"), "", false, false, false, false, nil)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
	var all sync.WaitGroup
	for range concurrency {
		all.Go(func() {
			for d := range deliveries {
				if err := post(client, url, &d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	return func() {
		_ = connection.Close()
		all.Wait()
		client.CloseIdleConnections()
	}
}

func post(client *http.Client, url string, d *amqp.Delivery) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(d.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Penstock-Event-Id", d.MessageId)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return d.Ack(false)
}
