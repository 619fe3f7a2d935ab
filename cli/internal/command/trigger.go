package command

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/sample"
	"github.com/penstock/penstock/pkg/header"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// trigger are the flags of the command.
type trigger struct {
	sign    sign
	tracker trackerFlags
	like    string
}

func newTrigger(s Streams) *cobra.Command {
	var g trigger
	c := &cobra.Command{
		Use:     "trigger [PROVIDER] [TYPE]",
		GroupID: groupWebhooks,
		Short:   "Send a realistic event",
		Long: `Trigger makes an event as its provider sends it, with a fresh id, signs it, and sends it
to a gateway. There are fixtures for ` + strings.Join(sample.Providers(), ", ") + `; without a TYPE it
lists them. With --source the provider and the secret are those of a configured source.

With --like it makes the event of one that came: of any source, from the archive, through
the API of the tracker. Personal data in its body is replaced by fakes, always the same ones
for the same text: what is under keys such as email, name, phone or address, and what looks
like an address of mail or of a network. Look at the result with --dry-run first.

` + secretHelp + `

The answer is printed; the exit code is 4 unless it is 2xx.`,
		Example: trim(`
  penstock trigger stripe
  penstock trigger stripe invoice.paid --secret env:STRIPE_SECRET --url https://localhost:8443/in/stripe --insecure
  PENSTOCK_GATEWAY_URL=https://hooks.example penstock trigger --source github pull_request.opened
  penstock trigger --source billing --like 019a2f6e-8f0c-7d3e-9b5a-0242ac120002 --dry-run`),
		Args: cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return failed(g.run(c.Context(), args, s)) },
	}
	g.sign.who.register(c, s)
	g.tracker.register(c)
	c.ValidArgsFunction = completeFixtures
	f := c.Flags()
	f.StringVar(&g.like, "like", "", "make it of the event with this `id`")
	f.StringVar(&g.sign.url, "url", "", "send it to this `url` (default: the source's path at $PENSTOCK_GATEWAY_URL)")
	g.sign.registerSending(c)
	return c
}

// completeFixtures completes a provider, and then a type of its fixtures.
func completeFixtures(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return sample.Providers(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return sample.Types(args[0]), cobra.ShellCompDirectiveNoFileComp
	default:
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

func (g *trigger) run(ctx context.Context, args []string, s Streams) error {
	who, typ := g.split(args)
	g.sign.what.method = http.MethodPost
	t, err := g.sign.who.resolve(who, s)
	if err != nil {
		return err
	}
	if g.like != "" {
		err = g.likeEvent(ctx, s, typ)
	} else {
		err = g.likeFixture(t, typ, s)
	}
	if err != nil {
		return err
	}
	out, err := g.sign.request(who, s)
	if err != nil {
		return err
	}
	if g.sign.url == "" && !g.sign.curl && !g.sign.dryRun {
		return usage("say where the gateway is, with --url or PENSTOCK_GATEWAY_URL; --dry-run prints the request")
	}
	return g.sign.deliver(ctx, out, s)
}

// split tells the provider from the type: a source has no provider among the arguments.
func (g *trigger) split(args []string) (who []string, typ string) {
	if g.sign.who.source == "" && g.sign.who.scheme == "" && len(args) > 0 {
		who, args = args[:1], args[1:]
	}
	return who, strings.Join(args, " ")
}

// likeFixture takes the body of a fixture.
func (g *trigger) likeFixture(t *target, typ string, s Streams) error {
	if t.preset == nil || !slices.Contains(sample.Providers(), t.preset.ID) {
		return usage("there are no fixtures for %s: make an event of one that came with --like, or say the body with 'penstock sign --file'", t.name)
	}
	body, known := sample.Body(t.preset.ID, typ, s.Now())
	if !known {
		return usage("fixtures of %s: %s", t.preset.ID, strings.Join(sample.Types(t.preset.ID), ", "))
	}
	g.sign.what.data, g.sign.what.typ = string(body), typ
	return nil
}

// likeEvent takes the body and the header of an event that came.
func (g *trigger) likeEvent(ctx context.Context, s Streams, typ string) error {
	t, err := g.tracker.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, trackerPatience)
	defer cancel()
	r, err := t.api.GetRequestWithResponse(ctx, g.like)
	request, err := value(t, r, err, (*trackerclient.GetRequestResponse).GetJSON200)
	if err != nil {
		return err
	}
	p, err := t.api.GetPayloadWithResponse(ctx, g.like)
	payload, err := value(t, p, err, func(a *trackerclient.GetPayloadResponse) *[]byte { return &a.Body })
	if err != nil {
		return err
	}
	body, err := sample.Mask(*payload)
	if err != nil {
		return fmt.Errorf("the event %s: %w", g.like, err)
	}
	g.sign.what.data, g.sign.what.typ, g.sign.what.fresh = string(body), typ, true
	g.sign.what.headers = append(g.sign.what.headers, plainFields(request.Headers)...)
	return nil
}

// plainFields are the fields that say of what kind an event is: none that carries a signature, an id or a
// time, and none of a proxy's or of the connection's.
func plainFields(fields []trackerclient.Header) []string {
	left := header.NewSet(header.HopByHop(), header.Proxies(), header.Ours(), header.Signing())
	var plain []string
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		secretive := slices.ContainsFunc([]string{"sign", "hmac", "token", "delivery", "-id", "timestamp", "penstock-", "secret", "key"},
			func(part string) bool { return strings.Contains(name, part) })
		if !secretive && !left.Has(f.Name) {
			plain = append(plain, f.Name+": "+f.Value)
		}
	}
	return plain
}
