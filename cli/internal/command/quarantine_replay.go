package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/quarantine"
	"github.com/penstock/penstock/pkg/topology"
)

// What becomes of an entry, besides the reason for which it still does not verify.
const (
	verdictGood     = "valid"    // verify: it would be published
	verdictReleased = "released" // replay: it was
	verdictBefore   = "released before"
	verdictCopy     = "copy" // of one that is, or was
	verdictGone     = "no such source"
	verdictQuestion = "question" // of the provider, which is no event
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

// releaser decides about the entries one after the other, and publishes if it can.
type releaser struct {
	*ward

	publisher *amqpx.Publisher // nil: only say what would be published
	released  map[string]bool  // ids, before this run
	known     map[string]bool  // fingerprints of what is or was released
	entries   []shownEntry
}

func releaseAll(ctx context.Context, s Streams, f format, w *ward, publisher *amqpx.Publisher) error {
	released, err := w.released(ctx)
	if err != nil {
		return err
	}
	r := &releaser{ward: w, publisher: publisher, released: released, known: map[string]bool{}}
	err = w.walk(ctx, func(e *quarantine.Entry) error {
		verdict, err := r.decide(ctx, e)
		if err == nil {
			r.entries = append(r.entries, shown(e, verdict))
		}
		return err
	})
	if told := writeEntries(s, f, r.entries); told != nil {
		return told
	}
	return err
}

// decide returns what becomes of the entry, and does it.
func (r *releaser) decide(ctx context.Context, e *quarantine.Entry) (verdict string, err error) {
	judge, there := r.judges[e.Event.Source]
	if !there {
		return verdictGone, nil
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	if result := judge.Verify(ctx, e); !result.OK {
		return string(result.Reason), nil
	}
	made, fingerprint, err := judge.Event(ctx, e)
	if err != nil {
		return verdictQuestion, nil
	}
	again := fingerprint != "" && r.known[fingerprint]
	r.known[fingerprint] = true
	switch {
	case r.released[e.ID]:
		return verdictBefore, nil
	case again:
		return verdictCopy, nil
	case r.publisher == nil:
		return verdictGood, nil
	default:
		return verdictReleased, r.release(ctx, made)
	}
}

// release publishes the event, and then the note that it is released: a crash in
// between makes a duplicate.
func (r *releaser) release(ctx context.Context, e *event.Event) error {
	if err := r.accept(ctx, e); err != nil {
		return fmt.Errorf("publish event %s: %w", e.ID, err)
	}
	if err := r.publish(ctx, "", topology.Quarantine, quarantine.Released(e.ID, time.Now())); err != nil {
		return fmt.Errorf("note that event %s is released: %w", e.ID, err)
	}
	return nil
}

func (r *releaser) publish(ctx context.Context, exchange, key string, m *event.Message) error {
	return r.publisher.Publish(ctx, amqpx.Publication{Exchange: exchange, Key: key, Message: m})
}
