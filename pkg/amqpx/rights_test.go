package amqpx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

func TestRightsAreFoundOutWithoutDoingAnything(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	admin := amqpx.Config{URLs: vhost.URLs}
	require.NoError(t, amqpx.Declare(ctx, admin, amqpx.Topology{
		Queues: []amqpx.Queue{
			{Name: "there", Args: map[string]any{"x-queue-type": "quorum"}},
			{Name: "stream", Args: map[string]any{"x-queue-type": "stream"}},
		},
		Exchanges: []amqpx.Exchange{{Name: "exchange", Kind: "topic"}},
	}))
	all := []amqpx.Right{{Kind: amqpx.Write, Name: "amq.default"}, {Kind: amqpx.Read, Name: "amq.default"}}
	for _, name := range []string{"there", "stream", "exchange", "missing"} {
		for _, kind := range []string{amqpx.Configure, amqpx.Write, amqpx.Read} {
			all = append(all, amqpx.Right{Kind: kind, Name: name})
		}
	}
	lacking, err := amqpx.Lacking(ctx, admin, all)
	require.NoError(t, err)
	require.Empty(t, lacking)

	limited := vhost.Restricted(t, "^missing$", "^(there|amq.default)$", "^(stream|exchange)$")
	lacking, err = amqpx.Lacking(ctx, amqpx.Config{URLs: []string{limited}}, all)
	require.NoError(t, err)
	require.ElementsMatch(t, []amqpx.Right{
		{Kind: amqpx.Configure, Name: "there"}, {Kind: amqpx.Read, Name: "there"},
		{Kind: amqpx.Configure, Name: "stream"}, {Kind: amqpx.Write, Name: "stream"},
		{Kind: amqpx.Configure, Name: "exchange"}, {Kind: amqpx.Write, Name: "exchange"},
		{Kind: amqpx.Write, Name: "missing"}, {Kind: amqpx.Read, Name: "missing"},
		{Kind: amqpx.Read, Name: "amq.default"},
	}, lacking)
	for _, name := range []string{"missing", "exchange", "amq.default"} {
		require.Error(t, amqpx.Check(ctx, admin, amqpx.Topology{Queues: []amqpx.Queue{{Name: name}}}), "looking made nothing")
	}
}
