//go:build bench

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func rateOf(r reading) float64           { return r.perSecond }
func cost(r reading) time.Duration       { return r.cost }
func brokerCost(r reading) time.Duration { return r.broker }
func memoryOf(r reading) int             { return r.memory }
func allocations(r reading) float64      { return r.allocations }

// atFull and atHalf read a latency off.
func atFull(share float64) func(reading) time.Duration {
	return func(r reading) time.Duration { return r.full.at(share) }
}

func atHalf(share float64) func(reading) time.Duration {
	return func(r reading) time.Duration { return r.half.at(share) }
}

// tables are the figures.
func (r *results) tables() string {
	var b strings.Builder
	b.WriteString("| subject | events/s | of naive | CPU per event | of naive | the broker's | allocations | memory |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, name := range r.order {
		all := r.readings[name]
		rate, price := "", ""
		if name != rawPublisher {
			rate = fmt.Sprintf("%.2f", median(all, func(r reading) float64 { return r.perSecond / r.perSecondNaive }))
			price = fmt.Sprintf("%.2f", median(all, func(r reading) float64 { return float64(r.cost) / float64(r.costNaive) }))
		}
		fmt.Fprintf(&b, "| %s | %.0f | %s | %d µs | %s | %d µs | %.0f | %s |\n", name, median(all, rateOf), rate,
			median(all, cost).Microseconds(), price, median(all, brokerCost).Microseconds(), median(all, allocations), mib(median(all, memoryOf)))
	}
	b.WriteString("\n| acknowledgement after | full p50 | p99 | p99.9 | half p50 | p99 | p99.9 |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, name := range r.order[1:] {
		all := r.readings[name]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", name,
			millis(median(all, atFull(.5))), millis(median(all, atFull(.99))), millis(median(all, atFull(.999))),
			millis(median(all, atHalf(.5))), millis(median(all, atHalf(.99))), millis(median(all, atHalf(.999))))
	}
	return b.String() + "\n" + r.limits.String() + "\n" + r.deliver.String()
}

func (l limits) String() string {
	o := l.overload
	return fmt.Sprintf(`| situation | measured |
|---|---:|
| memory of an idle gateway | %s |
| memory with %d idle TLS connections | %s |
| start to ready with %d sources: on a broker without topology, with it | %s, %s |
| overload: offered, accepted, refused a second | %.0f, %.0f, %.0f |
| overload: accepted, of the peak | %.2f |
| overload: a refusal takes, p50 and p99 | %s, %s |
| overload: most memory | %s |
`, mib(l.idle), l.connections, mib(l.holding), l.sources, millis(l.first), millis(l.cold), o.offered, o.accepted, o.refused, o.accepted/o.peak,
		millis(o.refusals.at(.5)), millis(o.refusals.at(.99)), mib(o.memory))
}

func (d deliverResult) String() string {
	return fmt.Sprintf(`| %d events to a local receiver, 16 at a time | events/s | CPU per event | the broker's | memory |
|---|---:|---:|---:|---:|
| bare client | %.0f | %d µs | | |
| penstock worker deliver | %.0f | %d µs | %d µs | %s |
| of the bare client | %.2f | %.2f | | |

The tracker stored %d records of them into SQLite: %.0f a second from its start, %d µs of CPU for each, %s of memory.
`, d.events, d.client.perSecond, d.client.cost.Microseconds(), d.deliver.perSecond, d.deliver.cost.Microseconds(), d.deliver.broker.Microseconds(), mib(d.deliver.memory),
		d.deliver.perSecond/d.client.perSecond, float64(d.deliver.cost)/float64(d.client.cost),
		d.track.records, d.track.perSecond, d.track.cost.Microseconds(), mib(d.track.memory))
}

func mib(bytes int) string { return fmt.Sprintf("%d MB", bytes/1e6) }

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// versions say what was measured, and on what.
func versions(t *testing.T) string {
	t.Helper()
	revision, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		revision = []byte("an unknown revision")
	}
	return fmt.Sprintf("Measured on %s with Penstock %s, %s, %s/%s, %d CPUs shared by the load, the broker and what is measured.",
		time.Now().UTC().Format(time.DateOnly), strings.TrimSpace(string(revision)), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}

// The figures stand between these marks of docs/performance.md; the words around them are
// written by hand.
const (
	figuresBegin = "<!-- figures: written by make bench -->\n"
	figuresEnd   = "<!-- end of the figures -->\n"
)

// write puts the figures into the page.
func (r *results) write(t *testing.T, file string) {
	t.Helper()
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, begun := strings.Cut(string(page), figuresBegin)
	_, after, ended := strings.Cut(rest, figuresEnd)
	require.True(t, begun && ended, "%s lacks the marks of the figures", file)
	figures := versions(t) + "\n\n" + r.tables() + "\n"
	require.NoError(t, os.WriteFile(file, []byte(before+figuresBegin+"\n"+figures+figuresEnd+after), 0o600))
}
