//go:build bench

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// results are what a run of `make bench` measured, by the name of the subject.
type results struct {
	order    []string
	readings map[string][]reading
	limits   limits
	deliver  deliverResult
	track    trackResult
}

func (r *results) add(name string, one reading) {
	if r.readings[name] == nil {
		r.order = append(r.order, name)
	}
	r.readings[name] = append(r.readings[name], one)
}

// The names of the yardsticks.
const (
	rawPublisher = "raw confirmed publisher"
	naiveGateway = "naive gateway"
	httpAlone    = "net/http alone"
	plainGateway = "penstock, archive off"
)

// TestBench measures everything side by side, one after the other in each of several
// rounds, so that a machine whose speed changes changes it for all.
func TestBench(t *testing.T) {
	yardsticks(t)
	r := &results{readings: map[string][]reading{}}
	r.limits = measureLimits(t)
	raw := amqptest.Broker(t)
	declare(t, raw, "raw")
	subjects := []*subject{
		naive(t),
		bareHTTP(t),
		penstock(t, plainGateway, false, false),
		penstock(t, "penstock, archive on", true, false),
		penstock(t, "penstock, archive off, TLS", false, true),
		penstock(t, "penstock, archive on, TLS", true, true),
	}
	for round := range rounds(t) {
		purge(t, raw, "raw")
		broker := brokerCPU(t)
		peak := publisher(t, raw, "raw", fullFor)
		peak.broker = time.Duration(float64(brokerCPU(t)-broker) / (peak.perSecond * fullFor.Seconds()))
		r.add(rawPublisher, peak)
		measured := map[string]reading{}
		for i := range subjects { // each round begins with another one
			s := subjects[(round+i)%len(subjects)]
			measured[s.name] = s.measure(t)
			t.Logf("round %d: %-28s %6.0f/s %8v per event", round+1, s.name, measured[s.name].perSecond, measured[s.name].cost)
		}
		yardstick := measured[naiveGateway]
		for _, s := range subjects {
			one := measured[s.name]
			one.perSecondNaive, one.costNaive = yardstick.perSecond, yardstick.cost
			r.add(s.name, one)
		}
	}
	r.limits.overload = overload(t)
	r.deliver = measureDeliverer(t)
	r.track = r.deliver.track
	fmt.Println(r.tables())
	if file := os.Getenv("PENSTOCK_BENCH_REPORT"); file != "" {
		r.write(t, file)
	}
}

func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("PENSTOCK_BENCH_ROUNDS")
	if text == "" {
		return 9
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// yardsticks builds the programs that ours are compared with.
func yardsticks(t *testing.T) {
	t.Helper()
	for _, name := range []string{"naive", "http", "publisher", "client"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(programs, name), "./yardstick/"+name).CombinedOutput()
		require.NoError(t, err, string(out))
	}
}
