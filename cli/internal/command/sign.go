package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// sign are the flags of the command.
type sign struct {
	who      sourceFlags
	what     sampleFlags
	url      string
	curl     bool
	dryRun   bool
	insecure bool
	timeout  time.Duration
}

func newSign(s Streams) *cobra.Command {
	var g sign
	c := &cobra.Command{
		Use:     "sign [PROVIDER]",
		GroupID: groupWebhooks,
		Short:   "Make a correctly signed request, and print or send it",
		Long: `Sign makes a request that is signed as a provider would sign it, for every
provider whose key is shared with you. It prints the request, or the curl command
that sends it with --curl, or sends it when there is a --url, or PENSTOCK_GATEWAY_URL
with the address of a gateway, such as https://localhost:8443.

` + sourceHelp + `

The body is that of --data or --file, or a small sample. Where the provider has
an id in the header a fresh one is set; --type puts the event's type to where the
provider has it.

` + secretHelp + `

Sent with --url, the answer is printed; the exit code is 4 unless it is 2xx.`,
		Example: trim(`
  penstock sign github --secret s3cr3t --type issues.opened --file issue.json
  penstock sign stripe --secret env:STRIPE_SECRET --data '{"id":"evt_1","type":"charge.failed"}' --curl
  penstock sign github --secret s3cr3t --url https://localhost:8443/in/github --insecure
  penstock sign slack --secret s3cr3t --at -10m           is an old request refused?
  penstock sign --source inhouse --config penstock.yaml --url https://localhost:8443/in/inhouse
  penstock sign --scheme '{alg: hmac-sha256, sig: "header:x-signature", enc: hex}' --secret s3cr3t`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(g.run(c.Context(), args, s)) },
	}
	g.who.register(c, s)
	g.what.register(c)
	f := c.Flags()
	f.StringVar(&g.url, "url", "", "send it to this `url` (default: the source's path at $PENSTOCK_GATEWAY_URL)")
	g.registerSending(c)
	return c
}

// registerSending adds the flags that say whether and how a request is sent.
func (g *sign) registerSending(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&g.curl, "curl", false, "print a curl command; do not send")
	f.BoolVar(&g.dryRun, "dry-run", false, "print the request; do not send")
	f.BoolVar(&g.insecure, "insecure", false, "accept any certificate, such as a self-signed one")
	f.DurationVar(&g.timeout, "timeout", 30*time.Second, "give up after this `time`")
	c.MarkFlagsMutuallyExclusive("curl", "dry-run")
}

func (g *sign) run(ctx context.Context, args []string, s Streams) error {
	out, err := g.request(args, s)
	if err != nil {
		return err
	}
	return g.deliver(ctx, out, s)
}

// request makes the signed request that the flags describe.
func (g *sign) request(args []string, s Streams) (out outgoing.Request, err error) {
	t, address, err := g.prepare(args, s)
	if err != nil {
		return out, err
	}
	return g.make(t, address, s)
}

// prepare finds out who sends, and where to.
func (g *sign) prepare(args []string, s Streams) (*target, *url.URL, error) {
	t, err := g.who.resolve(args, s)
	if err != nil {
		return nil, nil, err
	}
	g.url = gatewayURL(s, g.url, t.name)
	address, err := parseURL(g.url, t.name)
	if err != nil {
		return nil, nil, err
	}
	if t.options.PublicURL == "" {
		public := *address
		public.RawQuery, public.Fragment = "", ""
		t.options.PublicURL = public.String()
	}
	return t, address, nil
}

// gatewayURL is where to send: as the flag says, or the source's path at the gateway that the environment
// names; empty: nowhere.
func gatewayURL(s Streams, flag, source string) string {
	gateway, _ := s.Env("PENSTOCK_GATEWAY_URL")
	if flag != "" || gateway == "" {
		return flag
	}
	return strings.TrimSuffix(gateway, "/") + "/in/" + source
}

// make makes and signs one request. It leaves t and address as they are.
func (g *sign) make(t *target, address *url.URL, s Streams) (out outgoing.Request, err error) {
	request, err := g.what.build(t, address, s)
	if err != nil {
		return out, err
	}
	if err := g.what.signAt(t, request, s.Now()); err != nil {
		return out, err
	}
	signed := *address
	signed.RawQuery = request.RawQuery
	return outgoing.Request{Method: request.Method, URL: &signed, Header: request.Header, Body: request.Body}, nil
}

func (g *sign) deliver(ctx context.Context, r outgoing.Request, s Streams) error {
	switch {
	case g.curl:
		_, err := fmt.Fprintln(s.Out, r.Curl(outgoing.CurlOptions{Insecure: g.insecure, File: g.what.unchanged(r.Body)}))
		return err
	case g.url == "" || g.dryRun:
		return printRaw(s, r)
	}
	answer, err := outgoing.Send(ctx, r, outgoing.SendOptions{Timeout: g.timeout, Insecure: g.insecure})
	if err != nil {
		return err
	}
	if err := printAnswer(s.Out, s.style(), answer); err != nil {
		return err
	}
	if answer.Code/100 != 2 {
		return silent{Refused}
	}
	return nil
}

// printRaw prints the request exactly. Only on a terminal is a line feed added.
func printRaw(s Streams, r outgoing.Request) error {
	raw := r.Raw()
	if terminal.Is(s.Out) {
		raw = append(raw, '\n')
	}
	_, err := s.Out.Write(raw)
	return err
}

func printAnswer(w io.Writer, style terminal.Style, a *outgoing.Answer) error {
	var b bytes.Buffer
	status := style.Good(terminal.Line(a.Status))
	if a.Code >= http.StatusMultipleChoices {
		status = style.Bad(terminal.Line(a.Status))
	}
	b.WriteString(style.Faint(a.Proto) + " " + status + "\n")
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		for _, value := range a.Header[name] {
			b.WriteString(style.Faint(terminal.Line(name)+":") + " " + terminal.Line(value) + "\n")
		}
	}
	if len(a.Body) > 0 {
		b.WriteString("\n" + terminal.Safe(string(bytes.TrimRight(a.Body, "\n"))) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// signAt signs the request as of the time that --at says.
func (f *sampleFlags) signAt(t *target, r *signature.Request, now time.Time) error {
	at, err := moment("--at", f.at, now)
	if err != nil {
		return err
	}
	source, err := t.compile()
	if err != nil {
		return usage("%s: %w", t.name, err)
	}
	switch err := source.Sign(r, at); {
	case errors.Is(err, signature.ErrPublicKey), errors.Is(err, provider.ErrNoSigner):
		return usage("cannot sign for %s: only the provider has the key that signs", t.name)
	default:
		return err
	}
}
