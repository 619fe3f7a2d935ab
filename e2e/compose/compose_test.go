//go:build compose

package compose_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/e2e/internal/trial"
)

// compose runs a command of Compose on the installation of the test.
func compose(t *testing.T, args ...string) string {
	t.Helper()
	return composeOf(t, []string{"compose.yaml", "compose.override.yaml", "e2e/compose/compose.yaml"}, args...)
}

// composeOf is compose with the files of an installation.
func composeOf(t *testing.T, files []string, args ...string) string {
	t.Helper()
	command := []string{"compose", "--project-name", project}
	for _, file := range files {
		command = append(command, "--file", file)
	}
	return docker(t, append(command, args...)...)
}

//nolint:paralleltest // one engine: the ports are taken
func TestComposeScalesAndLosesNothing(t *testing.T) {
	build(t)
	folder := secrets(t)
	t.Cleanup(func() { remove(t) })
	compose(t, "up", "--detach", "--wait", "--wait-timeout", "600", "--no-build")
	c := traffic()
	c.Start(t, target, 40)
	c.Flow(t, 100)

	compose(t, "up", "--detach", "--no-build", "--no-recreate", "--wait", "--scale", "gateway=3", "--scale", "deliverer=2")
	c.Flow(t, 200)
	takes(t, 3)
	compose(t, "up", "--detach", "--no-build", "--no-recreate", "--scale", "gateway=2", "--scale", "deliverer=1", "--timeout", "60")
	c.Flow(t, 200)
	calm := c.Report(t)
	t.Logf("scaled 2, 3, 2 gateways and 1, 2, 1 deliverers: %s", calm)
	require.Zero(t, calm.FailedAll, "scaling fails no request: %v", calm.Failed)

	kill(t, c, "deliverer")
	kill(t, c, "gateway")
	kill(t, c, "rabbitmq")
	kill(t, c, "haproxy")
	refused(t, c)
	all := c.Settle(t)
	t.Logf("killed one of each: %s", all.Since(calm))
	t.Logf("in all: %s", all)
	require.Zero(t, all.Missing)
	followed(t, project+"_penstock", folder)
}

// remove takes the installation down, and requires that nothing of it is left.
func remove(t *testing.T) {
	t.Helper()
	if t.Failed() {
		t.Log(compose(t, "logs", "--no-color", "--tail", "40"))
	}
	compose(t, "down", "--volumes", "--remove-orphans", "--timeout", "60")
	nothingLeft(t, "com.docker.compose.project="+project)
}

// takes requires that so many gateways have accepted events.
func takes(t *testing.T, gateways int) {
	t.Helper()
	taking := 0
	for _, container := range lines(compose(t, "ps", "--quiet", "gateway")) {
		metrics := docker(t, "exec", container, "penstock", "health", "http://127.0.0.1:9090/metrics")
		for line := range strings.SplitSeq(metrics, `\n`) {
			value, found := strings.CutPrefix(line, `penstock_accepted_total{source="github"} `)
			if n, err := strconv.ParseFloat(value, 64); found && err == nil && n > 0 {
				taking++
			}
		}
	}
	require.Equal(t, gateways, taking, "HAProxy finds every gateway")
}

// kill ends one container of a service without warning, and waits until events flow.
func kill(t *testing.T, c trial.Traffic, service string) {
	t.Helper()
	victim := lines(compose(t, "ps", "--quiet", service))[0]
	docker(t, "kill", "--signal", "KILL", victim)
	require.Eventually(t, func() bool {
		docker(t, "start", victim) // what was killed by hand is not restarted
		return docker(t, "inspect", "--format", "{{ .State.Running }}", victim) == "true"
	}, time.Minute, time.Second)
	c.Flow(t, 150)
}

// refused stops the broker for longer than a health check has patience: every sender is
// asked to come again, and no container is restarted.
func refused(t *testing.T, c trial.Traffic) {
	t.Helper()
	before := c.Report(t)
	started := containers(t, "com.docker.compose.project="+project, "gateway", "deliverer", "tracker", "haproxy")
	compose(t, "stop", "--timeout", "60", "rabbitmq")
	outage(t, c)
	require.Equal(t, started, containers(t, "com.docker.compose.project="+project, "gateway", "deliverer", "tracker", "haproxy"))
	compose(t, "start", "rabbitmq")
	c.Flow(t, 150)
	require.Subset(t, []string{"503 Service Unavailable, Retry-After"}, slices.Collect(maps.Keys(c.Report(t).Since(before).Failed)))
}

// outage requires that senders get 503 with Retry-After and nothing else for a minute.
func outage(t *testing.T, c trial.Traffic) {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; {
		c.Outage(t)
	}
}

// containers returns which containers run of these services, and since when.
func containers(t *testing.T, label string, services ...string) (started []string) {
	t.Helper()
	for _, service := range services {
		for _, id := range lines(docker(t, "ps", "--quiet", "--no-trunc", "--filter", "label="+label, "--filter", "name=[-_]"+service+"[-.]")) {
			started = append(started, docker(t, "inspect", "--format", "{{ .Name }} {{ .State.StartedAt }} {{ .RestartCount }}", id))
		}
	}
	require.NotEmpty(t, started)
	slices.Sort(started)
	return started
}

// followed requires that the tracker knows what became of an event. Only root may read the
// folder of secrets.
func followed(t *testing.T, network, folder string) {
	t.Helper()
	said := docker(t, "run", "--rm", "--user", "0", "--network", network, "--volume", folder+":/secrets:ro", "--entrypoint", "penstock",
		"penstock/gateway:"+version, "probe", "github", "--secret", "file:/secrets/gateway/github", "--url", target, "--insecure",
		"--api", "http://tracker:8090", "--token", "file:/secrets/operator/api-token")
	t.Log(said)
	require.Contains(t, said, "delivered by everything")
}
