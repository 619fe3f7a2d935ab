package command

import (
	"github.com/spf13/cobra"

	"github.com/penstock/penstock/pkg/trackerclient"
)

func newEventsReplay(s Streams) *cobra.Command {
	j := jobFlags{kind: trackerclient.Replay, verb: "replay"}
	c := trackerCommand(s, &cobra.Command{
		Use:   "replay [ID…]",
		Short: "Deliver events once more",
		Long: `Replay sends events through their routes again, from the archive: those that are
named, or all that the flags choose. A dead letter among them is taken off the dead
letters. Deliverers tell a destination with Penstock-Event-Id which event it is, so
that it can see what it has done before.

` + filterHelp + `

` + jobHelp,
		Example: trim(`
  penstock events replay 019a2f6e-8f0c-7d3e-9b5a-0242ac120002
  penstock events replay --source github --from -2h --to -1h
  penstock events replay --route invoices --state delivered --from 2026-11-01T00:00:00Z --rate 50 --yes
  penstock events replay --source shop --route-to audit`),
	}, true, j.run)
	j.register(c, s)
	j.choice.registerState(c)
	c.Flags().StringVar(&j.to, "route-to", "", "replay to this `route` only, whichever route the event was found on")
	completeFlag(c, "route-to", names(s, routeNames))
	return c
}
