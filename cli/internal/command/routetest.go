package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/rehearse"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// routeTest are the flags of the command.
type routeTest struct {
	format  format
	tracker trackerFlags
	config  string
	last    int
	save    string
	expect  string
	diffs   bool
}

func newRouteTest(s Streams) *cobra.Command {
	var r routeTest
	c := &cobra.Command{
		Use:   "test ROUTE",
		Short: "Try a route's rules on the last events",
		Long: `Test shows what a route's types, filter, ordering key and transformation make of the
last events of its sources: which it would take, with the key and the changed body, which
it would filter, and which it would give up on, with the error and its place in the rule.
Nothing is delivered.

The rules are those of the running installation, or those of the route in a file with
--config: one that is not in force yet. The secrets of that file are not looked at. The
events come from the archive, without credentials: a rule that reads one sees "[redacted]".

With --save it writes the events and what became of them to a file, and with --expect it
tries the events of such a file, asks no tracker when there is --config, and ends with the
exit code 3 when anything became of one that the file does not say. The file holds payloads.

` + trackerHelp,
		Example: trim(`
  penstock route test invoices
  penstock route test invoices --config new.yaml --last 500 --diff
  penstock route test invoices --save invoices.cases.json
  penstock route test invoices --config new.yaml --expect invoices.cases.json`),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(r.run(c.Context(), s, args[0])) },
	}
	r.tracker.register(c)
	r.format.register(c)
	f := c.Flags()
	f.StringVar(&r.config, "config", "", "try the rules of this configuration `file`")
	f.IntVar(&r.last, "last", 100, "try the last `number` of events")
	f.StringVar(&r.save, "save", "", "write events and outcomes to this `file`")
	f.StringVar(&r.expect, "expect", "", "try the events of this `file`, and compare")
	f.BoolVar(&r.diffs, "diff", false, "show how each body changes")
	_ = c.MarkFlagFilename("config", "yaml", "yml") // fails only for a flag that is not there
	_ = c.MarkFlagFilename("expect", "json")        // likewise
	c.ValidArgsFunction = names(s, routeNames)
	return c
}

func (r *routeTest) run(ctx context.Context, s Streams, name string) error {
	if r.last < 1 {
		return usage("--last %d: not a number of events", r.last)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*trackerPatience) // it asks for each event
	defer cancel()
	t, err := r.tracker.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
	if err != nil {
		return err
	}
	rules, err := r.rules(ctx, t, name)
	if err != nil {
		return err
	}
	route, err := rehearse.Compile(rules)
	if err != nil {
		return coded{err, Invalid}
	}
	cases, err := r.cases(ctx, t, rules)
	if err != nil {
		return err
	}
	result := tryCases(ctx, route, cases, r.expect != "")
	if r.save != "" {
		if err := saveCases(r.save, name, cases); err != nil {
			return err
		}
	}
	if err := r.format.write(t.Out, result, func() error { return r.print(t, result) }); err != nil {
		return err
	}
	if result.Differences > 0 {
		return silent{Invalid}
	}
	return nil
}

// rules are those of the file, or of the installation.
func (r *routeTest) rules(ctx context.Context, t *tracker, name string) (rehearse.Rules, error) {
	if r.config != "" {
		return rulesOfFile(t.Streams, r.config, name)
	}
	a, err := t.api.GetRouteWithResponse(ctx, name)
	route, err := value(t, a, err, (*trackerclient.GetRouteResponse).GetJSON200)
	if err != nil {
		return rehearse.Rules{}, err
	}
	if route.Rules == nil {
		return rehearse.Rules{}, fmt.Errorf("the tracker knows no rules of the route %s: it is not configured any more, or the tracker is an older one; name a file with --config", name)
	}
	return rehearse.Rules{
		Bindings: or(route.Bindings, nil), Filter: or(route.Rules.Filter, ""), Key: or(route.Rules.OrderingKey, ""),
		Partitions: or(route.Rules.Partitions, 0),
		Transform:  config.Transform{JQ: or(route.Rules.Jq, ""), CEL: or(route.Rules.Cel, "")},
	}, nil
}

func rulesOfFile(s Streams, path, name string) (rehearse.Rules, error) {
	cfg, err := config.Load(path, s.Env, noPart)
	if err != nil {
		return rehearse.Rules{}, coded{err, Invalid}
	}
	route := cfg.Routes[name]
	if route == nil {
		return rehearse.Rules{}, usage("%s has no route %s", path, name)
	}
	return rehearse.RulesOf(route), nil
}
