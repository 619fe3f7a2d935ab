package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tracing "go.opentelemetry.io/proto/otlp/trace/v1"
)

const (
	sendersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	sendersSpan  = "00f067aa0ba902b7"
)

// acceptTraced sends an event with a trace of the sender's, which is not sampled.
func (s *stack) acceptTraced(e githubEvent) string {
	s.t.Helper()
	req, err := e.request(s.t.Context(), s.url+"/in/github")
	require.NoError(s.t, err)
	req.Header.Set("Traceparent", "00-"+sendersTrace+"-"+sendersSpan+"-00")
	a, err := do(s.client, req)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusOK, a.status)
	return a.eventID()
}

func TestAnEventIsOneTraceFromItsReceptionOverTwoRetriesToItsSettlement(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	collector := s.collect()
	s.receiver.answer = func(attempt int, _ arrival) int {
		if attempt <= 2 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}
	processes := []*process{s.startGateway(), s.startDeliverer(), s.startTracker().process}
	id := s.acceptTraced(newGithubEvent(1))
	arrivals := s.receiver.await(id, 3)
	collector.await("settle penstock.route.everything", 3)

	published := requireReceived(t, collector)
	requireProcessed(t, collector, published, arrivals)
	for _, p := range processes {
		p.requireLogged(id, published.trace)
	}
}

// requireReceived checks the spans of the gateway, and returns the one of the publish.
func requireReceived(t *testing.T, c *collector) span {
	t.Helper()
	server, verify, published := c.await("POST /in/{source}", 1), c.await("verify", 1), c.await("publish penstock.routes", 1)
	require.Len(t, server, 1)
	require.Len(t, verify, 1)
	require.Len(t, published, 1)
	require.Equal(t, "penstock-gateway", server[0].process)
	require.Equal(t, tracing.Span_SPAN_KIND_SERVER, server[0].kind)
	require.Empty(t, server[0].parent, "a stranger's trace is no parent")
	require.NotEqual(t, sendersTrace, server[0].trace)
	require.Equal(t, []string{sendersTrace + "/" + sendersSpan}, server[0].links)
	require.Equal(t, server[0].id, verify[0].parent)
	require.Equal(t, server[0].id, published[0].parent)
	require.Equal(t, tracing.Span_SPAN_KIND_PRODUCER, published[0].kind)
	require.Equal(t, "rabbitmq", published[0].attributes["messaging.system"])
	return published[0]
}

// requireProcessed checks the spans of the deliverer: three attempts, and two delays.
func requireProcessed(t *testing.T, c *collector, published span, arrivals []arrival) {
	t.Helper()
	processed, tried, settled := c.await("process penstock.route.everything", 3), c.await("POST receiver", 3), c.named("settle penstock.route.everything")
	delayed := c.await("publish penstock.delay", 2)
	for _, spans := range [][]span{processed, tried, settled} {
		require.Len(t, spans, 3)
	}
	require.Len(t, delayed, 2)
	for i, outcome := range []string{"retrying", "retrying", "delivered"} {
		p := processed[i]
		require.Equal(t, "penstock-deliverer", p.process)
		require.Equal(t, tracing.Span_SPAN_KIND_CONSUMER, p.kind)
		require.Equal(t, published.trace, p.trace, "over every delay")
		require.Equal(t, published.id, p.parent)
		require.Equal(t, []string{published.trace + "/" + published.id}, p.links)
		require.Equal(t, outcome, p.attributes["penstock.outcome"])
		require.Equal(t, string(rune('1'+i)), p.attributes["penstock.attempt"])
		require.Equal(t, tracing.Span_SPAN_KIND_CLIENT, tried[i].kind)
		require.Equal(t, p.id, tried[i].parent)
		require.Equal(t, "00-"+p.trace+"-"+tried[i].id+"-01", arrivals[i].header.Get("Traceparent"), "what the receiver got")
		require.Equal(t, p.id, settled[i].parent)
		require.Equal(t, outcome, settled[i].attributes["penstock.outcome"])
	}
	for i, d := range delayed {
		require.Equal(t, tracing.Span_SPAN_KIND_PRODUCER, d.kind)
		require.Equal(t, settled[i].id, d.parent)
	}
}

// requireLogged waits until the process has logged the event together with its trace.
func (p *process) requireLogged(event, trace string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		for line := range strings.Lines(p.log.String()) {
			if strings.Contains(line, `"event":"`+event+`"`) && strings.Contains(line, `"trace":"`+trace+`"`) {
				return true
			}
		}
		return false
	}, 60*time.Second, 50*time.Millisecond, "%s logs no event %s of trace %s", p.name, event, trace)
}
