package observe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/telemetry"
	"github.com/penstock/penstock/pkg/topology"
)

// answers is a publisher whose answer the test chooses.
type answers struct{ err error }

func (a *answers) Publish(context.Context, amqpx.Publication) error { return a.err }
func (a *answers) Ready() error                                     { return nil }
func (a *answers) LostWithin(time.Duration) int                     { return 0 }

// page returns what Prometheus would read.
func page(t *testing.T, tel *telemetry.Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	tel.Metrics.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func setup(t *testing.T) (*telemetry.Telemetry, *instrument.Maker) {
	t.Helper()
	tel, err := telemetry.Start(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tel.Close(context.Background())) })
	return tel, instrument.From(tel.Meter)
}

func TestAPublishIsMeasuredByWhereItWentAndWhatCameOfIt(t *testing.T) {
	t.Parallel()
	tel, maker := setup(t)
	fake := new(answers)
	p := observe.NewPublisher(fake, observe.NewDurations(maker))
	require.NoError(t, maker.Err())
	for _, c := range []struct {
		exchange, key, label string
		err                  error
		outcome              string
	}{
		{topology.Events, "github.push", "penstock.events", nil, "confirmed"},
		{topology.Delay, "x", "penstock.delay", amqpx.ErrNacked, "refused"},
		{topology.Dead, "r", "penstock.dead", amqpx.ErrReturned, "unroutable"},
		{topology.Orphan, "r", "penstock.orphan", amqpx.ErrUnavailable, "unavailable"},
		{"", topology.Status, "status", amqpx.ErrUnknown, "unconfirmed"},
		{"a.team.chose.it", "k", "other", amqpx.ErrInvalid, "invalid"},
		{topology.Events, "k", "penstock.events", errors.New("anything"), "failed"},
	} {
		fake.err = c.err
		require.ErrorIs(t, p.Publish(t.Context(), amqpx.Publication{Exchange: c.exchange, Key: c.key}), c.err)
		require.Contains(t, page(t, tel), fmt.Sprintf(`penstock_publish_duration_seconds_count{exchange=%q,outcome=%q} 1`, c.label, c.outcome))
	}
}

func TestLinksAreShownByTheirUse(t *testing.T) {
	t.Parallel()
	tel, maker := setup(t)
	observe.Links(maker, observe.Uses{
		Publish: func() amqpx.Links { return amqpx.Links{Up: 3, Made: 5, Blocked: true} },
		Consume: func() amqpx.Links { return amqpx.Links{Made: 1} },
	})
	require.NoError(t, maker.Err())
	text := page(t, tel)
	for _, line := range []string{
		`penstock_broker_connections{use="publish"} 3`, `penstock_broker_connections{use="consume"} 0`,
		`penstock_broker_connects_total{use="publish"} 5`, `penstock_broker_connects_total{use="consume"} 1`,
		`penstock_broker_blocked 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
}

func TestAProcessThatOnlyConsumesHasNothingThatCanBeBlocked(t *testing.T) {
	t.Parallel()
	tel, maker := setup(t)
	observe.Links(maker, observe.Uses{Consume: func() amqpx.Links { return amqpx.Links{Up: 1} }})
	require.NoError(t, maker.Err())
	require.NotContains(t, page(t, tel), "penstock_broker_blocked")
}

func TestAReloadIsCountedByWhatCameOfIt(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	r, err := observe.NewReloads(tel.Meter)
	require.NoError(t, err)
	require.Contains(t, page(t, tel), `penstock_config_reloads_total{result="refused"} 0`)
	require.NotContains(t, page(t, tel), "penstock_config_read_time_seconds", "nothing is in force yet")
	r.Accepted(time.Unix(1_700_000_000, 500_000_000))
	r.Refused(errors.New("line 3 is refused"))
	text := page(t, tel)
	require.Contains(t, text, "penstock_config_last_reload_success 0\n")
	require.Contains(t, text, "penstock_config_read_time_seconds 1.7000000005e+09\n", "what was refused is not in force")
	require.Contains(t, text, `penstock_config_reloads_total{result="accepted"} 1`)
	require.Contains(t, text, `penstock_config_reloads_total{result="refused"} 1`)
	require.ErrorContains(t, r.Current(), "stays in force there: line 3 is refused")
	require.EqualError(t, r.Cause(), "line 3 is refused")
	r.Accepted(time.Unix(1_800_000_000, 0))
	require.NoError(t, r.Current())
	require.NoError(t, r.Cause())
	require.Contains(t, page(t, tel), "penstock_config_last_reload_success 1\n")
}
