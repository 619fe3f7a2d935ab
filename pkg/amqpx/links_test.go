package amqpx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestLinksCountWhatIsUpAndWhatWasMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2})
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, c.Close) })
	all := func() bool {
		return p.Links() == amqpx.Links{Up: 2, Made: 2} && c.Links() == amqpx.Links{Up: 1, Made: 1}
	}
	require.Eventually(t, all, 30*time.Second, 10*time.Millisecond)

	for closed := 0; closed < 3; {
		closed += b.CloseConnections(t)
	}
	again := func() bool { return p.Links().Made == 4 && c.Links() == amqpx.Links{Up: 1, Made: 2} }
	require.Eventually(t, again, 30*time.Second, 10*time.Millisecond)
}
