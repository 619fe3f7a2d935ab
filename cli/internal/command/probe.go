package command

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
)

// probe are the flags of the command.
type probe struct {
	sign  sign
	api   string
	token string
	wait  time.Duration
}

func newProbe(s Streams) *cobra.Command {
	var p probe
	c := &cobra.Command{
		Use:   "probe [PROVIDER]",
		Short: "Send a signed event and wait until it is delivered",
		Long: `Probe sends an event as 'sign' makes it, and asks the tracker's API what became of
it, until every route has delivered it or filtered it out. It shows that the whole
of an installation works; without --api it only shows that the gateway accepts.

` + sourceHelp + `

The exit code is 4 when the event is refused, and 3 when it is accepted and is a
dead letter, goes to no route, or is not delivered in time.`,
		Example: trim(`
  penstock probe --source github --config penstock.yaml --url https://localhost:8443/in/github --insecure
  penstock probe github --secret env:SECRET --url https://hooks.example/in/github --api https://api.example`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(p.run(c.Context(), args, s)) },
	}
	p.sign.who.register(c)
	p.sign.what.register(c)
	f := c.Flags()
	f.StringVar(&p.sign.url, "url", "", "send it to this `url`")
	f.BoolVar(&p.sign.insecure, "insecure", false, "accept any certificate, such as a self-signed one")
	f.DurationVar(&p.sign.timeout, "timeout", 30*time.Second, "give up one request after this `time`")
	f.StringVar(&p.api, "api", "", "`url` of the tracker")
	f.StringVar(&p.token, "token", "", "`token` for the tracker's API, better as env:NAME or file:PATH")
	f.DurationVar(&p.wait, "wait", time.Minute, "wait so long for the delivery")
	_ = c.MarkFlagRequired("url")
	return c
}

func (p *probe) run(ctx context.Context, args []string, s Streams) error {
	request, err := p.sign.request(args, s)
	if err != nil {
		return err
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
	if p.api == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	return p.follow(ctx, s, id)
}

// follow asks for the event's deliveries until all of them have ended.
func (p *probe) follow(ctx context.Context, s Streams, id string) error {
	where, err := url.Parse(p.api)
	if err != nil || where.Host == "" {
		return usage("--api %s: not a URL", p.api)
	}
	bearer, err := p.bearer(s)
	if err != nil {
		return err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		fate, err := askFate(ctx, where.JoinPath("api", "v1", "events", id), bearer, p.sign)
		if err == nil && fate.ended() {
			return fate.tell(s)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			if err != nil {
				return fmt.Errorf("ask the tracker: %w", err)
			}
			tellf(s.Out, "not delivered within %v: %s", p.wait, fate)
			return silent{Invalid}
		}
	}
}

func (p *probe) bearer(s Streams) (string, error) {
	if p.token == "" {
		return "", nil
	}
	return secret("--token", p.token, s.Env)
}
