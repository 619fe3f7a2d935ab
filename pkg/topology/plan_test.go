package topology_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is dead-lettered at least once is lost silently without reject-publish, and a
// kept message is dropped by RabbitMQ 4 without a delivery limit of its own.
func TestNoQueueCanLoseAMessageSilently(t *testing.T) {
	t.Parallel()
	for _, q := range plan("invoices").Topology().Queues {
		switch {
		case q.Args["x-queue-type"] == "stream":
			require.NotEmpty(t, q.Args["x-max-age"], "%s grows for ever", q.Name)
		case q.Args["x-dead-letter-exchange"] != nil:
			require.Equal(t, "quorum", q.Args["x-queue-type"], q.Name)
			require.Equal(t, "at-least-once", q.Args["x-dead-letter-strategy"], q.Name)
			require.Equal(t, "reject-publish", q.Args["x-overflow"], q.Name)
		default:
			require.Equal(t, "quorum", q.Args["x-queue-type"], q.Name)
			require.Greater(t, q.Args["x-delivery-limit"], int64(1_000_000), q.Name)
		}
	}
}

func TestTheSamePlanIsTheSameTopology(t *testing.T) {
	t.Parallel()
	once, again := plan("a", "b").Topology(), plan("a", "b").Topology()
	require.Equal(t, once, again)
}
