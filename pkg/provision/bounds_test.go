package provision_test

import (
	"maps"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// kept is a plan whose archive keeps so much.
func kept(age string, bytes int64) topology.Plan {
	return topology.Plan{
		Archive: true, ArchiveMaxAge: age, ArchiveMaxBytes: bytes, StatusMaxAge: "7D", StatusMaxBytes: 1 << 30,
		Quarantine: true, QuarantineMaxAge: "1D", QuarantineMaxBytes: 1 << 20,
	}
}

// requirePolicy waits for the policy of the archive: it comes a moment late.
func requirePolicy(t *testing.T, vhost *amqptest.Vhost, want map[string]any) {
	t.Helper()
	require.Eventually(t, func() bool {
		return maps.EqualFunc(want, vhost.EffectivePolicy(t, topology.Archive), func(a, b any) bool { return a == b })
	},
		20*time.Second, 50*time.Millisecond, "%v", want)
}

func TestAnotherRetentionStopsNothingAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	at := provision.Access{Broker: amqpx.Config{URLs: vhost.URLs}, Topology: settings.Declare}
	bounds := func(how string, plan topology.Plan) error {
		at := at
		at.Topology = how
		s, err := provision.Ensure(t.Context(), at, plan)
		require.NoError(t, err)
		require.NoError(t, s.Err(), "nothing is refused")
		return s.Bounds
	}
	require.NoError(t, bounds(settings.Declare, kept("7D", 20_000_000)))
	for _, how := range []string{settings.Declare, settings.Check} {
		require.NoError(t, bounds(how, kept("7D", 20_000_000)))
		shorter := bounds(how, kept("36h", 20_000_000))
		require.ErrorContains(t, shorter, "keeps its bound x-max-age 7D although the setting is 36h")
		require.ErrorContains(t, shorter, `rabbitmqctl set_policy -p '`+vhost.Name+`' penstock-archive '^penstock\.archive$' '{"max-age":"36h","max-length-bytes":20000000}'`)
		longer := bounds(how, kept("30D", 20_000_000))
		require.ErrorContains(t, longer, "which no policy can raise")
		require.NotContains(t, longer.Error(), "set_policy")
		both := bounds(how, kept("1D", 1_000_000))
		require.ErrorContains(t, both, "x-max-age 7D")
		require.ErrorContains(t, both, "x-max-length-bytes 20000000")
	}
}

func TestWithTheManagementInterfaceRetentionCanChangeBothWays(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	at := provision.Access{Broker: amqpx.Config{URLs: vhost.URLs}, Topology: settings.Declare, Management: vhost.Management}
	for _, age := range []string{"7D", "1D", "30D"} {
		for range 2 {
			s, err := provision.Ensure(t.Context(), at, kept(age, 20_000_000))
			require.NoError(t, err)
			require.NoError(t, s.Err())
			require.NoError(t, s.Bounds)
		}
		requirePolicy(t, vhost, map[string]any{"max-age": age, "max-length-bytes": 20_000_000.0})
	}
	only := at
	only.Topology, only.Management = settings.Check, ""
	s, err := provision.Ensure(t.Context(), only, kept("30D", 20_000_000))
	require.NoError(t, err)
	require.NoError(t, s.Err())
	require.NoError(t, s.Bounds, "who only checks does not see policies")
}

func TestTheManagementInterfaceTakesTheLoginOfTheBroker(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	with, err := url.Parse(vhost.Management)
	require.NoError(t, err)
	password, _ := with.User.Password()
	at := provision.Access{Topology: settings.Declare, Broker: amqpx.Config{URLs: vhost.URLs, Username: with.User.Username(), Password: password}}
	with.User = nil
	at.Management = with.String()
	s, err := provision.Ensure(t.Context(), at, kept("7D", 20_000_000))
	require.NoError(t, err)
	require.NoError(t, s.Bounds)
	requirePolicy(t, vhost, map[string]any{"max-age": "7D", "max-length-bytes": 20_000_000.0})
}

func TestAnOldStreamIsCutByAPolicyAndNotLengthened(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	at := provision.Access{Broker: amqpx.Config{URLs: vhost.URLs}, Topology: settings.Declare}
	_, err := provision.Ensure(t.Context(), at, kept("7D", 20_000_000))
	require.NoError(t, err)
	at.Management = vhost.Management
	s, err := provision.Ensure(t.Context(), at, kept("1D", 20_000_000))
	require.NoError(t, err)
	require.NoError(t, s.Err())
	require.NoError(t, s.Bounds)
	requirePolicy(t, vhost, map[string]any{"max-age": "1D", "max-length-bytes": 20_000_000.0})
	s, err = provision.Ensure(t.Context(), at, kept("30D", 20_000_000))
	require.NoError(t, err)
	require.ErrorContains(t, s.Bounds, "which no policy can raise")
}

func TestAManagementInterfaceThatFailsLeavesTheBoundsToArguments(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	at := provision.Access{Broker: amqpx.Config{URLs: vhost.URLs}, Topology: settings.Declare, Management: "http://guest:secret@127.0.0.1:1"}
	s, err := provision.Ensure(t.Context(), at, kept("7D", 20_000_000))
	require.NoError(t, err)
	require.NoError(t, s.Err())
	require.ErrorContains(t, s.Bounds, "set the policy penstock-status")
	require.NotContains(t, s.Bounds.Error(), "secret")
	require.NoError(t, amqpx.Check(t.Context(), at.Broker, amqpx.Topology{Queues: []amqpx.Queue{
		{Name: topology.Archive, Args: map[string]any{"x-queue-type": "stream", "x-max-age": "7D", "x-max-length-bytes": int64(20_000_000)}},
	}}))
}
