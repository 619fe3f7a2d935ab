package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/topology"
)

// management looks at what only the management interface knows.
func (i *Installation) management(ctx context.Context) []Finding {
	if i.Management == nil {
		return []Finding{skipped("nobody said where RabbitMQ's management interface is", "Say it with --management URL, or PENSTOCK_MANAGEMENT_URL: alarms, leftovers and the broker's clock are looked at then.")}
	}
	before := i.Now()
	date, err := i.Management.Date(ctx)
	if err != nil {
		return []Finding{failure("the management interface does not answer: "+text(err), webRemedy(err, "it"))}
	}
	found := []Finding{clock("the broker", date, before, i.Now())}
	if alarms, err := i.Management.Alarms(ctx); err == nil {
		found = append(found, alarmed(alarms)...)
	}
	return slices.Concat(found, i.queues(ctx), i.migration(ctx))
}

// migration looks whether gateways before version 1 still publish by patterns, and whether
// their bindings are still there.
func (i *Installation) migration(ctx context.Context) []Finding {
	bindings, err := i.Management.Bindings(ctx, topology.Events)
	if err != nil {
		return nil // it is said about the queues already
	}
	old, err := i.Management.OldGateways(ctx)
	if err != nil {
		return []Finding{skipped("which gateways are connected is not known: "+text(err), "Give the management user the tag monitoring.")}
	}
	var found []Finding
	bound := len(i.Plan.ObsoleteBindings(bindings)) > 0
	if len(old) > 0 {
		found = append(found, warning("gateways before version 1 publish to "+topology.Events+": "+strings.Join(old, ", "), "Upgrade them; see docs/guides/upgrade.md."))
	}
	if bound && len(old) == 0 {
		found = append(found, warning("no gateway needs the bindings of "+topology.Events+" to the routes any more", "Run 'penstock topology prune --yes'."))
	}
	return append(append(found, i.exchange(bound)...), i.oldLevels(ctx)...)
}

// oldLevels looks whether the delay levels of processes before version 1 are there, and
// still needed.
func (i *Installation) oldLevels(ctx context.Context) []Finding {
	exchanges, err := i.Management.Exchanges(ctx, "penstock.")
	if err != nil || len(topology.ObsoleteExchanges(exchanges)) == 0 {
		return nil // what fails is said about the queues already
	}
	old, err := i.Management.OldDelayers(ctx)
	if err != nil {
		return nil // likewise
	}
	if len(old) > 0 {
		return []Finding{warning("processes before version 1 delay events in the levels of that time: "+strings.Join(old, ", "), "Upgrade them; see docs/guides/upgrade.md.")}
	}
	waiting, err := i.waitingInOldLevels(ctx)
	switch {
	case err != nil:
		return nil // likewise
	case waiting > 0:
		return []Finding{ok(terminal.Plural(waiting, "message") + " in the delay levels of before version 1; they come to their routes by themselves")}
	default:
		return []Finding{warning("no process needs the delay levels of before version 1 any more", "Run 'penstock topology prune --yes'.")}
	}
}

func (i *Installation) waitingInOldLevels(ctx context.Context) (waiting int, err error) {
	queues, err := i.Management.Queues(ctx, topology.Delay+".")
	for _, q := range queues {
		waiting += q.Messages
	}
	return waiting, err
}

// exchange says whether events are published to the exchange for queues of others.
func (i *Installation) exchange(bound bool) []Finding {
	switch {
	case !i.Plan.Exchange:
		return nil
	case bound:
		return []Finding{failure("the configuration says exchange: true while the routes are bound to "+topology.Events+": they get each event twice",
			"Take it out until 'penstock topology prune --yes' has removed these bindings.")}
	default:
		return []Finding{ok("every event is published to " + topology.Events + ", too, for queues of others")}
	}
}

func alarmed(alarms []string) []Finding {
	if len(alarms) == 0 {
		return []Finding{ok("no node is short of memory or disk")}
	}
	var found []Finding
	for _, a := range alarms {
		found = append(found, failure(a+": nobody may publish", "Make room: add memory or disk, or let consumers catch up. The gateway answers 503 until then."))
	}
	return found
}

// queues looks at all queues: for what no route needs any more, for what waits and nothing takes, and for policies that
// lose events.
func (i *Installation) queues(ctx context.Context) []Finding {
	queues, err := i.Management.Queues(ctx, "penstock.")
	if err != nil {
		return []Finding{failure(text(err), "Give the management user the tag monitoring or management, and this virtual host.")}
	}
	return slices.Concat(i.leftovers(queues), i.unserved(queues), losing(queues))
}

// leftovers looks for what no route needs any more, and for what no route took.
func (i *Installation) leftovers(queues []rabbit.Queue) []Finding {
	var found []Finding
	var left []string
	messages := 0
	for _, q := range queues {
		kept := q.Name == topology.Orphan || q.Name == topology.Unrouted
		switch {
		case kept && q.Messages > 0:
			found = append(found, warning(fmt.Sprintf("%s holds %s that no route took", q.Name, terminal.Plural(q.Messages, "event")),
				"Add the route that they are for, and move them with the shovel plugin, or purge the queue."))
		case topology.IsBitLevel(q.Name): // said by oldLevels
		case len(i.Plan.ObsoleteQueues([]string{q.Name})) > 0:
			left, messages = append(left, q.Name), messages+q.Messages
		}
	}
	if len(left) > 0 {
		found = append(found, warning(fmt.Sprintf("%s of no route any more, with %s: %s",
			terminal.Plural(len(left), "queue"), terminal.Plural(messages, "event"), few(left)), "See 'penstock topology prune'."))
	}
	if len(found) == 0 {
		return []Finding{ok("nothing is left over")}
	}
	return found
}

// few names some of many.
func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
