package command

import (
	"github.com/spf13/cobra"

	"github.com/penstock/penstock/pkg/trackerclient"
)

const waitingHelp = `Events that wait are in queues of the broker, from which none can be taken. So the job
waits until every deliverer has confirmed that it lets them go, and says when one does
not: it is of an older version, it attempts an event at the moment, or it is a program
of your own that consumes the route.`

func newEventsRetryNow(s Streams) *cobra.Command {
	j := jobFlags{kind: trackerclient.RetryNow, verb: "retry now", state: "retrying"}
	c := trackerCommand(s, &cobra.Command{
		Use:   "retry-now [ID…]",
		Short: "Retry events now that wait for their next attempt",
		Long: `Retry-now lets events make their next attempt at once: those that are named, or all
that the flags choose among those that are retrying. Each begins a further round, as
a replay does, so its attempts count from 1 again. It needs the archive. Events of a
route that keeps an order are left out.

` + waitingHelp + `

` + filterHelp + `

` + jobHelp,
		Example: trim(`
  penstock events retry-now 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock events retry-now --route invoices --status 503 --rate 20 --yes`),
	}, true, j.run)
	j.register(c, s)
	return c
}

func newEventsCancel(s Streams) *cobra.Command {
	j := jobFlags{kind: trackerclient.Cancel, verb: "cancel", state: "retrying"}
	c := trackerCommand(s, &cobra.Command{
		Use:   "cancel [ID…]",
		Short: "Cancel events that wait",
		Long: `Cancel lets events make no further attempt: those that are named, or all that the
flags choose. Without --state these are the ones that wait for their next attempt;
with --state pending, those that wait for their first one. Each is either delivered
or cancelled, and its state says which. It can be replayed while the archive holds it.

` + waitingHelp + `

` + filterHelp + `

` + jobHelp,
		Example: trim(`
  penstock events cancel 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock events cancel --route invoices --type 'invoice.*' --yes
  penstock events cancel --route invoices --state pending`),
	}, true, j.run)
	j.register(c, s)
	j.choice.registerState(c)
	return c
}
