//go:build prove

package e2e

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// page is docs/reliability.md, or docs/reliability-4.md for RabbitMQ 4.
type page struct {
	title, other      string // other leads to the other page
	versions          string
	outcomes, control []outcome
}

func newPage(t *testing.T, outcomes, control []outcome) page {
	t.Helper()
	revision, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		revision = []byte("an unknown revision")
	}
	rabbit := strings.TrimSpace(theCluster(t).ctl("version"))
	title, other := "Reliability", "The same on [RabbitMQ 4](reliability-4.md)."
	if strings.HasPrefix(rabbit, "4.") {
		title, other = "Reliability on RabbitMQ 4", "The same on [RabbitMQ 3](reliability.md)."
	}
	return page{title, other, fmt.Sprintf("Measured on %s with RabbitMQ %s (three nodes), Penstock %s, %s, on %d CPUs shared by all of it.",
		time.Now().UTC().Format(time.DateOnly), rabbit, strings.TrimSpace(string(revision)), runtime.Version(), runtime.NumCPU()), outcomes, control}
}

const head = `# %s

` + "`make prove`" + ` breaks a running installation in every way below, one after another, and counts.
It needs no Docker: it starts a RabbitMQ cluster of three nodes on this machine, two gateways
behind a load balancer, two deliverers and a receiver, sends %d numbered events a second, and
ends with the table. ` + "`make prove SHORT=1`" + ` runs a few rows, for continuous integration. The
page is written by the full run. %s

%s

## The table

`

const legend = `
- accepted: answered with 2xx. delivered: those of them that arrived. **lost: accepted and not delivered.**
- duplicates: arrivals beyond an event's first. An event is delivered at least once; its id tells a receiver.
- 503: refused, with ` + "`Retry-After`" + `; the sender sends again. no answer: the connection broke.
- pause in, out: the longest time in which nothing was accepted, or delivered.
- recovered: from the end of the fault until nothing was refused, nothing paused, in or out, and
  nothing was delivered more than a second after it was accepted. Where the installation heals itself, as after a kill, the end is the moment of the kill.

## What the sender sees

`

const controlHead = `
## The control

A suite that cannot fail proves nothing. So the faults that can keep a confirm back strike a second
time, at programs that do not wait for any (build tag ` + "`unconfirmed`" + `), as many producers are
written. They answer 2xx as soon as a publish is written to a socket:

`

const tail = `
Together the control lost %d events that a sender believed to be safe.

## What no software here can mend

- Deleting a queue deletes what is in it. The deliverer declares it again within seconds, and
  consumes on; until then events of its route reach the archive only.
- Losing a majority of the cluster's disks loses what was on them.
- A single node is no cluster: while it is away everything is refused with 503, and nothing is lost.
`

// String returns the whole page.
func (p page) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, head, p.title, perSecond, p.other, p.versions)
	b.WriteString(table(p.outcomes) + strings.Replace(legend, "\n\n##", p.alarms()+"\n\n##", 1))
	for _, f := range faults {
		fmt.Fprintf(&b, "- %s: %s\n", f.name, f.sender)
	}
	b.WriteString(controlHead + table(p.control))
	fmt.Fprintf(&b, tail, totalLost(p.control))
	return b.String()
}

// alarms names the faults in which the ledger called events missing that were not.
func (p page) alarms() string {
	var all []string
	for _, o := range p.outcomes {
		if o.alarms > 0 {
			all = append(all, fmt.Sprintf("%s (%d)", o.name, o.alarms))
		}
	}
	if all == nil {
		return ""
	}
	return "\n- **The ledger called events missing that were not**, in: " + strings.Join(all, ", ") + "."
}

// tables returns the tables only.
func (p page) tables() string {
	return p.versions + "\n\n" + table(p.outcomes) + "\nControl, without confirms:\n\n" + table(p.control)
}

func table(outcomes []outcome) string {
	var b strings.Builder
	b.WriteString("| fault | accepted | delivered | duplicates | lost | 503 | no answer | pause in | pause out | recovered |\n")
	b.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, o := range outcomes {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | **%d** | %d | %d | %s | %s | %s |\n", o.name, o.accepted, o.delivered, o.duplicates,
			o.lost(), o.refused, o.silent, seconds(o.pause), seconds(o.starved), seconds(o.recovery))
	}
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
