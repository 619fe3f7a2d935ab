package deliver_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// received is a request as the destination sees it.
type received struct {
	*http.Request
	body []byte
}

// deliverOne delivers e to the destination that change has changed, and returns
// what arrived.
func deliverOne(t *testing.T, e *event.Event, change func(*config.Destination)) received {
	t.Helper()
	got := make(chan received, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		got <- received{r, body}
	}))
	t.Cleanup(server.Close)
	d := settings(server.URL + "/hooks?key=1")
	if change != nil {
		change(d)
	}
	require.NoError(t, handle(t, destination(t, d), e))
	return <-got
}

func TestARequestCarriesTheBodyAndTheProvidersFieldsAsTheyCame(t *testing.T) {
	t.Parallel()
	e := sample()
	r := deliverOne(t, e, nil)
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, "/hooks?key=1", r.RequestURI)
	require.Equal(t, e.Body, r.body)
	require.EqualValues(t, len(e.Body), r.ContentLength)
	require.Equal(t, "application/json; charset=utf-8", r.Header.Get("Content-Type"))
	require.Equal(t, "sha256=abc", r.Header.Get("X-Hub-Signature-256"))
	require.Equal(t, []string{"one", "two"}, r.Header.Values("X-Many"))
	require.Equal(t, "GitHub-Hookshot/1", r.Header.Get("User-Agent"))
	require.Empty(t, r.Header.Values("Idempotency-Key"))
	require.Empty(t, r.Header.Values("Accept-Encoding"))
}

func TestARequestSaysThatItIsAReplay(t *testing.T) {
	t.Parallel()
	e := sample()
	require.Empty(t, deliverOne(t, e, nil).Header.Values("Penstock-Replay"))
	e.Replay.ID = "r1"
	require.Equal(t, "r1", deliverOne(t, e, nil).Header.Get("Penstock-Replay"))
}

func TestARequestSaysWhichEventItIs(t *testing.T) {
	t.Parallel()
	r := deliverOne(t, sample(), nil)
	require.Equal(t, "0191f0c2-7b3a-7cc0-8000-000000000001", r.Header.Get("Penstock-Event-Id"))
	require.Equal(t, "3", r.Header.Get("Penstock-Attempt"))
	require.Equal(t, "shop", r.Header.Get("Penstock-Source"))
	require.Equal(t, "order.paid", r.Header.Get("Penstock-Event-Type"))
}

func TestWhatIsNotTheDestinationsBusinessStaysBehind(t *testing.T) {
	t.Parallel()
	e := sample()
	names := []string{
		"Authorization", "Proxy-Authorization", "x-api-key", "Keep-Alive", "TE", "Upgrade", "X-Once", "Forwarded",
		"X-Forwarded-For", "Via", "Penstock-Event-Source", "penstock-anything", "Traceparent", "Expect", "Trailer",
	}
	for _, name := range names {
		e.Request.Header = append(e.Request.Header, event.Field{Name: name, Value: "from outside"})
	}
	e.Request.Header = append(e.Request.Header,
		event.Field{Name: "Connection", Value: "close, X-Once"},
		event.Field{Name: "Host", Value: "elsewhere.example"},
		event.Field{Name: "Content-Length", Value: "7"},
		event.Field{Name: "bad name", Value: "x"},
		event.Field{Name: "X-Bad-Value", Value: "a\nb"})
	r := deliverOne(t, e, nil)
	for _, name := range append(names, "Connection", "X-Bad-Value") {
		require.Empty(t, r.Header.Values(name), name)
	}
	require.NotEqual(t, "elsewhere.example", r.Host)
	require.Equal(t, e.Body, r.body)
}

func TestTheConfiguredFieldsReplaceTheProviders(t *testing.T) {
	t.Parallel()
	r := deliverOne(t, sample(), func(d *config.Destination) {
		d.Headers = map[string]config.Secret{
			"authorization": config.NewSecret("Bearer t0ken"),
			"X-Many":        config.NewSecret("three"),
			"Host":          config.NewSecret("billing.internal"),
		}
	})
	require.Equal(t, "Bearer t0ken", r.Header.Get("Authorization"))
	require.Equal(t, []string{"three"}, r.Header.Values("X-Many"))
	require.Equal(t, "billing.internal", r.Host)
}

func TestTheTraceGoesOn(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	d := receiver(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header })
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := propagation.TraceContext{}.Extract(context.WithoutCancel(t.Context()), propagation.MapCarrier{"traceparent": parent, "tracestate": "a=b"})
	require.NoError(t, d.Handle(ctx, sample()))
	h := <-got
	require.Equal(t, parent, h.Get("Traceparent"))
	require.Equal(t, "a=b", h.Get("Tracestate"))
}

func TestARequestWithoutAUserAgentGetsOurs(t *testing.T) {
	t.Parallel()
	e := sample()
	e.Request.Header = nil
	require.Contains(t, deliverOne(t, e, nil).UserAgent(), "Penstock/")
}

// CGI, WSGI, Rack and PHP take both names for the same field.
func TestNoFieldCanBeTakenForAnotherOne(t *testing.T) {
	t.Parallel()
	e := sample()
	disguised := []string{
		"Penstock_Source", "penstock.event.id", "X_Forwarded_For", "X_Api_Key", "Proxy_Authorization", "Webhook_Signature", "Original_Webhook_Id",
		"X_Hub_Signature_256", "X_Environment", "User_Agent", "Content_Type", "traceparent",
	}
	for _, name := range append(disguised, "Own_name", "Wm_sec.signature") {
		e.Request.Header = append(e.Request.Header, event.Field{Name: name, Value: "from outside"})
	}
	r := deliverOne(t, e, func(d *config.Destination) {
		d.Headers = map[string]config.Secret{"X-Environment": config.NewSecret("production")}
		d.Signing = &config.Signing{Secrets: []config.Secret{config.NewSecret("whsec_c2VjcmV0")}}
	})
	for name, values := range r.Header {
		if name != "Own_name" && name != "Wm_sec.signature" {
			require.NotContains(t, values, "from outside", name)
		}
	}
	require.Equal(t, "from outside", r.Header.Get("Own_name"))
	require.Equal(t, "from outside", r.Header.Get("Wm_sec.signature"))
	require.Equal(t, "production", r.Header.Get("X-Environment"))
}

// tokenSender adds what a source's scheme would.
type tokenSender struct{ header, query string }

func (s tokenSender) WriteCredential(r *signature.Request) error {
	r.Header.Set("X-Api-Key", s.header)
	r.RawQuery += "&token=" + s.query
	return nil
}

func TestASecretIsForwardedOnlyWhereTheDestinationWantsIt(t *testing.T) {
	t.Parallel()
	for _, wants := range []bool{false, true} {
		got := make(chan *http.Request, 1)
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r }))
		t.Cleanup(server.Close)
		d := settings(server.URL + "/hooks?key=1")
		d.ForwardCredentials = wants
		senders := sendersOf("X-Api-Key")
		shop := senders["shop"]
		shop.Secret = tokenSender{"current", "current"}
		senders["shop"] = shop
		to, err := deliver.New(d, deliver.Options{Senders: senders})
		require.NoError(t, err)
		t.Cleanup(to.Close)
		e := sample()
		e.Request.Header = append(e.Request.Header, event.Field{Name: "X-Api-Key", Value: "old"})
		require.NoError(t, handle(t, to, e))
		r := <-got
		if wants {
			require.Equal(t, []string{"current"}, r.Header.Values("X-Api-Key"))
			require.Equal(t, "/hooks?key=1&token=current", r.RequestURI)
		} else {
			require.Empty(t, r.Header.Values("X-Api-Key"))
			require.Equal(t, "/hooks?key=1", r.RequestURI)
		}
	}
}
