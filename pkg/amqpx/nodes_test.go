package amqpx_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

func TestEachNodeIsLookedAt(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	wrong, err := url.Parse(vhost.URL)
	require.NoError(t, err)
	wrong.User = url.UserPassword("nobody", "s3cr3t")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	nodes := amqpx.Look(ctx, amqpx.Config{URLs: []string{vhost.URL, wrong.String(), "amqp://127.0.0.1:1/", "http://x"}})
	require.Len(t, nodes, 4)
	require.NoError(t, nodes[0].Err)
	require.Regexp(t, `^\d+\.\d+`, nodes[0].Version)
	require.NotEmpty(t, nodes[0].Cluster)
	require.Positive(t, nodes[0].Took)
	require.Empty(t, nodes[0].Certificates)
	require.ErrorContains(t, nodes[1].Err, "username or password not allowed")
	require.NotContains(t, nodes[1].Err.Error(), "s3cr3t")
	require.ErrorContains(t, nodes[2].Err, "127.0.0.1:1")
	require.ErrorContains(t, nodes[3].Err, "neither amqp nor amqps")
}
