package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/bench"
	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
)

// maxBodySize bounds --body-size, in bytes: what the largest provider sends.
const maxBodySize = 25 << 20

// benchFlags are the flags of the command.
type benchFlags struct {
	sign   sign
	load   bench.Options
	format format
}

func newBench(s Streams) *cobra.Command {
	var b benchFlags
	c := &cobra.Command{
		Use:     "bench [PROVIDER]",
		GroupID: groupInstallation,
		Short:   "Load a gateway with signed events, and measure its answers",
		Long: `Bench sends events as 'sign' makes them, each with an id of its own, for a while or
until a number of them is sent. It tells how many were answered with which status, and
how long the answers took: with a --rate counted from when the event should have been
sent, so that a gateway that stalls does not look better than it is.

It sends to this machine alone, unless --allow-remote says otherwise: real events
arrive wherever it sends to, and are delivered.

` + sourceHelp + `

The exit code is 4 when an answer was not 2xx, or did not come.`,
		Example: trim(`
  penstock bench github --secret env:GITHUB_SECRET --insecure
  penstock bench --source shop --config penstock.yaml --url http://127.0.0.1:8080/in/shop --rate 500 --duration 1m
  penstock bench stripe --secret env:SECRET --rate 0 --connections 64 --count 10000 --body-size 4096 -o json`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(b.run(c.Context(), args, s)) },
	}
	b.sign.who.register(c, s)
	b.sign.what.register(c)
	b.format.register(c)
	f := c.Flags()
	f.StringVar(&b.sign.url, "url", "", "send to this `url` (default https://localhost:8443/in/NAME)")
	f.BoolVar(&b.load.Insecure, "insecure", false, "accept any certificate, such as a self-signed one")
	f.Float64Var(&b.load.Rate, "rate", 100, "send this `number` in a second; 0: as fast as the answers come")
	f.DurationVar(&b.load.Duration, "duration", 10*time.Second, "send for this `time`, an hour at most")
	f.IntVar(&b.load.Count, "count", 0, "send this `number` at most")
	f.IntVar(&b.load.Connections, "connections", 8, "use this `number` of connections")
	f.IntVar(&b.sign.what.size, "body-size", 0, "make the sample's body about this `number` of bytes long")
	f.DurationVar(&b.load.Timeout, "timeout", 30*time.Second, "give up one request after this `time`")
	f.BoolVar(&b.load.Remote, "allow-remote", false, "send to another machine, which is yours to load")
	return c
}

func (b *benchFlags) run(ctx context.Context, args []string, s Streams) error {
	if err := b.load.Validate(); err != nil {
		return usage("--%s", strings.ReplaceAll(err.Error(), "\n", "; --"))
	}
	if size := b.sign.what.size; size < 0 || size > maxBodySize {
		return usage("--body-size: not from 0 to %d", maxBodySize)
	}
	next, host, err := b.prepare(ctx, args, s)
	if err != nil {
		return err
	}
	progress := terminal.NewProgress(s.Err, terminal.StyleFor(s.Err, s.Env), "sending to "+host, s.Now)
	result, err := bench.Run(ctx, b.load, next, progress.Set)
	progress.Done()
	if err != nil {
		return err
	}
	if err := b.format.write(s.Out, result, func() error { return printBench(s, result) }); err != nil {
		return err
	}
	if result.Accepted < result.Requests || result.Requests == 0 {
		return silent{Refused}
	}
	return nil
}

// prepare makes what makes requests, and says to which host they go.
func (b *benchFlags) prepare(ctx context.Context, args []string, s Streams) (next bench.Next, host string, err error) {
	t, address, err := b.sign.prepare(args, s)
	if err != nil {
		return nil, "", err
	}
	if !b.load.Remote {
		if err := bench.CheckLoopback(ctx, address.Hostname()); err != nil {
			return nil, "", usage("--url: %w; --allow-remote lets it", err)
		}
	}
	if b.sign.what.data+b.sign.what.file != "" {
		tellf(s.Err, "note: the body is always the same, so the gateway may take it for one event, sent again")
	}
	if _, err := b.sign.make(t, address, s); err != nil { // what is wrong with the flags is told before anything is sent
		return nil, "", err
	}
	if b.sign.what.file != "" { // it is read once
		b.sign.what.data, b.sign.what.file = string(b.sign.what.original), ""
	}
	return func() (outgoing.Request, error) {
		one := b.sign
		return one.make(t, address, s)
	}, address.Host, nil
}

func printBench(s Streams, r *bench.Result) error {
	style := s.style()
	var statuses []string
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		text := fmt.Sprintf("%s: %s", status, terminal.Count(int64(r.Statuses[status])))
		if status[0] != '2' {
			text = style.Bad(text)
		}
		statuses = append(statuses, text)
	}
	l := r.Latency
	var latency []string
	for _, p := range []struct {
		name   string
		millis float64
	}{{"min", l.Min}, {"p50", l.P50}, {"p90", l.P90}, {"p99", l.P99}, {"p99.9", l.P999}, {"max", l.Max}} {
		latency = append(latency, p.name+" "+millis(p.millis))
	}
	return rawFields(s.Out, style, [][2]string{
		{"Sent", fmt.Sprintf("%s in %.1fs, %s", terminal.Count(int64(r.Requests)), r.Seconds, terminal.Size(int(r.Bytes)))},
		{"Accepted", fmt.Sprintf("%s, %.1f/s", terminal.Count(int64(r.Accepted)), r.Rate)},
		{"Answers", strings.Join(statuses, "  ")},
		{"Latency", strings.Join(latency, "  ")},
	})
}

// millis writes milliseconds with three digits.
func millis(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2fms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0fms", ms)
	default:
		return fmt.Sprintf("%.2fs", ms/1000)
	}
}
