package httpapi_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/gateway/internal/dedup"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/auth"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipeline is a function that works as one.
type pipeline func(ctx context.Context, r *ingest.Request) (*ingest.Answer, error)

func (p pipeline) Serve(ctx context.Context, r *ingest.Request) (*ingest.Answer, error) {
	return p(ctx, r)
}

// accept answers everything 202.
func accept(context.Context, *ingest.Request) (*ingest.Answer, error) {
	return &ingest.Answer{Status: http.StatusAccepted, ContentType: "application/json", Body: []byte("{}"), EventID: "e-1"}, nil
}

// bundle is a running server and a client of it.
type bundle struct {
	*httpapi.Server
	client *http.Client
	base   string
}

// option changes what setup starts.
type option func(*httpapi.Options)

func clearText(o *httpapi.Options) { o.Settings.TLSMode = httpapi.TLSOff }

// quick gives up on slow senders soon, but not so soon that a busy machine is one.
func quick(o *httpapi.Options) {
	o.Timeouts = httpapi.Timeouts{Header: 3 * time.Second, Read: 5 * time.Second, Write: 20 * time.Second, Idle: 5 * time.Second}
}

func tracers(t trace.TracerProvider) option { return func(o *httpapi.Options) { o.Tracers = t } }

// setup serves with p on a free port, over TLS with a certificate of its own.
func setup(t testing.TB, p httpapi.Pipeline, options ...option) *bundle {
	t.Helper()
	o := httpapi.Options{
		Settings: httpapi.Settings{Listen: "127.0.0.1:0", TLSMode: httpapi.TLSSelfSigned},
		Pipeline: p,
		Tracers:  tracenoop.NewTracerProvider(),
		Timeouts: httpapi.TimeoutsFor(time.Second),
		Log:      zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)),
	}
	for _, change := range options {
		change(&o)
	}
	require.NoError(t, o.Settings.Validate())
	server, err := httpapi.Start(t.Context(), o)
	require.NoError(t, err)
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2: true,
	}
	scheme := "https://"
	if o.Settings.TLSMode == httpapi.TLSOff {
		scheme = "http://"
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Close(ctx))
	})
	return &bundle{server, &http.Client{Transport: transport, Timeout: time.Minute}, scheme + server.Addr().String()}
}

// publisher is a fake that confirms everything, counts, and keeps the last message.
type publisher struct {
	confirmed atomic.Int64
	last      atomic.Pointer[event.Message]
}

func (p *publisher) Publish(_ context.Context, published fanout.Event) error {
	p.confirmed.Add(1)
	p.last.Store(published.Message)
	return nil
}

// sources serves the real pipeline for sources written as in the configuration.
func sources(t testing.TB, yaml string) (*ingest.Pipeline, *publisher) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimSpace(yaml), ":")
	yaml = "sources:\n  " + yaml + "\ndestinations: {d: {url: 'https://d.example'}}\nroutes: {r: {from: [" + name + "], to: d}}\n"
	cfg, err := config.Parse("test.yaml", []byte(yaml), func(string) (string, bool) { return "secret", true }, config.Sources)
	require.NoError(t, err)
	compiled, err := ingest.Compile(t.Context(), cfg, auth.NewKeySets(t.Context(), auth.KeySetOptions{}), nil)
	require.NoError(t, err)
	var table ingest.Table
	table.Replace(compiled)
	limits := ingest.Limits{Requests: ingest.NewBudget(4096), Bytes: ingest.NewBudget(256 << 20)}
	metrics, err := ingest.NewMetrics(metricnoop.Meter{}, limits)
	require.NoError(t, err)
	store, err := dedup.NewMemory(1024)
	require.NoError(t, err)
	p := &publisher{}
	return ingest.NewPipeline(ingest.Options{
		Table: &table, Publisher: p, Dedup: store, Suspects: ingest.NewSuspects(0), Captured: ingest.NewCaptured(zap.NewNop()), Limits: limits, Metrics: metrics, Log: zap.NewNop(), Timeout: time.Second,
	}), p
}

// reply is a response that was read to its end.
type reply struct {
	status int
	proto  string
	header http.Header
	body   string
	last   bool // the server closes the connection
}

func read(t testing.TB, res *http.Response) reply {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, res.Proto, res.Header, string(body), res.Close}
}

// do sends a request and returns the reply to it.
func (b *bundle) do(t testing.TB, method, path string, body io.Reader, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.base+path, body)
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := b.client.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	return read(t, res)
}

// post sends an event and returns the status of the reply. Unlike do, it can be
// called by any goroutine.
func (b *bundle) post(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/in/open", strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// dial opens a bare connection to a server without TLS.
func (b *bundle) dial(t testing.TB) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", b.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	return conn
}

// raw sends bytes and returns the reply to them.
func (b *bundle) raw(t testing.TB, text string) reply {
	t.Helper()
	conn := b.dial(t)
	_, err := io.WriteString(conn, text)
	require.NoError(t, err)
	return next(t, bufio.NewReader(conn))
}

// next returns the reply that comes next on a bare connection.
func next(t testing.TB, r *bufio.Reader) reply {
	t.Helper()
	res, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	return read(t, res)
}

// requireProblem checks that the reply is the problem of the kind.
func requireProblem(t testing.TB, kind ingest.Kind, r reply) {
	t.Helper()
	want, known := httpapi.Problems()[kind]
	require.True(t, known, kind)
	require.Equal(t, want.Status, r.status)
	require.Equal(t, "application/problem+json", r.header.Get("Content-Type"))
	var got httpapi.Problem
	require.NoError(t, json.Unmarshal([]byte(r.body), &got), r.body)
	if got.Limit > 0 {
		want.Limit, want.Detail = got.Limit, got.Detail
	}
	require.Equal(t, want, got)
	_, err := url.ParseRequestURI(got.Type)
	require.NoError(t, err)
}

// refuses reports whether the server takes no more connections.
func (b *bundle) refuses(t testing.TB) bool {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", b.Addr().String())
	if err != nil {
		return true
	}
	require.NoError(t, conn.Close())
	return false
}

// quietLog is for tests that cause errors on purpose.
func quietLog(o *httpapi.Options) { o.Log = zap.NewNop() }
