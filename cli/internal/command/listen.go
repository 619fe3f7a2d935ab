package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/receiver"
	"github.com/penstock/penstock/cli/internal/terminal"
)

// listen are the flags of the command.
type listen struct {
	address    string
	secrets    []string
	fail       int
	failFor    time.Duration
	failFirst  int
	retryAfter time.Duration
	delay      time.Duration
	headers    bool
	raw        bool
	ids        bool
	output     string
}

func newListen(s Streams) *cobra.Command {
	var l listen
	var f forward
	c := &cobra.Command{
		Use:     "listen",
		GroupID: groupWebhooks,
		Short:   "Receive webhooks here and print them, or relay real events to an application here",
		Long: `Listen receives webhooks on this machine, prints each, and answers 200: a
destination to try a route with. With --secret it checks the Standard Webhooks
signature that a destination's "signing" makes, and answers 401 to any other.

It can be told to fail, to see retries: with --fail every request, with --for
only for a while, with --fail-first only the first requests of each event.

` + secretHelp + `

GET /healthz is answered 200 and not printed. Ctrl-C ends it.

` + forwardHelp + `

` + trackerHelp,
		Example: trim(`
  penstock listen
  penstock listen --listen 127.0.0.1:9000 --secret env:SIGNING_SECRET -v
  penstock listen --fail 500 --for 30s          fail for half a minute
  penstock listen --fail-first 3                fail the first 3 attempts of each event
  penstock listen --fail 429 --retry-after 20s --delay 1s
  penstock listen --print-ids | sort | uniq -d  which events came more than once?
  penstock listen --output json | jq '.body | fromjson'
  penstock listen --forward http://localhost:3000/hooks --source stripe --type 'invoice.*'
  penstock listen --forward localhost:3000/hooks --from 2h --api https://tracker.example
  penstock listen --forward stripe=localhost:3000/stripe --forward github=localhost:4000/`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return failed(l.start(c, &f, s)) },
	}
	f.register(c, s)
	l.register(c)
	return c
}

// start receives, or relays.
func (l *listen) start(c *cobra.Command, f *forward, s Streams) error {
	if err := f.checkFlags(c); err != nil {
		return err
	}
	if len(f.to) == 0 {
		return l.run(c.Context(), s)
	}
	f.output = l.output
	return f.run(c.Context(), s)
}

func (l *listen) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.address, "listen", "127.0.0.1:8099", "`address` to listen on; port 0 takes a free one")
	f.StringArrayVar(&l.secrets, "secret", nil, "check signatures with this `secret`; any of several may match")
	f.IntVar(&l.fail, "fail", 0, "answer with this `status`")
	f.DurationVar(&l.failFor, "for", 0, "fail only for this `time` from the start")
	f.IntVar(&l.failFirst, "fail-first", 0, "fail only the first `number` of requests of each event, with 500 unless --fail says otherwise")
	f.DurationVar(&l.retryAfter, "retry-after", 0, "with failures, ask for a pause of this `time`")
	f.DurationVar(&l.delay, "delay", 0, "wait this `time` before each answer")
	f.BoolVarP(&l.headers, "verbose", "v", false, "print header fields too")
	f.BoolVar(&l.raw, "raw", false, "print bodies byte for byte")
	f.BoolVar(&l.ids, "print-ids", false, "print only the id of each event that is answered 2xx, one a line")
	f.StringVarP(&l.output, "output", "o", "text", "text, or json for one object a line")
}

func (l *listen) check() error {
	switch {
	case l.fail != 0 && (l.fail < 200 || l.fail > 599):
		return usage("--fail %d: not a status from 200 to 599", l.fail)
	case l.fail == 0 && l.failFirst == 0 && (l.failFor != 0 || l.retryAfter != 0):
		return usage("--for and --retry-after need --fail or --fail-first")
	case l.failFirst < 0 || l.failFor < 0 || l.retryAfter < 0 || l.delay < 0:
		return usage("numbers and times cannot be negative")
	case l.output != "text" && l.output != formatJSON:
		return usage("--output %s: not text or json", l.output)
	case l.ids && l.output == formatJSON:
		return usage("--print-ids and --output json exclude each other")
	default:
		return nil
	}
}

func (l *listen) run(ctx context.Context, s Streams) error {
	if err := l.check(); err != nil {
		return err
	}
	keys, err := secrets(l.secrets, s.Env)
	if err != nil {
		return err
	}
	seen := &tally{}
	r, err := receiver.New(receiver.Options{
		Secrets: keys,
		Failure: receiver.Failure{Status: l.fail, For: l.failFor, First: l.failFirst, RetryAfter: l.retryAfter},
		Delay:   l.delay,
		Report:  seen.before(l.printer(s)),
		Now:     s.Now,
	})
	if err != nil {
		return usage("--secret: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", l.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", l.address, errors.Unwrap(err))
	}
	announce(s.Err, listener.Addr())
	if err := receiver.Serve(ctx, listener, r); err != nil {
		return err
	}
	tellf(s.Err, "%s", seen)
	return nil
}

func (l *listen) printer(s Streams) func(receiver.Report) {
	switch {
	case l.ids:
		return receiver.PrintIDs(s.Out)
	case l.output == formatJSON:
		return receiver.PrintJSON(s.Out)
	default:
		return receiver.Printer{Out: s.Out, Style: s.style(), Headers: l.headers, Raw: l.raw}.Print
	}
}

func announce(w io.Writer, addr net.Addr) {
	tellf(w, "listening on http://%s/ until Ctrl-C", addr)
	if ip, err := netip.ParseAddrPort(addr.String()); err == nil && !ip.Addr().IsLoopback() {
		tellf(w, "warning: other machines can reach this address")
	}
}

// tally counts what a receiver reported.
type tally struct{ requests, failed, forged int }

func (t *tally) before(show func(receiver.Report)) func(receiver.Report) {
	return func(r receiver.Report) {
		t.requests++
		switch {
		case r.Signature != "" && r.Signature != receiver.Valid:
			t.forged++
		case r.Status/100 != 2:
			t.failed++
		}
		show(r)
	}
}

func (t *tally) String() string {
	text := fmt.Sprintf("%d received", t.requests)
	if t.failed > 0 {
		text += fmt.Sprintf(", %d of them failed on purpose", t.failed)
	}
	if t.forged > 0 {
		text += fmt.Sprintf(", %d with an invalid signature", t.forged)
	}
	return terminal.Line(text)
}
