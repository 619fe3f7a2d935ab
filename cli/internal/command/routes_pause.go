package command

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/pkg/trackerclient"
)

func newRoutesPause(s Streams) *cobra.Command {
	return routeCommand(s, &cobra.Command{
		Use:   "pause ROUTE",
		Short: "Stop delivering the events of a route",
		Long: `Pause lets the events of a route wait in its queue, untried, until it is resumed. Other
routes to the same destination go on. Every deliverer obeys within seconds, and so does
one that starts later.`,
		Example: "  penstock routes pause invoices",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Route, error) {
		a, err := t.api.PauseRouteWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.PauseRouteResponse).GetJSON200)
	})
}

func newRoutesResume(s Streams) *cobra.Command {
	return routeCommand(s, &cobra.Command{
		Use:     "resume ROUTE",
		Short:   "Deliver the events of a paused route again",
		Long:    "Resume ends the pause of a route. While its destination is paused, its events wait on.",
		Example: "  penstock routes resume invoices",
	}, func(ctx context.Context, t *tracker, name string) (*trackerclient.Route, error) {
		a, err := t.api.ResumeRouteWithResponse(ctx, name)
		return value(t, a, err, (*trackerclient.ResumeRouteResponse).GetJSON200)
	})
}
