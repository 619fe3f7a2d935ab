package app_test

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/penstock/penstock/gateway/internal/app"
	"github.com/penstock/penstock/gateway/internal/httpapi"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

func TestAnAcceptedEventIsInItsRoutesQueue(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, yaml).ready(t)
	queue := consume(t, broker, topology.RouteQueue("pushes"))
	for _, body := range []string{`{"n":1}`, "", strings.Repeat("a long body ", 100_000)} {
		r := b.post("github", body)
		require.Equal(t, http.StatusOK, r.status, r.body)
		got := receive(t, queue)
		e, err := event.Decode(got.Message)
		require.NoError(t, err)
		require.Equal(t, r.header.Get(httpapi.HeaderEventID), e.ID)
		require.Equal(t, body, string(e.Body))
		require.Equal(t, "github", e.Source)
		require.Equal(t, "push", e.Type)
	}
	require.Equal(t, http.StatusUnauthorized, b.send(forged(b)).status)
	page := b.admin("/metrics").body
	require.Contains(t, page, `penstock_accepted_total{source="github"} 3`)
	require.Contains(t, page, `penstock_refused_total{reason="mismatch",source="github"} 1`)
	require.Contains(t, page, `penstock_ack_duration_seconds_count{source="github"} 3`)
	require.Contains(t, page, `penstock_config_last_reload_success 1`)
	require.Contains(t, page, `penstock_config_reloads_total{result="accepted"} 1`)
	require.Contains(t, page, "penstock_config_read_time_seconds 1.")
}

// forged is a request with a signature that is none of ours.
func forged(b *bundle) (*http.Request, error) {
	req, err := b.signed("github", "{}")
	req.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("00", 32))
	return req, err
}

func TestAnEventThatNothingTakesIsKept(t *testing.T) {
	t.Parallel()
	broker := amqptest.New(t)
	noArchive := func(s *app.Settings) { s.Archive = false }
	b := setup(t, broker.URL, strings.Replace(yaml, "push.#", "issues.#", 1), noArchive).ready(t)
	require.Equal(t, http.StatusOK, b.post("github", "{}").status)
	require.Equal(t, "{}", string(receive(t, consume(t, broker.URL, topology.Unrouted)).Message.Body))

	broker.DeleteQueue(t, topology.Unrouted)
	r := b.post("github", "{}")
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.NotEmpty(t, r.header.Get("Retry-After"))
	require.Contains(t, b.admin("/metrics").body, `penstock_refused_total{reason="broker-unroutable",source="github"} 1`)
}

func TestWithoutABrokerEventsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	never := func(s *app.Settings) { s.PublishTimeout = time.Hour } // a refusal that waited for it would not come
	b := setup(t, "amqp://guest:guest@"+closedAddress(t)+"/", yaml, never)
	require.Equal(t, http.StatusOK, b.admin("/healthz").status)

	r := b.post("github", "{}")
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.NotEmpty(t, r.header.Get("Retry-After"))

	require.Equal(t, http.StatusNotFound, b.post("nobody", "{}").status, "what the sender did wrong is said all the same")
	ready := b.admin("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, ready.status)
	require.Contains(t, ready.body, "broker")
	require.Contains(t, ready.body, "topology")
}

func TestATopologyThatVanishedIsMadeAgain(t *testing.T) {
	t.Parallel()
	broker := amqptest.New(t)
	b := setup(t, broker.URL, yaml).ready(t)
	require.Equal(t, http.StatusOK, b.post("github", "{}").status)
	broker.DeleteExchange(t, topology.Routes)
	require.Equal(t, http.StatusServiceUnavailable, b.post("github", "{}").status)
	require.Eventually(t, func() bool { return b.post("github", `{"again":true}`).status == http.StatusOK }, waitFor, tick)
	queue, deferred := consume(t, broker.URL, topology.RouteQueue("pushes")), consume(t, broker.URL, topology.DeferredQueue("pushes"))
	var got []string
	for range 2 {
		select {
		case d := <-queue:
			got = append(got, string(d.Message.Body))
		case d := <-deferred: // the exchange was there before its bindings
			got = append(got, string(d.Message.Body))
		case <-time.After(waitFor):
			require.Fail(t, "nothing was delivered")
		}
	}
	require.ElementsMatch(t, []string{"{}", `{"again":true}`}, got)
}

// closedAddress returns a local address that nothing listens on.
func closedAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestAQueueWithOtherArgumentsIsExplained(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	other := amqpx.Topology{Queues: []amqpx.Queue{{
		Name: topology.RouteQueue("pushes"), Args: map[string]any{"x-queue-type": "quorum", "x-delivery-limit": int64(3)},
	}}}
	require.NoError(t, amqpx.Declare(t.Context(), amqpx.Config{URLs: []string{broker}}, other))
	b := setup(t, broker, yaml)
	require.Eventually(t, func() bool {
		return strings.Contains(b.admin("/readyz").body, "penstock.route.pushes")
	}, waitFor, tick)
	require.Equal(t, http.StatusOK, b.admin("/readyz").status)
	require.Equal(t, http.StatusOK, b.post("github", "{}").status, "the route keeps the queue that it has")
	receive(t, consume(t, broker, topology.RouteQueue("pushes")))
}

func TestAnArchiveOfAnotherKindIsExplainedAndNothingIsAccepted(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	other := amqpx.Topology{Queues: []amqpx.Queue{{Name: topology.Archive}}}
	require.NoError(t, amqpx.Declare(t.Context(), amqpx.Config{URLs: vhost.URLs}, other))
	b := setup(t, vhost.URL, yaml)
	require.Eventually(t, func() bool {
		return strings.Contains(b.admin("/readyz").body, "another kind of queue is in the way")
	}, waitFor, tick)
	require.Equal(t, http.StatusServiceUnavailable, b.post("github", "{}").status)
}

func TestAMissingTopologyIsOnlyCheckedWhenAskedFor(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	check := func(s *app.Settings) { s.Topology = "check" }
	unready := setup(t, broker, yaml, check)
	require.Eventually(t, func() bool { return strings.Contains(unready.admin("/readyz").body, "no exchange '"+topology.Routes) }, waitFor, tick)
	require.Equal(t, http.StatusServiceUnavailable, unready.post("github", "{}").status)

	setup(t, broker, yaml).ready(t) // somebody else declares it
	unready.ready(t)
	require.Equal(t, http.StatusOK, unready.post("github", "{}").status)
}

func TestAChangedConfigurationTakesEffectWithoutARestart(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, yaml).ready(t)
	require.Equal(t, http.StatusNotFound, b.post("second", "{}").status)

	second := strings.Replace(yaml, "destinations:", "  second: {open: true}\ndestinations:", 1) + "  more: {from: [second], to: nowhere}\n"
	require.NoError(t, os.WriteFile(b.config, []byte(second), 0o600))
	require.Eventually(t, func() bool { return b.post("second", "{}").status == http.StatusAccepted }, waitFor, tick)
	require.Equal(t, "second", receive(t, consume(t, broker, topology.RouteQueue("more"))).Message.Text(event.HeaderSource))

	require.NoError(t, os.WriteFile(b.config, []byte("sources: 7"), 0o600))
	require.Eventually(t, func() bool {
		return strings.Contains(b.admin("/metrics").body, "penstock_config_last_reload_success 0")
	}, waitFor, tick)
	require.Equal(t, http.StatusAccepted, b.post("second", "{}").status)
}

func TestANarrowedRouteGetsNoMoreOfWhatItGaveUp(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	b := setup(t, broker, yaml+"  more: {from: [github], to: nowhere}\n").ready(t)
	n := 0
	post := func() {
		n++
		require.Equal(t, http.StatusOK, b.post("github", strconv.Itoa(n)).status)
	}
	more := consume(t, broker, topology.RouteQueue("more"))
	post()
	receive(t, more)

	narrowed := yaml + "  more: {from: [github], types: [never], to: nowhere}\n"
	require.NoError(t, os.WriteFile(b.config, []byte(narrowed), 0o600))
	require.Eventually(t, func() bool {
		post()
		select {
		case <-more:
			return false
		case <-time.After(500 * time.Millisecond):
			return true
		}
	}, waitFor, tick, "it still gets everything")
}

func TestAWrongConfigurationOrAddressInUseStopsTheStart(t *testing.T) {
	t.Parallel()
	running := setup(t, "amqp://"+closedAddress(t)+"/", yaml)
	s := app.Settings{
		Process:  settings.Process{Config: "/nowhere", AdminListen: "127.0.0.1:0", ShutdownTimeout: time.Second},
		AMQP:     settings.AMQP{AMQPURLs: []string{"amqp://" + closedAddress(t) + "/"}},
		Settings: httpapi.Settings{Listen: running.Addr().String(), TLSMode: httpapi.TLSOff},

		DedupEvents: 1,
	}
	_, err := app.New(t.Context(), s, env, zap.NewNop())
	var wrong *config.Error
	require.ErrorAs(t, err, &wrong)

	s.Config = running.config
	_, err = app.New(t.Context(), s, env, zap.NewNop())
	require.ErrorContains(t, err, "listen for webhooks")
	s.AdminListen, s.Listen = running.AdminAddr().String(), "127.0.0.1:0"
	_, err = app.New(t.Context(), s, env, zap.NewNop())
	require.ErrorContains(t, err, "listen for admin requests")
}
