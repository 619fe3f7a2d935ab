//go:build prove

package e2e

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// instances is how many gateways and how many deliverers a site has.
const instances = 2

// workQueue is the queue of the only route.
const workQueue = "penstock.route.everything"

// site is an installation that is being broken: two gateways behind a load balancer,
// two deliverers, and between them and each node of the cluster a line to cut.
type site struct {
	*stack
	build      string // the folder of its programs
	cluster    *cluster
	vhost      *amqptest.Vhost
	lines      []*amqptest.Proxy // one per node
	gateways   []*entrance
	deliverers [instances]*process
	tracker    atomic.Pointer[tracker] // nil in the control
}

func newSite(t *testing.T, build string) *site {
	t.Helper()
	s := &site{build: build, cluster: theCluster(t), vhost: amqptest.New(t)}
	var urls []string
	for _, url := range s.vhost.URLs {
		line := amqptest.NewProxy(t, url)
		s.lines, urls = append(s.lines, line), append(urls, line.URL)
	}
	s.stack = setupOn(t, plain, strings.Join(urls, ","))
	s.env["PENSTOCK_LOG_LEVEL"] = "info"
	s.env["PENSTOCK_DRAIN_DELAY"] = "1s"
	for i := range instances {
		s.gateways = append(s.gateways, &entrance{address: freeAddress(t)})
		s.startGateway(i)
		s.startDeliverer(i)
	}
	if build == "" {
		s.tracker.Store(s.startTracker())
	}
	s.balance()
	// RabbitMQ 3.10 writes down a new quorum queue's place half a second late.
	rest(3 * time.Second)
	return s
}

func (s *site) startGateway(i int) {
	s.t.Helper()
	g := s.gateways[i]
	p := start(s.t, filepath.Join(s.build, "gateway"), nil, s.settings(map[string]string{"PENSTOCK_LISTEN": g.address}))
	p.awaitReady()
	g.process.Store(p)
}

func (s *site) startDeliverer(i int) {
	s.t.Helper()
	p := start(s.t, filepath.Join(s.build, "worker"), []string{"deliver"}, s.settings(nil))
	p.awaitReady()
	s.deliverers[i] = p
}

// leader is the node that leads the work queue.
func (s *site) leader() int {
	s.t.Helper()
	return s.cluster.node(s.vhost.Leader(s.t, workQueue))
}
