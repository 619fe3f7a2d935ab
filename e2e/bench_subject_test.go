//go:build bench

package e2e

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// subject is a running gateway that is measured.
type subject struct {
	name    string
	address string
	tls     bool
	pid     int
	mallocs func() float64 // allocations so far
	broker  string         // URL of its virtual host; empty: it publishes nothing
	queue   string         // where its events end, emptied between two measurements
	process *process       // of ours
}

// benchConfig has one source and one route, which nobody consumes.
const benchConfig = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", concurrency: 16}
routes:
  everything: {from: [github], to: receiver}
`

// penstock starts a gateway of ours.
func penstock(t *testing.T, name string, archive, secure bool) *subject {
	t.Helper()
	return penstockAs(t, name, func(s *stack) {
		s.env["PENSTOCK_ARCHIVE"] = strconv.FormatBool(archive)
		s.env["PENSTOCK_ARCHIVE_MAX_BYTES"] = "1GB"
		if !secure {
			s.env["PENSTOCK_TLS_MODE"] = "off"
		}
	})
}

// penstockAs starts a gateway of ours with what set sets.
func penstockAs(t *testing.T, name string, set func(*stack)) *subject {
	t.Helper()
	s := setup(t, benchConfig)
	s.env["PENSTOCK_LOG_LEVEL"] = "info"
	s.env["PENSTOCK_PPROF"] = strconv.FormatBool(os.Getenv("PENSTOCK_BENCH_PROFILE") != "")
	set(s)
	gateway := s.startGateway()
	return &subject{
		name: name, address: strings.TrimPrefix(s.url, "https://"), tls: s.env["PENSTOCK_TLS_MODE"] != "off", pid: gateway.cmd.Process.Pid,
		mallocs: func() float64 { return metric(t, gateway, "go_memstats_mallocs_total") },
		broker:  s.broker, queue: "penstock.route.everything", process: gateway,
	}
}

// naive starts the naive gateway.
func naive(t *testing.T) *subject {
	t.Helper()
	s := &subject{name: naiveGateway, broker: amqptest.Broker(t), queue: "events"}
	declare(t, s.broker, s.queue)
	return s.start(t, "naive", "AMQP_URL="+s.broker, "QUEUE="+s.queue, "SECRET="+githubSecret)
}

// bareHTTP starts the server that does nothing with an event.
func bareHTTP(t *testing.T) *subject {
	t.Helper()
	return (&subject{name: httpAlone}).start(t, "http")
}

// start starts a yardstick.
func (s *subject) start(t *testing.T, program string, env ...string) *subject {
	t.Helper()
	s.address = freeAddress(t)
	cmd := exec.Command(filepath.Join(programs, program))
	cmd.Env = append(append(os.Environ(), "LISTEN="+s.address), env...)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s.pid = cmd.Process.Pid
	require.Eventually(t, func() bool { status, _ := s.get("/mallocs"); return status == http.StatusOK }, 20*time.Second, 20*time.Millisecond)
	s.mallocs = func() float64 {
		_, text := s.get("/mallocs")
		n, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return n
	}
	return s
}

// get reads a page of the yardstick; the status is 0 when it cannot.
func (s *subject) get(path string) (status int, body string) {
	res, err := http.Get("http://" + s.address + path)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, ""
	}
	return res.StatusCode, string(text)
}

// publisher runs the raw publisher once and returns its rate and its cost per message.
func publisher(t *testing.T, broker, queue string, lasts time.Duration) reading {
	t.Helper()
	cmd := exec.Command(filepath.Join(programs, "publisher"), "-url", broker, "-queue", queue, "-for", lasts.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	n, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	require.NoError(t, err)
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return reading{perSecond: n / lasts.Seconds(), cost: time.Duration(float64(used) / n)}
}

// declare makes a quorum queue.
func declare(t *testing.T, broker, queue string) {
	t.Helper()
	withChannel(t, broker, func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclare(queue, true, false, false, false, amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum})
		return err
	})
}

// purge empties a queue: a long one costs the broker more than a short one.
func purge(t *testing.T, broker, queue string) {
	t.Helper()
	withChannel(t, broker, func(ch *amqp.Channel) error {
		_, err := ch.QueuePurge(queue, false)
		return err
	})
}

func withChannel(t *testing.T, broker string, do func(*amqp.Channel) error) {
	t.Helper()
	conn, err := amqp.Dial(broker)
	require.NoError(t, err)
	defer func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) }()
	ch, err := conn.Channel()
	require.NoError(t, err)
	require.NoError(t, do(ch))
}
