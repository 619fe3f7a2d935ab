package ingest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/penstock/penstock/pkg/amqpx"
)

// point returns a counter's value at the point with these labels; -1 when there is none.
func (b *bundle) point(t *testing.T, name string, labels ...string) int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, b.reader.Collect(t.Context(), &all))
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok || m.Name != name {
				continue
			}
			for _, p := range sum.DataPoints {
				if labelled(p, labels) {
					return p.Value
				}
			}
		}
	}
	return -1
}

func labelled(p metricdata.DataPoint[int64], labels []string) bool {
	all := true
	for i := 0; i+1 < len(labels); i += 2 {
		var value string
		for _, kv := range p.Attributes.ToSlice() {
			if string(kv.Key) == labels[i] {
				value = kv.Value.String()
			}
		}
		all = all && value == labels[i+1]
	}
	return all && p.Attributes.Len() == len(labels)/2
}

// standing returns how many requests met and missed the objective.
func (b *bundle) standing(t *testing.T) [2]int64 {
	t.Helper()
	return [2]int64{
		b.point(t, "penstock.slo.ack", "source", "github", "met", "true"),
		b.point(t, "penstock.slo.ack", "source", "github", "met", "false"),
	}
}

func TestTheObjectiveIsMissedByWhatIsLateAndByWhatWeRefuse(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	b.accepted(t, github(`{"n":1}`, "X-GitHub-Delivery", "1"))
	require.Equal(t, [2]int64{1, 0}, b.standing(t))

	late := github(`{"n":2}`)
	late.Arrived = time.Now().Add(-time.Minute)
	b.accepted(t, late)
	require.Equal(t, [2]int64{1, 1}, b.standing(t))

	b.publisher.answer = func(context.Context) error { return amqpx.ErrUnavailable }
	b.refused(t, github(`{"n":3}`))
	require.Equal(t, [2]int64{1, 2}, b.standing(t))

	b.publisher.answer = func(context.Context) error { return errors.New("unforeseen") }
	b.refused(t, github(`{"n":4}`))
	require.Equal(t, [2]int64{1, 3}, b.standing(t))
}

func TestTheObjectiveIsNotAboutTheMistakesOfSenders(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	b.refused(t, request("github", "{}", "X-Hub-Signature-256", "sha256=00"))
	b.refused(t, request("nobody", "{}"))
	require.Equal(t, [2]int64{0, 0}, b.standing(t))
	require.EqualValues(t, 1, b.point(t, "penstock.received", "source", "_unknown"))
}

func TestTheKeyThatVerifiedIsCountedByItsPlace(t *testing.T) {
	t.Parallel()
	b := setup(t, "  github: {provider: github, secrets: ['${A}', '${B}']}")
	b.accepted(t, github("{}"))
	require.EqualValues(t, 1, b.point(t, "penstock.verified", "source", "github", "method", "signature", "key", "0"))
}

func TestBytesOfAcceptedEventsAreCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, githubSource)
	b.accepted(t, github("twelve bytes"))
	require.EqualValues(t, 12, b.point(t, "penstock.accepted.bytes", "source", "github"))
}

func TestTheSenderIsToldTheTimesWhenTheSourceAsksForIt(t *testing.T) {
	t.Parallel()
	b := setup(t, "  github: {provider: github, secrets: ['${S}'], serverTiming: true}\n  quiet: {open: true}")
	require.Regexp(t, `^verify;dur=\d+\.\d{3}, publish;dur=\d+\.\d{3}$`, b.accepted(t, github("{}")).Timing)
	require.Regexp(t, `^verify;dur=\d+\.\d{3}$`, b.accepted(t, github("{}")).Timing, "a duplicate is not published")
	require.Empty(t, b.accepted(t, request("quiet", "{}")).Timing)
}
