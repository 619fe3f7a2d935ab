package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/quarantine"
)

func newQuarantineVerify(s Streams) *cobra.Command {
	var f format
	c := wardCommand(s, &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Say which of the requests verify with the secrets of today",
		Long: `Verify looks at each request as the gateway would have, had it had the secrets of
today: a timestamp is judged against the time at which the request came. It
publishes nothing. The verdict is "valid", or the reason why it still is not.

` + quarantineHelp,
		Example: trim(`
  penstock quarantine verify penstock.yaml
  penstock quarantine verify --source github --output json`),
	}, true, func(ctx context.Context, w *ward) error { return releaseAll(ctx, s, f, w, nil) })
	f.register(c)
	return c
}

func newQuarantineReplay(s Streams) *cobra.Command {
	var f format
	c := wardCommand(s, &cobra.Command{
		Use:   "replay [FILE]",
		Short: "Publish the requests that verify with the secrets of today",
		Long: `Replay publishes each request that 'penstock quarantine verify' calls valid, as the
event that it would have become, and waits until the broker has it. Nothing else is
ever published. What a sender sent several times becomes one event. When it runs
again, it leaves alone what it released before.

What a sender sent again after the secret was mended has become an event already, and
becomes a second one: receivers know it by its provider's id. So look at it first.

` + quarantineHelp,
		Example: trim(`
  penstock quarantine replay penstock.yaml
  penstock quarantine replay --source github`),
	}, true, func(ctx context.Context, w *ward) error {
		publisher := amqpx.NewPublisher(w.broker, amqpx.PublisherOptions{Connections: 1}, zap.NewNop()) //nolint:contextcheck // it ends with Close
		err := awaitReady(ctx, publisher)
		if err == nil {
			err = releaseAll(ctx, s, f, w, publisher)
		}
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), closePatience)
		defer cancel()
		_ = publisher.Close(stop) // every publish was answered
		return err
	})
	f.register(c)
	return c
}

// awaitReady waits until the publisher is connected.
func awaitReady(ctx context.Context, p *amqpx.Publisher) error {
	ctx, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	for {
		err := p.Ready()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// releaseAll decides about all entries, and prints the verdicts. Without a publisher it only says
// what would be published.
func releaseAll(ctx context.Context, s Streams, f format, w *ward, publisher *amqpx.Publisher) error {
	released, err := w.released(ctx)
	if err != nil {
		return err
	}
	review := &quarantine.Review{Judges: w.judges, Released: released}
	if publisher != nil {
		review.Releaser = &quarantine.Releaser{Config: w.config, Publisher: publisher, Archive: w.archive}
	}
	var entries []shownEntry
	err = w.walk(ctx, func(e *quarantine.Entry) error {
		verdict, err := review.Decide(ctx, e)
		if err == nil {
			entries = append(entries, shown(e, verdict))
		}
		return err
	})
	if told := writeEntries(s, f, entries); told != nil {
		return told
	}
	return err
}
