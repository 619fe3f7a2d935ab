package amqptest

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// ConnectBare opens a connection that shows a name and no generation, as those of processes
// before generation 2 do, until the test ends.
func (v *Vhost) ConnectBare(tb testing.TB, name string) {
	tb.Helper()
	properties := amqp.Table{"product": "penstock"}
	properties.SetClientConnectionName(name)
	conn, err := amqp.DialConfig(v.URL, amqp.Config{Properties: properties})
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
}
