package relay_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/cli/internal/relay"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/credential"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample() *trackerclient.RelayedEvent {
	latin := []byte("caf\xe9")
	return &trackerclient.RelayedEvent{
		Id: "e1", Source: "shop", Type: "order.paid", Body: []byte("{\"a\":1}\n"),
		Request: trackerclient.Request{Method: "POST", Path: "/in/shop", Headers: []trackerclient.Header{
			{Name: "X-Signature", Value: "v1=abc,v1=def"}, {Name: "X-Signature", Value: "v2=x"}, {Name: "x-latin", Value: "caf\uFFFD", Bytes: &latin},
			{Name: "Connection", Value: "close, X-Hop"}, {Name: "X-Hop", Value: "1"}, {Name: "Host", Value: "gateway"},
			{Name: "Penstock-Event-Id", Value: "forged"}, {Name: "X-Forwarded-For", Value: "203.0.113.9"},
			{Name: "X-Gitlab-Token", Value: credential.Redacted}, {Name: "Content-Type", Value: "application/json"},
		}},
	}
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

func targets(t *testing.T, texts ...string) []relay.Target {
	t.Helper()
	all, err := relay.ParseTargets(texts)
	require.NoError(t, err)
	return all
}

func TestARequestIsTheSenders(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	var body []byte
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		got <- r.Header
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(app.Close)
	f := relay.Forwarder{Client: client(), Targets: targets(t, app.URL, "other="+app.URL), Header: http.Header{"X-Extra": {"1"}}}
	results, err := f.Forward(t.Context(), sample())
	require.NoError(t, err)
	require.Len(t, results, 1, "the second target is for another source")
	require.Equal(t, http.StatusTeapot, results[0].Status)
	h := <-got
	require.Equal(t, sample().Body, body)
	require.Equal(t, []string{"v1=abc,v1=def", "v2=x"}, h.Values("X-Signature"))
	require.Equal(t, "caf\xe9", h.Get("X-Latin"))
	require.Equal(t, []string{"e1"}, h.Values("Penstock-Event-Id"))
	require.Equal(t, "1", h.Get("X-Extra"))
	for _, name := range []string{"X-Hop", "X-Forwarded-For", "X-Gitlab-Token"} {
		require.Empty(t, h.Values(name), name)
	}
}

func TestAnApplicationThatDoesNotListenIsWaitedFor(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	app := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ReadHeaderTimeout: time.Minute}
	t.Cleanup(func() { require.NoError(t, app.Close()) })
	f := relay.Forwarder{Client: client(), Targets: targets(t, address), Waiting: func(relay.Target, error) {
		l, err := new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", address)
		if err == nil {
			go func() { _ = app.Serve(l) }()
		}
	}}
	results, err := f.Forward(t.Context(), sample())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, results[0].Status)
}

func TestAnApplicationThatAlwaysBreaksOffIsPassedOver(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(app.Close)
	f := relay.Forwarder{Client: client(), Targets: targets(t, app.URL)}
	results, err := f.Forward(t.Context(), sample())
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	require.GreaterOrEqual(t, calls.Load(), int32(3))
}

func TestTargetsAreURLsOrOfASource(t *testing.T) {
	t.Parallel()
	all := targets(t, "localhost:3000/hooks?a=b", "stripe=https://app.test/x", "http://h/?x=y")
	require.Equal(t, "http://localhost:3000/hooks?a=b", all[0].URL.String())
	require.Equal(t, "stripe", all[1].Source)
	require.Empty(t, all[2].Source)
	for _, wrong := range []string{"", "ftp://x", "http://", "stripe="} {
		_, err := relay.ParseTargets([]string{wrong})
		require.Error(t, err, wrong)
	}
}

func TestACursorIsKept(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a", "b")
	c := relay.CursorOf(folder, "http://tracker", "stripe")
	require.NotEqual(t, c, relay.CursorOf(folder, "http://tracker", "github"))
	place, err := c.Load()
	require.NoError(t, err)
	require.Empty(t, place)
	require.NoError(t, c.Save("7.id"))
	require.NoError(t, c.Save("8.id"))
	place, err = relay.CursorOf(folder, "http://tracker", "stripe").Load()
	require.NoError(t, err)
	require.Equal(t, "8.id", place)
}

func TestAScreenSelectsAndPauses(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := relay.NewScreen(&out, terminal.Style{})
	require.Nil(t, s.Press(relay.KeyResend), "nothing is selected")
	target := targets(t, "http://localhost:3000/")[0]
	for _, id := range []string{"e1", "e2", "e3"} {
		e := sample()
		e.Id = id
		s.Add(e, relay.Result{Target: target, Status: 200, Took: 5 * time.Millisecond}, time.Unix(0, 0))
	}
	require.Equal(t, "e3", s.Press(relay.KeyShow).Id, "the last one")
	s.Press(relay.KeyUp)
	s.Press(relay.KeyUp)
	s.Press(relay.KeyUp)
	require.Equal(t, "e1", s.Press(relay.KeyResend).Id)
	s.Press(relay.KeyDown)
	require.Equal(t, "e2", s.Press(relay.KeyOpen).Id)
	require.Equal(t, 3, strings.Count(out.String(), "200  5 ms  order.paid from shop"))
	require.NotContains(t, strings.ReplaceAll(out.String(), "\r\n", ""), "\n", "a raw terminal needs a carriage return")

	s.Press(relay.KeyPause)
	require.Contains(t, out.String(), "PAUSED")
	waited := make(chan struct{})
	go func() { s.Wait(t.Context()); close(waited) }()
	select {
	case <-waited:
		require.Fail(t, "it goes on while it is paused")
	default:
	}
	s.Press(relay.KeyPause)
	<-waited
}

func TestKeysAreReadAsTheyCome(t *testing.T) {
	t.Parallel()
	var keys []relay.Key
	relay.ReadKeys(strings.NewReader("r\x1b[A\x1b[Bpq after"), func(k relay.Key) bool {
		keys = append(keys, k)
		return k != relay.KeyQuit
	})
	require.Equal(t, []relay.Key{relay.KeyResend, relay.KeyUp, relay.KeyDown, relay.KeyPause, relay.KeyQuit}, keys)
}
