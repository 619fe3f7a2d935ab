//go:build compose

package compose_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

//nolint:paralleltest // one engine: the ports are taken
func TestASwarmUpdatesWithoutAFailedRequestAndOutlastsAnOutage(t *testing.T) {
	build(t)
	secrets(t)
	buildAs(t, "next", "gateway", "worker")
	docker(t, "swarm", "init", "--advertise-addr", "127.0.0.1")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(trial.Try(time.Minute, "docker", "service", "ls"))
			t.Log(trial.Try(time.Minute, "docker", "stack", "ps", "--no-trunc", project))
		}
		docker(t, "stack", "rm", project)
		require.Eventually(t, func() bool {
			return docker(t, "ps", "-aq", "--filter", "label=com.docker.stack.namespace="+project) == ""
		}, 3*time.Minute, time.Second)
		for _, volume := range lines(docker(t, "volume", "ls", "-q", "--filter", "label=com.docker.stack.namespace="+project)) {
			docker(t, "volume", "rm", volume)
		}
		nothingLeft(t, "com.docker.stack.namespace="+project)
		docker(t, "swarm", "leave", "--force")
	})
	docker(t, "stack", "deploy", "--resolve-image", "never", "--compose-file", "compose.yaml", "--compose-file", "e2e/compose/compose.yaml", project)
	running(t)
	c := traffic()
	c.Start(t, target, 30)
	c.Flow(t, 100)

	start := c.Report(t)
	for _, service := range []string{"gateway=penstock/gateway:next", "deliverer=penstock/worker:next"} {
		name, image, _ := strings.Cut(service, "=")
		docker(t, "service", "update", "--no-resolve-image", "--quiet", "--image", image, project+"_"+name)
		c.Flow(t, 100)
	}
	docker(t, "service", "scale", project+"_gateway=3")
	c.Flow(t, 100)
	docker(t, "service", "scale", project+"_gateway=2")
	c.Flow(t, 100)

	calm := c.Report(t)
	t.Logf("updated and scaled: %s", calm.Since(start))
	require.Zero(t, calm.Since(start).FailedAll, "updates fail no request: %v", calm.Failed)
	withoutABroker(t, c)
	all := c.Settle(t)
	t.Logf("without a broker: %s", all.Since(calm))
	require.Subset(t, []string{"503 Service Unavailable, Retry-After"}, slices.Collect(maps.Keys(all.Since(calm).Failed)))
	require.Zero(t, all.Missing)
}

// withoutABroker takes the broker away for longer than a health check has patience: no
// task is replaced, and senders are asked to come again.
func withoutABroker(t *testing.T, c trial.Traffic) {
	t.Helper()
	const label = "com.docker.stack.namespace=" + project
	services := []string{"gateway", "deliverer", "tracker", "haproxy"}
	started := containers(t, label, services...)
	docker(t, "service", "scale", project+"_rabbitmq=0")
	outage(t, c)
	require.Equal(t, started, containers(t, label, services...))
	docker(t, "service", "scale", project+"_rabbitmq=1")
	c.Flow(t, 150)
}

// running waits until every service has its replicas, and the topology's job has ended.
func running(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, service := range lines(docker(t, "service", "ls", "--format", "{{ .Name }} {{ .Replicas }}")) {
			name, replicas, _ := strings.Cut(service, " ")
			have, want, _ := strings.Cut(replicas, "/")
			if have != want && !strings.HasSuffix(name, "_topology") {
				return false
			}
		}
		_, err := traffic().Ask("/control/report")
		return err == nil
	}, 10*time.Minute, 2*time.Second, "the stack runs")
}
