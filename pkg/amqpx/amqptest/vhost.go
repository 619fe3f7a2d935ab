package amqptest

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// Depth returns how many messages are ready in a queue, as AMQP sees it: at once,
// where the management interface lags by seconds.
func (v *Vhost) Depth(tb testing.TB, queue string) int {
	tb.Helper()
	conn, err := amqp.Dial(v.URL)
	require.NoError(tb, err)
	defer func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) }()
	ch, err := conn.Channel()
	require.NoError(tb, err)
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	require.NoError(tb, err)
	return q.Messages
}

// CloseConnections closes every AMQP connection of the virtual host through the
// management interface, and returns how many those were. The interface sees a new
// connection some seconds late.
func (v *Vhost) CloseConnections(tb testing.TB) int {
	tb.Helper()
	var open []struct{ Name string }
	v.management.do(tb, http.MethodGet, "/api/vhosts/"+v.Name+"/connections", nil, &open)
	for _, c := range open {
		v.management.forget("/api/connections/" + url.PathEscape(c.Name))
	}
	return len(open)
}

// Connections returns how many AMQP connections are open in the virtual host, by the name
// that each client gives itself. The interface sees a connection some seconds late.
func (v *Vhost) Connections(tb testing.TB) map[string]int {
	tb.Helper()
	var open []struct {
		Client struct {
			Name string `json:"connection_name"`
		} `json:"client_properties"`
	}
	v.management.do(tb, http.MethodGet, "/api/vhosts/"+v.Name+"/connections", nil, &open)
	count := map[string]int{}
	for _, c := range open {
		count[c.Client.Name]++
	}
	return count
}

// QueueTypes returns the types of all queues: classic, quorum or stream.
func (v *Vhost) QueueTypes(tb testing.TB) []string {
	tb.Helper()
	var queues []struct{ Type string }
	v.management.do(tb, http.MethodGet, "/api/queues/"+v.Name, nil, &queues)
	types := make([]string, len(queues))
	for i, q := range queues {
		types[i] = q.Type
	}
	return types
}

// DeleteQueue deletes a queue and what is in it.
func (v *Vhost) DeleteQueue(tb testing.TB, queue string) {
	tb.Helper()
	v.management.do(tb, http.MethodDelete, fmt.Sprintf("/api/queues/%s/%s", v.Name, url.PathEscape(queue)), nil, nil)
}

// DeleteExchange deletes an exchange and its bindings.
func (v *Vhost) DeleteExchange(tb testing.TB, exchange string) {
	tb.Helper()
	v.management.do(tb, http.MethodDelete, fmt.Sprintf("/api/exchanges/%s/%s", v.Name, url.PathEscape(exchange)), nil, nil)
}

// EffectivePolicy returns what policies say of a queue, or nil when none does.
func (v *Vhost) EffectivePolicy(tb testing.TB, queue string) map[string]any {
	tb.Helper()
	var seen struct {
		Policy any `json:"effective_policy_definition"` // an empty list without one
	}
	v.management.do(tb, http.MethodGet, fmt.Sprintf("/api/queues/%s/%s", v.Name, url.PathEscape(queue)), nil, &seen)
	policy, _ := seen.Policy.(map[string]any)
	return policy
}

// LimitQueues lets the virtual host have so many queues at most.
func (v *Vhost) LimitQueues(tb testing.TB, queues int) {
	tb.Helper()
	v.management.do(tb, http.MethodPut, "/api/vhost-limits/"+v.Name+"/max-queues", map[string]int{"value": queues}, nil)
}

// LimitConnections lets the virtual host have so many connections at most.
func (v *Vhost) LimitConnections(tb testing.TB, connections int) {
	tb.Helper()
	v.management.do(tb, http.MethodPut, "/api/vhost-limits/"+v.Name+"/max-connections", map[string]int{"value": connections}, nil)
}

// Limit lets the queues whose name matches pattern, a regular expression, hold so many
// messages at most. Zero takes the limit away.
func (v *Vhost) Limit(tb testing.TB, pattern string, messages int) {
	tb.Helper()
	path := fmt.Sprintf("/api/policies/%s/limit", v.Name)
	if messages == 0 {
		v.management.do(tb, http.MethodDelete, path, nil, nil)
		return
	}
	v.management.do(tb, http.MethodPut, path, map[string]any{
		"pattern": pattern, "apply-to": "queues", "definition": map[string]any{"max-length": messages},
	}, nil)
}

// Leader returns the node that leads a quorum queue, as RabbitMQ names it.
func (v *Vhost) Leader(tb testing.TB, queue string) string {
	tb.Helper()
	var q struct{ Leader string }
	v.management.do(tb, http.MethodGet, fmt.Sprintf("/api/queues/%s/%s", v.Name, url.PathEscape(queue)), nil, &q)
	require.NotEmpty(tb, q.Leader, "%s has no leader", queue)
	return q.Leader
}
