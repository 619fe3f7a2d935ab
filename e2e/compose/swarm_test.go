//go:build compose

package compose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

//nolint:paralleltest // one engine: the ports are taken
func TestASwarmUpdatesWithoutAFailedRequest(t *testing.T) {
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

	all := c.Settle(t)
	t.Logf("updated and scaled: %s", all.Since(start))
	require.Zero(t, all.Since(start).FailedAll, "updates fail no request: %v", all.Failed)
	require.Zero(t, all.Missing)
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
