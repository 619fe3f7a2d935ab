package deliver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
	"github.com/penstock/penstock/worker/internal/deliver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings is a destination with short limits that leads to url.
func settings(url string) *config.Destination {
	return &config.Destination{
		Name: "billing", URL: url, Timeout: config.Duration(5 * time.Second), Concurrency: 4, AllowPrivate: true,
	}
}

// destination makes the destination that d describes.
func destination(tb testing.TB, d *config.Destination) *deliver.Destination {
	tb.Helper()
	out, err := deliver.New(d, deliver.Options{Senders: sendersOf("X-Api-Key")})
	require.NoError(tb, err)
	tb.Cleanup(out.Close)
	return out
}

// sendersOf says that events of the shop have a credential in that field.
func sendersOf(field string) map[string]deliver.Sender {
	return map[string]deliver.Sender{"shop": {Credentials: credential.Places{List: []signature.Place{{Kind: signature.InHeader, Name: field}}}}}
}

// receiver starts a server that answers with h, and a destination that leads to it.
func receiver(tb testing.TB, h http.HandlerFunc) *deliver.Destination {
	tb.Helper()
	server := httptest.NewServer(h)
	tb.Cleanup(server.Close)
	return destination(tb, settings(server.URL+"/hooks"))
}

// sample is an event as GitHub might send it.
func sample() *event.Event {
	return &event.Event{
		ID: "0191f0c2-7b3a-7cc0-8000-000000000001", Source: "shop", Type: "order.paid", Attempt: 3, ReceivedAt: time.Now(),
		Request: event.Request{Method: http.MethodPost, Path: "/in/shop", Query: "token=in-the-query", Header: []event.Field{
			{Name: "Content-Type", Value: "application/json; charset=utf-8"},
			{Name: "X-Hub-Signature-256", Value: "sha256=abc"},
			{Name: "X-Many", Value: "one"}, {Name: "x-many", Value: "two"},
			{Name: "User-Agent", Value: "GitHub-Hookshot/1"},
		}},
		Body: []byte("{\"amount\": 7}\r\n\x00\xff"),
	}
}

func handle(tb testing.TB, d *deliver.Destination, e *event.Event) error {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	return d.Handle(ctx, e)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
