package command

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// probe are the flags of the command.
type probe struct {
	sign    sign
	tracker trackerFlags
	wait    time.Duration
}

func newProbe(s Streams) *cobra.Command {
	var p probe
	c := &cobra.Command{
		Use:     "probe [PROVIDER]",
		GroupID: groupInstallation,
		Short:   "Send a signed event and wait until it is delivered",
		Long: `Probe sends an event as 'sign' makes it, and asks the tracker's API what became of
it, until every route has delivered it or filtered it out. It shows that the whole
of an installation works; without --api or PENSTOCK_API_URL it only shows that the
gateway accepts.

` + sourceHelp + `

The exit code is 4 when the event is refused, and 3 when it is accepted and is a
dead letter, goes to no route, or is not delivered in time.`,
		Example: trim(`
  penstock probe --source github --config penstock.yaml --url https://localhost:8443/in/github --insecure
  penstock probe github --secret env:SECRET --url https://hooks.example/in/github --api https://api.example`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(p.run(c.Context(), args, s)) },
	}
	p.sign.who.register(c, s)
	p.sign.what.register(c)
	f := c.Flags()
	f.StringVar(&p.sign.url, "url", "", "send it to this `url` (default: the source's path at $PENSTOCK_GATEWAY_URL)")
	f.BoolVar(&p.sign.insecure, "insecure", false, "accept any certificate, such as a self-signed one")
	f.DurationVar(&p.sign.timeout, "timeout", 30*time.Second, "give up one request after this `time`")
	p.tracker.register(c)
	f.DurationVar(&p.wait, "wait", time.Minute, "wait so long for the delivery")
	return c
}

func (p *probe) run(ctx context.Context, args []string, s Streams) error {
	request, err := p.sign.request(args, s)
	if err != nil {
		return err
	}
	if p.sign.url == "" {
		return usage("say where the gateway is, with --url or PENSTOCK_GATEWAY_URL")
	}
	answer, err := outgoing.Send(ctx, request, outgoing.SendOptions{Timeout: p.sign.timeout, Insecure: p.sign.insecure})
	if err != nil {
		return err
	}
	id := answer.Header.Get("Penstock-Event-Id")
	if answer.Code/100 != 2 || id == "" {
		tellf(s.Out, "refused: %s", terminal.Line(answer.Status))
		return silent{Refused}
	}
	tellf(s.Out, "accepted: %s as %s", terminal.Line(answer.Status), terminal.Line(id))
	if setting(s, p.tracker.address, "PENSTOCK_API_URL", "") == "" {
		return nil
	}
	t, err := p.tracker.connect(s, outgoing.NewClient(outgoing.SendOptions{Timeout: p.sign.timeout, Insecure: p.sign.insecure}))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	return p.follow(ctx, t, id)
}

// follow asks for the event's deliveries until all of them have ended. One that the
// tracker has not heard of yet may still come.
func (p *probe) follow(ctx context.Context, t *tracker, id string) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var last *trackerclient.Event
	for {
		a, err := t.api.GetEventWithResponse(ctx, id)
		detail, err := value(t, a, err, (*trackerclient.GetEventResponse).GetJSON200)
		if err == nil {
			if last = &detail.Event; ended(last) {
				return t.tellFate(last)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if last == nil && !isUnknown(err) {
				return err
			}
			tellf(t.Out, "not delivered within %v: %s", p.wait, fate(last))
			return silent{Invalid}
		}
	}
}

// isUnknown reports whether the tracker does not know the event, or was not asked in
// time.
func isUnknown(err error) bool {
	refused, ok := errors.AsType[*trackerclient.Error](err)
	return ok && refused.Status == http.StatusNotFound || errors.Is(err, context.DeadlineExceeded)
}
