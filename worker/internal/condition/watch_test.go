package condition_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/pemfile"
	"github.com/penstock/penstock/worker/internal/condition"
	"github.com/penstock/penstock/worker/internal/control"
	"github.com/penstock/penstock/worker/internal/incident"
	"github.com/penstock/penstock/worker/internal/store"
	"github.com/penstock/penstock/worker/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const configuration = `
sources:
  shop: {open: true, scheme: {alg: none}}
  hub: {provider: github, secrets: ["${S}"]}
destinations: {billing: {url: "https://billing.example/"}}
routes: {invoices: {from: [shop, hub], to: billing}}
accounts: {hub: {provider: github, source: hub, settings: {app: "1"}, credentials: {privateKey: "${K}"}}}
`

// bench is a watch over a store and a broker that the test decides about.
type bench struct {
	*condition.Watch

	store   *store.Store
	t       *testing.T
	now     time.Time
	queue   amqpx.QueueState
	broken  error
	reports []control.Report
	refused error
}

func (b *bench) Inspect(context.Context, string) (amqpx.QueueState, error) { return b.queue, b.broken }

func (b *bench) Reports() []control.Report { return b.reports }

func setup(t *testing.T, gateway string) *bench {
	t.Helper()
	cfg, err := config.Parse("penstock.yaml", []byte(configuration), func(string) (string, bool) { return "", false }, config.NoSecrets)
	require.NoError(t, err)
	b := &bench{store: storetest.New(t), t: t, now: time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)}
	b.Watch = condition.New(condition.Options{
		Store: b.store, Broker: b, Fleet: b, Config: func() *config.Config { return cfg }, Refused: func() error { return b.refused }, Gateway: gateway,
		Log: zaptest.NewLogger(t), Now: func() time.Time { return b.now },
	})
	return b
}

// open looks after a while, and returns the kinds of the unresolved incidents.
func (b *bench) open() []incident.Kind {
	b.t.Helper()
	b.now = b.now.Add(3 * time.Second)
	require.NoError(b.t, b.RunOnce(b.t.Context()))
	all, err := b.store.Incidents(b.t.Context(), store.IncidentQuery{States: []incident.State{incident.Open}})
	require.NoError(b.t, err)
	kinds := []incident.Kind{}
	for i := range all {
		kinds = append(kinds, all[i].Kind)
	}
	return kinds
}

func (b *bench) accept(at time.Time, routes ...string) {
	b.t.Helper()
	require.NoError(b.t, b.store.Apply(b.t.Context(), &store.Batch{Accepted: []store.Accepted{{
		ID: strconv.FormatInt(at.UnixNano(), 10), Source: "shop", Type: "order.paid", ReceivedAt: at, Routes: routes,
	}}}))
}

func TestEventsThatWaitWithoutADelivererAreAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	require.Empty(t, b.open())
	b.queue = amqpx.QueueState{Ready: 7}
	require.Empty(t, b.open(), "a deliverer that starts again has a moment")
	require.Equal(t, []incident.Kind{incident.NoDeliverer}, b.open())
	b.broken = errors.New("no broker")
	b.queue = amqpx.QueueState{}
	require.Equal(t, []incident.Kind{incident.NoDeliverer}, b.open(), "what is not known changes nothing")
	b.broken, b.queue = nil, amqpx.QueueState{Ready: 7, Consumers: 1}
	require.Empty(t, b.open())
}

func TestADestinationThatRestsNeedsNoDeliverer(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]control.Destination{
		"paused": {Name: "billing", Breaker: "closed", Paused: true}, "breaker": {Name: "billing", Breaker: "open"},
	} {
		b := setup(t, "")
		b.queue, b.reports = amqpx.QueueState{Ready: 7}, []control.Report{{Destinations: []control.Destination{d}}}
		b.open()
		require.Empty(t, b.open(), name)
	}
}

func TestAnEventThatWaitsForTooLongIsAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	b.accept(b.now, "invoices")
	require.Empty(t, b.open())
	b.now = b.now.Add(11 * time.Minute)
	require.Equal(t, []incident.Kind{incident.BacklogAge}, b.open())
}

func TestASourceThatFallsSilentAgainstItsRhythmIsAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	for n := range 40 { // every half hour
		b.accept(b.now.Add(-time.Duration(n)*30*time.Minute), "audit")
	}
	require.Empty(t, b.open())
	last := b.now
	b.now = last.Add(50 * time.Minute)
	require.Empty(t, b.open(), "a pause that it makes")
	b.now = last.Add(2 * time.Hour)
	require.Equal(t, []incident.Kind{incident.SilentSource}, b.open())
	b.accept(b.now, "audit")
	require.Empty(t, b.open())
}

func TestASourceWithoutARhythmIsNeverSilent(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	for n := range 5 {
		b.accept(b.now.Add(-time.Duration(n)*10*time.Minute), "audit")
	}
	b.now = b.now.Add(30 * time.Hour)
	require.Empty(t, b.open())
}

func TestAConfigurationThatIsRefusedIsAnIncident(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	b.refused = errors.New("line 3")
	require.Equal(t, []incident.Kind{incident.ConfigRefused}, b.open())
	require.Equal(t, []string{"line 3"}, b.details())
	b.refused = nil
	require.Empty(t, b.open())
	b.reports = []control.Report{{Refused: "a secret is missing"}}
	require.Equal(t, []incident.Kind{incident.ConfigRefused}, b.open())
	require.Equal(t, []string{"a secret is missing"}, b.details())
	b.reports = nil
	require.Empty(t, b.open())
}

// details are those of the open incidents.
func (b *bench) details() (all []string) {
	b.t.Helper()
	open, err := b.store.Incidents(b.t.Context(), store.IncidentQuery{States: []incident.State{incident.Open}})
	require.NoError(b.t, err)
	for i := range open {
		all = append(all, open[i].Detail)
	}
	return all
}

func TestACertificateThatADelivererReportsIsAnIncidentUntilItIsRenewed(t *testing.T) {
	t.Parallel()
	b := setup(t, "")
	near := pemfile.Validity{Ends: b.now.Add(24 * time.Hour), Due: b.now.Add(-24 * time.Hour)}
	renewed := pemfile.Validity{Ends: b.now.Add(90 * 24 * time.Hour), Due: b.now.Add(76 * 24 * time.Hour)}
	report := func(all ...control.Destination) {
		b.reports = nil
		for _, d := range all {
			d.Name = "billing"
			b.reports = append(b.reports, control.Report{Destinations: []control.Destination{d}})
		}
	}
	report(control.Destination{Server: renewed, Client: renewed, Authorities: renewed})
	require.Empty(t, b.open())
	report(control.Destination{Server: near, Client: near, Authorities: near})
	require.Len(t, b.open(), 3)
	report(control.Destination{})
	require.Equal(t, []incident.Kind{incident.CertificateExpires}, b.open(), "a deliverer that has just started does not know the server's")
	report(control.Destination{Server: near}, control.Destination{Server: renewed}, control.Destination{Server: near})
	require.Empty(t, b.open(), "one has seen the new one")
}

func TestTheGatewaysCertificateNearItsEndIsAnIncident(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	b := setup(t, server.URL)
	end := server.Certificate().NotAfter
	b.now = end.Add(-20 * 24 * time.Hour)
	require.Empty(t, b.open())
	b.now = end.Add(-13 * 24 * time.Hour)
	require.Equal(t, []incident.Kind{incident.CertificateExpires}, b.open())
	require.Zero(t, asked.Load(), "it sends no request")
}
