package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/quarantine"
)

const quarantineHelp = `The quarantine holds requests whose signature was not valid, of sources that
say "quarantine: true": those of a sender whose secret is configured wrongly, and
those of anybody who guesses. It is a stream of the broker, bounded in age
(PENSTOCK_QUARANTINE_MAX_AGE) and size, and no worker reads it.

The configuration file is $PENSTOCK_CONFIG, or ` + defaultConfig + `, unless
one is named; the secrets of its sources must be there, as the gateway has them.
The broker comes from PENSTOCK_AMQP_URLS.`

func newQuarantine(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "quarantine",
		GroupID: groupInstallation,
		Short:   "Rescue what a wrong secret refused",
		Long:    quarantineHelp,
		Example: trim(`
  penstock quarantine list penstock.yaml
  penstock quarantine verify penstock.yaml      what would be good with the secrets of today?
  penstock quarantine replay penstock.yaml`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newQuarantineList(s), newQuarantineVerify(s), newQuarantineReplay(s))
	return c
}

// ward is a quarantine with who judges about it.
type ward struct {
	streams  Streams
	consumer *amqpx.Consumer
	broker   amqpx.Config
	config   *config.Config
	archive  bool
	judges   map[string]*quarantine.Judge // by source
	only     string                       // the source to look at; empty: all
}

// wardCommand makes one of the commands, which all start alike.
func wardCommand(s Streams, c *cobra.Command, secrets bool, run func(context.Context, *ward) error) *cobra.Command {
	var only string
	c.Args = cobra.MaximumNArgs(1)
	c.Flags().StringVar(&only, "source", "", "look at the requests to this `source` only")
	c.RunE = func(c *cobra.Command, args []string) error {
		w, err := newWard(s, args, secrets)
		if err != nil {
			return failed(err)
		}
		w.only = only
		err = run(c.Context(), w)
		stop, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), closePatience)
		defer cancel()
		_ = w.consumer.Close(stop) // nothing is lost with it
		return failed(err)
	}
	return c
}

const closePatience = 5 * time.Second

func newWard(s Streams, args []string, secrets bool) (*ward, error) {
	part := noPart
	if secrets {
		part = config.Sources
	}
	c, err := config.Load(configPath(s, args), s.Env, part)
	if err != nil {
		return nil, err
	}
	if !c.Quarantines() {
		return nil, usage(`no source of the configuration says "quarantine: true"`)
	}
	process, err := brokerSettings()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if !process.HasStreams() {
		return nil, usage("the quarantine is a stream, and PENSTOCK_STREAMS is off")
	}
	w := &ward{streams: s, broker: process.Broker(brokerName), config: c, archive: process.Archive, judges: map[string]*quarantine.Judge{}}
	if secrets {
		if err := w.appoint(c); err != nil {
			return nil, err
		}
	}
	w.consumer = amqpx.NewConsumer(w.broker, zap.NewNop())
	return w, nil
}

// appoint makes the judges of the sources that verify anything.
func (w *ward) appoint(c *config.Config) error {
	for _, name := range sortedKeys(c.Sources) {
		judge, err := quarantine.NewJudge(c.Sources[name], config.RevealAll(c.Sources[name].Secrets))
		switch {
		case errors.Is(err, quarantine.ErrUnsigned):
			continue
		case err != nil:
			return err
		}
		w.judges[name] = judge
	}
	return nil
}

// released returns the ids of the entries that were released before.
func (w *ward) released(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	err := w.pass(ctx, "looking what was released", func(e *quarantine.Entry) error {
		if e.Event == nil {
			ids[e.ID] = true
		}
		return nil
	})
	return ids, err
}

// walk shows use the requests to look at, the oldest first.
func (w *ward) walk(ctx context.Context, use func(*quarantine.Entry) error) error {
	return w.pass(ctx, "looking at what was refused", func(e *quarantine.Entry) error {
		if e.Event == nil || w.only != "" && e.Event.Source != w.only {
			return nil
		}
		return use(e)
	})
}

// pass reads the quarantine once, and shows how many entries it has read.
func (w *ward) pass(ctx context.Context, what string, use func(*quarantine.Entry) error) error {
	progress := terminal.NewProgress(w.streams.Err, terminal.StyleFor(w.streams.Err, w.streams.Env), what, w.streams.Now)
	defer progress.Done()
	read := int64(0)
	return quarantine.Walk(ctx, w.consumer, time.Time{}, func(e *quarantine.Entry) error {
		read++
		progress.Set(read, 0)
		return use(e)
	})
}
