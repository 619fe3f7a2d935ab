package consume_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// measured is what one delivery made of the metrics about ages.
type measured struct{ met, missed, first, delivered int64 }

// processed takes the bundle's event, of that age and attempt, through the pipeline.
func (b *bundle) processed(t *testing.T, age time.Duration, attempt int) measured {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	b.options.Meter = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test")
	b.message.Headers[event.HeaderReceivedAt] = time.Now().Add(-age).UnixMilli()
	b.message.Headers[event.HeaderAttempt] = int64(attempt)
	b.process(t)
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	var m measured
	for _, one := range all.ScopeMetrics[0].Metrics {
		m.take(one)
	}
	return m
}

func (m *measured) take(one metricdata.Metrics) {
	switch data := one.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			met, labelled := p.Attributes.Value(attribute.Key("met"))
			switch {
			case !labelled:
			case met.AsBool():
				m.met += p.Value
			default:
				m.missed += p.Value
			}
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			switch one.Name {
			case "penstock.first_attempt.delay":
				m.first += int64(p.Count)
			case "penstock.delivery.duration":
				m.delivered += int64(p.Count)
			}
		}
	}
}

func TestTheObjectiveOfDeliveryCountsEachEventOnceAsSoonAsItIsKnown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  error
		age     time.Duration
		attempt int
		want    measured
	}{
		"delivered at once":                          {nil, time.Second, 1, measured{met: 1, first: 1, delivered: 1}},
		"delivered soon enough, at the second try":   {nil, 50 * time.Second, 2, measured{met: 1, delivered: 1}},
		"delivered late, after it waited in a queue": {nil, 2 * time.Minute, 1, measured{missed: 1, first: 1, delivered: 1}},
		"delivered late, which was counted before":   {nil, 2 * time.Minute, 2, measured{delivered: 1}},
		"tried again soon enough":                    {errDown, time.Second, 1, measured{first: 1}},
		"tried again too late":                       {errDown, 58 * time.Second, 2, measured{missed: 1}},
		"tried again too late, which was counted":    {errDown, 2 * time.Minute, 2, measured{}},
		"given up": {fault.Permanent(errDown), time.Second, 1, measured{missed: 1, first: 1}},
		"given up, after it was counted as too late":  {fault.Permanent(errDown), 2 * time.Minute, 2, measured{}},
		"given up for too many attempts, soon enough": {errors.New("down"), time.Second, 3, measured{missed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, setup(t, returning(c.answer)).processed(t, c.age, c.attempt))
		})
	}
}

func TestAReplayAndAFilteredEventSayNothingAboutSpeed(t *testing.T) {
	t.Parallel()
	b := setup(t, returning(nil))
	b.message.Headers[event.HeaderReplay] = "r-1"
	require.Equal(t, measured{}, b.processed(t, time.Hour, 1))

	b = setup(t, returning(nil))
	b.options.Filter = func(context.Context, *event.Event) (bool, error) { return false, nil }
	require.Equal(t, measured{}, b.processed(t, time.Hour, 1))
}
