package docs_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// costs are what an event takes, as `make bench` measured it.
type costs struct {
	gateway, gatewayTLS time.Duration // processor time of a gateway, with the archive
	brokerIn            time.Duration // of the broker, to take the event
	brokerOut           time.Duration // and to hand it over, with its records
	deliverer           time.Duration
	tracker             time.Duration // for each of the two records
	queue               float64       // events a second that one queue takes at most
}

// readCosts takes them off docs/performance.md.
func readCosts(t *testing.T) costs {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/performance.md"))
	require.NoError(t, err)
	cell := func(row string, column int) float64 {
		for line := range strings.Lines(string(text)) {
			if cells := strings.Split(line, "|"); len(cells) > column && strings.TrimSpace(cells[1]) == row {
				number, _, _ := strings.Cut(strings.TrimSpace(cells[column]), " ")
				n, err := strconv.ParseFloat(number, 64)
				require.NoError(t, err, "%s, column %d", row, column)
				return n
			}
		}
		require.Fail(t, "docs/performance.md has no row "+row)
		return 0
	}
	micros := func(row string, column int) time.Duration {
		return time.Duration(cell(row, column)) * time.Microsecond
	}
	track := regexp.MustCompile(`(\d+) µs of CPU for each`).FindSubmatch(text)
	require.NotNil(t, track)
	record, err := strconv.Atoi(string(track[1]))
	require.NoError(t, err)
	return costs{
		gateway: micros("penstock, archive on", 4), gatewayTLS: micros("penstock, archive on, TLS", 4),
		brokerIn:  micros("penstock, archive on", 6),
		brokerOut: micros("penstock worker deliver", 4),
		deliverer: micros("penstock worker deliver", 3),
		tracker:   time.Duration(record) * time.Microsecond,
		queue:     cell("raw confirmed publisher", 2),
	}
}

const (
	inUse     = 0.6 // of a processor, so that a burst and a lost pod find room
	nodeCores = 16  // of the largest broker node that we would run; a cluster has three
	podCores  = 2
)

// plan is what a rate needs.
type plan struct {
	rate                       float64
	gateways, deliverers       int     // pods
	nodeLoad                   float64 // processors of each broker node
	clusters, queues, trackers int
}

func (c costs) plan(rate float64) plan {
	pods := func(each time.Duration) int {
		return max(2, int(math.Ceil(rate*each.Seconds()/inUse/podCores)))
	}
	// Each node leads a third of the queues and follows the others. To follow costs the
	// processor as much as to lead, at most.
	node := rate * (c.brokerIn + c.brokerOut).Seconds() / inUse
	tracker := rate * 2 * c.tracker.Seconds() / inUse
	return plan{
		rate: rate, gateways: pods(c.gatewayTLS), deliverers: pods(c.deliverer), nodeLoad: node,
		clusters: int(math.Ceil(node / nodeCores)), queues: int(math.Ceil(rate / (c.queue / 2 * inUse))),
		trackers: int(math.Ceil(tracker)),
	}
}

func (c costs) table() string {
	var b strings.Builder
	b.WriteString("| events/s | gateways | deliverers | processors of each broker node | clusters | queues | trackers |\n|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, rate := range []float64{1_000, 10_000, 100_000} {
		p := c.plan(rate)
		fmt.Fprintf(&b, "| %.0f | %d | %d | %.1f | %d | %d | %d |\n", p.rate, p.gateways, p.deliverers, p.nodeLoad, p.clusters, p.queues, p.trackers)
	}
	return b.String()
}

// surge is a load that rises for a while, in front of deliverers that an autoscaler adds.
type surge struct {
	name        string
	usual, peak float64       // events a second
	lasts       time.Duration // the peak
	down        bool          // the destination takes nothing meanwhile
	answers     time.Duration // how long the destination takes
}

// The autoscaler is the chart's, on the queue's length, with its defaults.
const (
	eventsPerPod = 200
	mostPods     = 10
	concurrency  = 16
	looksEvery   = 15 // seconds
	podStarts    = 20 // seconds, from the decision to the first event
)

// course is what came of a surge.
type course struct {
	backlog float64 // at most
	oldest  time.Duration
	pods    int           // at most
	over    time.Duration // from the end of the peak until nothing waits
}

// play goes through a surge second by second.
func (c costs) play(t *testing.T, s surge) course {
	t.Helper()
	pod := min(concurrency/s.answers.Seconds(), podCores*inUse/c.deliverer.Seconds())
	pods := max(1, int(math.Ceil(s.usual/pod/inUse)))
	starting := map[int]int{} // pods, by the second in which they are there
	var out course
	var arrived []float64 // in all, by the second
	var left, total, wanted float64 = 0, 0, float64(pods)
	for second := 0; ; second++ {
		inPeak := second < int(s.lasts.Seconds())
		rate := s.usual
		if inPeak {
			rate = s.peak
		}
		total += rate
		arrived = append(arrived, total)
		pods += starting[second]
		if able := min(float64(pods)*pod, c.queue/2); !inPeak || !s.down {
			left = min(total, left+able)
		}
		backlog := total - left
		out.backlog, out.pods = max(out.backlog, backlog), max(out.pods, pods)
		for behind := second; behind >= 0 && arrived[behind] > left; behind-- {
			out.oldest = max(out.oldest, time.Duration(second-behind)*time.Second)
		}
		if second%looksEvery == 0 {
			target := min(mostPods, math.Ceil(backlog/eventsPerPod))
			// Kubernetes at most doubles, or adds four, in each look.
			if next := min(target, max(2*wanted, wanted+4)); next > wanted {
				starting[second+podStarts] += int(next - wanted)
				wanted = next
			}
		}
		if !inPeak && backlog < 1 {
			out.over = time.Duration(second)*time.Second - s.lasts
			return out
		}
		require.Less(t, second, 100_000, "the backlog never ends")
	}
}

func (c costs) surges(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| surge | most events waiting | longest wait | deliverers | over after |\n|---|---:|---:|---:|---:|\n")
	for _, s := range []surge{
		{name: "100/s, 1,000/s for a minute; answers in 50 ms", usual: 100, peak: 1000, lasts: time.Minute, answers: 50 * time.Millisecond},
		{name: "100/s, 1,000/s for ten minutes; answers in 50 ms", usual: 100, peak: 1000, lasts: 10 * time.Minute, answers: 50 * time.Millisecond},
		{name: "100/s, 1,000/s for ten minutes; answers in 200 ms", usual: 100, peak: 1000, lasts: 10 * time.Minute, answers: 200 * time.Millisecond},
		{name: "500/s, destination down for ten minutes; answers in 50 ms", usual: 500, peak: 500, lasts: 10 * time.Minute, down: true, answers: 50 * time.Millisecond},
		{name: "500/s, destination down for an hour; answers in 50 ms", usual: 500, peak: 500, lasts: time.Hour, down: true, answers: 50 * time.Millisecond},
	} {
		is := c.play(t, s)
		fmt.Fprintf(&b, "| %s | %.0f | %s | %d | %s |\n", s.name, is.backlog, is.oldest, is.pods, is.over)
	}
	return b.String()
}

// TestScaling keeps the tables of docs/scaling.md equal to what the costs of
// docs/performance.md give. PENSTOCK_UPDATE_DOCS=1 writes them anew.
func TestScaling(t *testing.T) {
	t.Parallel()
	file := filepath.Join(root, "docs/scaling.md")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	c := readCosts(t)
	page := between(t, string(text), "need", c.table())
	page = between(t, page, "surges", c.surges(t))
	if os.Getenv("PENSTOCK_UPDATE_DOCS") != "" {
		require.NoError(t, os.WriteFile(file, []byte(page), 0o600))
		return
	}
	require.Equal(t, page, string(text), "PENSTOCK_UPDATE_DOCS=1 go test ./docs -run TestScaling writes the tables anew")
}

// between puts a table between its two marks.
func between(t *testing.T, page, name, table string) string {
	t.Helper()
	begin, end := "<!-- computed: "+name+" -->\n", "<!-- end -->\n"
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	require.True(t, begun && ended, "docs/scaling.md lacks the marks of %s", name)
	return before + begin + "\n" + table + "\n" + end + after
}
