package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// How long, at most, and how often a test looks whether something has happened.
const (
	waitFor = 30 * time.Second
	tick    = 20 * time.Millisecond
)

const secret = "It's a Secret to Everybody"

func env(string) (string, bool) { return secret, true }

// yaml is a configuration with one verified source and one route.
const yaml = `
sources:
  github: {provider: github, secrets: ["${SECRET}"]}
destinations:
  nowhere: {url: "https://nowhere.example"}
routes:
  pushes: {from: [github], types: ["push.#"], to: nowhere}
`

// bundle is a running gateway.
type bundle struct {
	*app.App
	config string // the path of its configuration
	client *http.Client
	stop   func() error // stops it and returns what Run returned
}

// setup runs a gateway with the configuration against the broker.
func setup(t *testing.T, broker, configuration string, change ...func(*app.Settings)) *bundle {
	t.Helper()
	path := filepath.Join(t.TempDir(), "penstock.yaml")
	require.NoError(t, os.WriteFile(path, []byte(configuration), 0o600))
	s := app.Settings{
		Process: settings.Process{
			Config: path, AdminListen: "127.0.0.1:0", LogLevel: "info", LogFormat: "json", ShutdownTimeout: 20 * time.Second,
		},
		AMQP: settings.AMQP{
			AMQPURLs: []string{broker}, Topology: "declare", Archive: true, ArchiveMaxAge: "1D", ArchiveMaxBytes: "1GB",
		},
		Settings:       httpapi.Settings{Listen: "127.0.0.1:0", TLSMode: httpapi.TLSOff},
		PublishTimeout: 5 * time.Second, MaxInFlight: 4096, DedupEvents: 1000,
	}
	for _, c := range change {
		c(&s)
	}
	a, err := app.New(t.Context(), s, env, zaptest.NewLogger(t, zaptest.Level(zap.FatalLevel)))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b := &bundle{App: a, config: path, client: &http.Client{Transport: transport, Timeout: waitFor}}
	b.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, b.stop())
	})
	return b
}

// ready waits until the gateway says that it can do its job.
func (b *bundle) ready(t *testing.T) *bundle {
	t.Helper()
	require.Eventually(t, func() bool { return b.admin("/readyz").status == http.StatusOK }, waitFor, tick)
	return b
}

// reply is a response that was read to its end; zero with an error.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (b *bundle) send(req *http.Request, err error) reply {
	if err != nil {
		return reply{err: err}
	}
	res, err := b.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(body), err}
}

// admin asks the admin listener.
func (b *bundle) admin(path string) reply {
	return b.send(http.NewRequestWithContext(context.Background(), http.MethodGet, fmt.Sprintf("http://%s%s", b.AdminAddr(), path), http.NoBody))
}

// post sends a correctly signed push to the source.
func (b *bundle) post(source, body string) reply { return b.send(b.signed(source, body)) }

// signed is a push as GitHub signs it.
func (b *bundle) signed(source, body string) (*http.Request, error) {
	url := fmt.Sprintf("http://%s/in/%s", b.Addr(), source)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	req.Header.Set("X-Github-Event", "push")
	req.Header.Set("X-Github-Delivery", uuid.NewString())
	return req, nil
}

// consume takes all messages of a queue as they come, until the test ends.
func consume(t *testing.T, broker, queue string) <-chan *amqpx.Delivery {
	t.Helper()
	consumer := amqpx.NewConsumer(amqpx.Config{URLs: []string{broker}}, zap.NewNop())
	got := make(chan *amqpx.Delivery, 100_000)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	subscriber := consumer.Subscribe(amqpx.Subscription{Queue: queue, Prefetch: 100, Handle: func(_ context.Context, d *amqpx.Delivery) {
		if d.Ack() == nil {
			got <- d
		}
	}})
	go func() { ended <- subscriber.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, consumer.Close(stop))
	})
	return got
}

// receive returns the next delivery.
func receive(t *testing.T, from <-chan *amqpx.Delivery) *amqpx.Delivery {
	t.Helper()
	select {
	case d := <-from:
		return d
	case <-time.After(waitFor):
		require.FailNow(t, "nothing was delivered")
		return nil
	}
}
