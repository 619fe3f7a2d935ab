package command

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
)

// shownQueue is a queue that there should be or is.
type shownQueue struct {
	Name      string `json:"name"`
	Kind      string `json:"kind,omitempty"`  // quorum or stream
	State     string `json:"state,omitempty"` // present, missing or obsolete; empty: not known
	Messages  int    `json:"messages"`
	Consumers int    `json:"consumers"`
}

// shownBinding is what a queue still gets.
type shownBinding struct {
	Exchange string `json:"exchange"`
	Queue    string `json:"queue"`
	Key      string `json:"key"` // pattern of the events, or the queue's name
}

func newTopologyShow(s Streams) *cobra.Command {
	var f format
	c := topologyCommand(s, &cobra.Command{
		Use:   "show [FILE]",
		Short: "Show the queues that the configuration needs, and what is in them",
		Long: `Show lists the queues of the configuration. With the management interface it also
says which of them are there, what they hold, and which others are obsolete.

` + topologyHelp,
		Example: trim(`
  penstock topology show penstock.yaml
  penstock topology show --management http://guest:guest@127.0.0.1:15672 -o json`),
	}, func(ctx context.Context, i *installation) error { return showTopology(ctx, s, f, i) })
	f.register(c)
	return c
}

func showTopology(ctx context.Context, s Streams, f format, i *installation) error {
	var there []rabbit.Queue
	var left leftovers
	if i.management != nil {
		var err error
		if there, left, err = i.look(ctx); err != nil {
			return err
		}
	}
	queues := i.queues(there, left)
	data := struct {
		Queues   []shownQueue   `json:"queues"`
		Obsolete []shownBinding `json:"obsoleteBindings,omitempty"`
	}{Queues: queues}
	for _, b := range left.Bindings {
		data.Obsolete = append(data.Obsolete, shownBinding{b.Source, b.Queue, b.Key})
	}
	return f.write(s.Out, data, func() error {
		rows := [][]string{{"QUEUE", "KIND", "STATE", "MESSAGES", "CONSUMERS"}}
		for _, q := range queues {
			rows = append(rows, []string{q.Name, q.Kind, q.State, terminal.Count(int64(q.Messages)), strconv.Itoa(q.Consumers)})
		}
		if err := terminal.Table(s.Out, s.style(), rows, nil); err != nil {
			return err
		}
		tellBindings(s, left.Bindings)
		return nil
	})
}

// queues are those of the plan and the obsolete ones.
func (i *installation) queues(there []rabbit.Queue, left leftovers) []shownQueue {
	var shown []shownQueue
	for _, q := range i.plan.Topology().Queues {
		kind, _ := q.Args["x-queue-type"].(string)
		one := shownQueue{Name: q.Name, Kind: kind}
		if i.management != nil {
			one.State = "missing"
		}
		if n := slices.IndexFunc(there, func(r rabbit.Queue) bool { return r.Name == q.Name }); n >= 0 {
			one.State, one.Messages, one.Consumers = "present", there[n].Messages, there[n].Consumers
		}
		shown = append(shown, one)
	}
	for _, q := range left.Queues {
		shown = append(shown, shownQueue{Name: q.Name, State: "obsolete", Messages: q.Messages, Consumers: q.Consumers})
	}
	return shown
}

// tellBindings tells of obsolete bindings beside the result.
func tellBindings(s Streams, bindings []amqpx.Binding) {
	for _, b := range bindings {
		tellf(s.Err, "obsolete: %s still gets %s from %s", terminal.Line(b.Queue), terminal.Line(b.Key), terminal.Line(b.Source))
	}
}
