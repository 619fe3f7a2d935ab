//go:build bench

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/provider"
)

// limits are what a gateway takes in special situations.
type limits struct {
	idle        int           // resident memory of a gateway that has nothing to do, in bytes
	connections int           // how many idle TLS connections were held
	holding     int           // resident memory with them, in bytes
	sources     int           // of the configuration that cold starts with
	first       time.Duration // from its start to the first answer 200 of /readyz, when it declares the topology
	cold        time.Duration // and when that is there
	overload    overloaded
}

// overloaded is what became of three times the load that a gateway can take.
type overloaded struct {
	peak, offered, accepted, refused float64 // a second
	refusals                         latencies
	memory                           int // most resident, in bytes
}

const idleConnections = 10_000

// surgeFor is how long the peak is looked for. The overload lasts twice as long.
const surgeFor = 4 * time.Second

func measureLimits(t *testing.T) limits {
	t.Helper()
	l := limits{connections: idleConnections}
	l.first, l.cold, l.sources = coldStart(t)
	s := penstock(t, "idle", true, true)
	l.idle, _ = resident(t, s.pid)
	l.holding = holding(t, s)
	return l
}

// holding opens TLS connections, sends an event over each, leaves them idle, and returns
// the gateway's memory with them.
func holding(t *testing.T, s *subject) int {
	t.Helper()
	guns := make([]*gun, idleConnections)
	defer func() {
		for _, g := range guns {
			if g != nil {
				g.close()
			}
		}
	}()
	for i := range guns {
		guns[i] = newGun(t, s.address, true)
		status, err := guns[i].shoot()
		require.NoError(t, err)
		require.Less(t, status, 300)
	}
	memory, _ := resident(t, s.pid)
	return memory
}

// coldStart starts a gateway with 250 sources twice, of as many presets as take a secret
// of any form, and then those again.
func coldStart(t *testing.T) (first, again time.Duration, sources int) {
	t.Helper()
	sources = 250
	var presets []string
	for _, p := range provider.All() {
		if _, err := provider.New(p, provider.Options{Secrets: []string{githubSecret}, PublicURL: "https://hooks.example.com/in/x"}); err == nil {
			presets = append(presets, p.ID)
		}
	}
	var b strings.Builder
	b.WriteString("sources:\n")
	for i := range sources {
		fmt.Fprintf(&b, "  source-%d: {provider: %s, secrets: [\"${GITHUB_WEBHOOK_SECRET}\"], publicURL: https://hooks.example.com/in/x}\n",
			i, presets[i%len(presets)])
	}
	b.WriteString("destinations:\n  receiver: {url: RECEIVER}\nroutes:\n  everything: {from: [source-0], to: receiver}\n")
	s := setup(t, b.String())
	s.env["PENSTOCK_TLS_MODE"] = "off"
	return s.timeStart(), s.timeStart(), sources
}

func (s *stack) timeStart() time.Duration {
	began := time.Now()
	p := start(s.t, "gateway", nil, s.settings(map[string]string{"PENSTOCK_LISTEN": freeAddress(s.t)}))
	require.Eventually(s.t, func() bool { return p.status("/readyz") == http.StatusOK }, 30*time.Second, 2*time.Millisecond, "%s", p.log.tail())
	took := time.Since(began)
	p.kill()
	return took
}

// slowAnswer is how long a broker takes to answer that can take only so many events a second
// of a gateway, as many as it has in flight in that time.
const slowAnswer = 100 * time.Millisecond

// overload sends three times of what the gateway can take, over so many connections
// that they do not wait for each other, and more than it may have in work at once. The
// broker is what it is short of, and not the machine: load, gateway and broker share that,
// and three times of what it can do is more load than it can make.
func overload(t *testing.T) overloaded {
	t.Helper()
	s := slow(t)
	first := barrage{address: s.address, connections: 600, lasts: surgeFor}.run(t)
	require.Zero(t, first.refused)
	peak := first.perSecond()
	purge(t, s.broker, s.queue)
	v := barrage{address: s.address, connections: 6000, rate: 3 * peak, lasts: 2 * surgeFor}.run(t)
	_, most := resident(t, s.pid)
	seconds := v.took.Seconds()
	return overloaded{
		peak: peak, offered: float64(v.accepted+v.refused) / seconds, accepted: v.perSecond(),
		refused: float64(v.refused) / seconds, refusals: v.refusals, memory: most,
	}
}

// slow is a gateway of ours with a broker that answers slowAnswer.
func slow(t *testing.T) *subject {
	t.Helper()
	return penstockAs(t, "slow broker", func(s *stack) {
		proxy := amqptest.NewProxy(t, s.broker)
		proxy.Delay(slowAnswer)
		s.env["PENSTOCK_AMQP_URLS"] = proxy.URL
		s.env["PENSTOCK_ARCHIVE"] = "false"
		s.env["PENSTOCK_TLS_MODE"] = "off"
	})
}
