package ingest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "It's a Secret to Everybody"

// published is what a fake publisher was given.
type published struct {
	fanout.Event

	event    *event.Event
	deadline time.Time
}

// fakePublisher confirms everything, or fails with what answer returns.
type fakePublisher struct {
	mu     sync.Mutex
	got    []published
	answer func(ctx context.Context) error
}

func (f *fakePublisher) Publish(ctx context.Context, p fanout.Event) error {
	e, err := event.Decode(p.Message)
	if err != nil {
		return err
	}
	e.Body = append([]byte(nil), e.Body...) // the caller's again when Publish returns
	deadline, _ := ctx.Deadline()
	f.mu.Lock()
	f.got = append(f.got, published{p, e, deadline})
	f.mu.Unlock()
	if f.answer != nil {
		return f.answer(ctx)
	}
	return nil
}

func (f *fakePublisher) events() []published {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}

// bundle is a pipeline and what surrounds it.
type bundle struct {
	*ingest.Pipeline
	table     *ingest.Table
	publisher *fakePublisher
	limits    ingest.Limits
	reader    *sdkmetric.ManualReader
	keys      *auth.KeySets
	captured  *ingest.Captured
}

// setup returns a pipeline that serves the sources, written as in the configuration.
func setup(t *testing.T, sources string, change ...func(*ingest.Options)) *bundle {
	t.Helper()
	return setupWith(t, sources, ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}, change...)
}

func setupWith(t *testing.T, sources string, limits ingest.Limits, change ...func(*ingest.Options)) *bundle {
	t.Helper()
	publisher := new(fakePublisher)
	b := setupWhole(t, sources, limits, publisher, zaptest.NewLogger(t), change...)
	b.publisher = publisher
	return b
}

// setupFor returns a pipeline that publishes with p and logs nothing.
func setupFor(t testing.TB, sources string, p ingest.Publisher) *bundle {
	t.Helper()
	limits := ingest.Limits{Requests: ingest.NewBudget(100), Bytes: ingest.NewBudget(64 << 20)}
	return setupWhole(t, sources, limits, p, zap.NewNop())
}

func setupWhole(t testing.TB, sources string, limits ingest.Limits, p ingest.Publisher, log *zap.Logger, change ...func(*ingest.Options)) *bundle {
	t.Helper()
	memory, err := dedup.NewMemory(1000)
	require.NoError(t, err)
	return setupStored(t, sources, limits, p, log, memory, change...)
}

func setupStored(t testing.TB, sources string, limits ingest.Limits, p ingest.Publisher, log *zap.Logger, store ingest.Store, change ...func(*ingest.Options)) *bundle {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	metrics, err := ingest.NewMetrics(meters.Meter("test"), limits)
	require.NoError(t, err)
	b := &bundle{table: new(ingest.Table), limits: limits, reader: reader, keys: auth.NewKeySets(t.Context(), auth.KeySetOptions{})}
	b.captured = ingest.NewCaptured(log)
	b.load(t, sources)
	o := ingest.Options{
		Table: b.table, Publisher: p, Dedup: store, Suspects: ingest.NewSuspects(60), Captured: b.captured, Limits: limits, Metrics: metrics, Log: log, Timeout: 5 * time.Second,
	}
	for _, c := range change {
		c(&o)
	}
	b.Pipeline = ingest.NewPipeline(o)
	return b
}

// load replaces the sources.
func (b *bundle) load(t testing.TB, sources string) {
	t.Helper()
	yaml := "sources:\n" + sources + `
destinations: {nowhere: {url: "https://nowhere.example"}}
routes: {all: {from: [first], to: nowhere}}
`
	name, _, _ := strings.Cut(strings.TrimSpace(sources), ":")
	yaml = strings.Replace(yaml, "[first]", "["+name+"]", 1)
	cfg, err := config.Parse("test.yaml", []byte(yaml), func(string) (string, bool) { return secret, true }, config.Sources)
	require.NoError(t, err)
	compiled, err := ingest.Compile(t.Context(), cfg, b.keys, b.table.Sources())
	require.NoError(t, err)
	b.table.Replace(compiled)
}

// request returns a POST to the source, from an address for documentation.
func request(source, body string, headers ...string) *ingest.Request {
	h := httptest.NewRequest(http.MethodPost, "https://hooks.example/in/"+source, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		h.Header.Add(headers[i], headers[i+1])
	}
	return &ingest.Request{Name: source, HTTP: h, Remote: netip.MustParseAddr("203.0.113.7"), Arrived: time.Now()}
}

// github returns a correctly signed request.
func github(body string, headers ...string) *ingest.Request {
	headers = append(headers, "X-GitHub-Event", "push", "X-GitHub-Delivery", "d-1", "X-Hub-Signature-256", sign(body))
	return request("github", body, headers...)
}

func sign(body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// refused serves the request and returns the refusal that must come of it.
func (b *bundle) refused(t *testing.T, r *ingest.Request) *ingest.Refusal {
	t.Helper()
	answer, err := b.Serve(t.Context(), r)
	require.Nil(t, answer)
	var refusal *ingest.Refusal
	require.ErrorAs(t, err, &refusal)
	return refusal
}

// accepted serves the request and returns the answer that must come of it.
func (b *bundle) accepted(t *testing.T, r *ingest.Request) *ingest.Answer {
	t.Helper()
	answer, err := b.Serve(t.Context(), r)
	require.NoError(t, err)
	require.NotEmpty(t, answer.EventID)
	return answer
}

// count returns a counter's value for the labels, written "source/reason".
func (b *bundle) count(t *testing.T, name, labels string) int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, b.reader.Collect(t.Context(), &all))
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name != name {
				continue
			}
			for _, point := range sum.DataPoints {
				source, _ := point.Attributes.Value("source")
				reason, _ := point.Attributes.Value("reason")
				if strings.TrimSuffix(source.AsString()+"/"+reason.AsString(), "/") == labels {
					return point.Value
				}
			}
		}
	}
	return 0
}
