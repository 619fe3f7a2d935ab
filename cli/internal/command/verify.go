package command

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/capture"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/diagnose"
)

// verifyTimeout bounds the fetching of a provider's keys.
const verifyTimeout = 20 * time.Second

// verify are the flags of the command.
type verify struct {
	who     sourceFlags
	body    string
	headers []string
	at      string
	anyAge  bool
	format  format
}

func newVerify(s Streams) *cobra.Command {
	var v verify
	c := &cobra.Command{
		Use:     "verify [PROVIDER] [FILE]",
		GroupID: groupWebhooks,
		Short:   "Say whether a captured webhook is authentic, and why not",
		Long: `Verify reads a webhook that was captured, as raw HTTP, as a curl command, or as
JSON such as 'penstock listen --output json' prints, from a file or from standard
input. It says whether the signature is valid and, if not, why: it tries the slips
that people make, and names the one with which the signature fits.

` + sourceHelp + `

` + secretHelp + `

The exit code is 0 for a valid request and 3 for any other.`,
		Example: trim(`
  penstock verify github request.http --secret env:GITHUB_SECRET
  pbpaste | penstock verify stripe --secret file:stripe.secret     a copied curl command
  penstock verify slack --secret s3cr3t --any-age < old.http
  penstock verify github --secret s3cr3t --body payload.json --header 'X-Hub-Signature-256: sha256=…'
  penstock verify --source inhouse --config penstock.yaml request.http
  penstock listen --output json | head -1 | penstock verify standard-webhooks --secret env:SECRET`),
		Args: cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return failed(v.run(c.Context(), args, s)) },
	}
	v.who.register(c, s)
	f := c.Flags()
	f.StringVar(&v.body, "body", "", "`file` with the body alone, with --header for the rest")
	f.StringArrayVar(&v.headers, "header", nil, "add a header `field`, 'name: value' or name=value")
	f.StringVar(&v.at, "at", "", "when it arrived, as a `time`: RFC 3339, Unix seconds, or an offset from now such as -10m")
	f.BoolVar(&v.anyAge, "any-age", false, "accept an old request, if it is authentic")
	v.format.register(c)
	return c
}

// outcome is what is printed.
type outcome struct {
	Name    string `json:"name"`
	secrets int    // how many there are
	*diagnose.Verdict
	Notes []string `json:"notes,omitempty"`
}

func (v *verify) run(ctx context.Context, args []string, s Streams) error {
	who, file := v.arguments(args)
	t, err := v.who.resolve(who, s)
	if err != nil {
		return err
	}
	now, err := moment("--at", v.at, s.Now())
	if err != nil {
		return err
	}
	captured, err := v.captured(file, s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	o, err := v.judge(ctx, t, captured, now)
	if err != nil {
		return usage("%s: %w", t.name, err)
	}
	if err := v.format.write(s.Out, o, func() error { return o.print(s.Out, s.style()) }); err != nil {
		return err
	}
	if !o.OK {
		return silent{Invalid}
	}
	return nil
}

// arguments tells the provider from the file: with --scheme and --source there
// is no provider.
func (v *verify) arguments(args []string) (who []string, file string) {
	if v.who.scheme == "" && v.who.source == "" && len(args) > 0 {
		who, args = args[:1], args[1:]
	}
	switch len(args) {
	case 0:
		return who, ""
	case 1:
		return who, args[0]
	default:
		return args, "" // too many, which resolve tells
	}
}

func (v *verify) captured(file string, s Streams) (*capture.Captured, error) {
	c, err := v.read(file, s)
	if err != nil {
		return nil, err
	}
	sample := sampleFlags{headers: v.headers}
	r := c.Request()
	return c, sample.setHeaders(r)
}

func (v *verify) read(file string, s Streams) (*capture.Captured, error) {
	if v.body != "" {
		body, err := os.ReadFile(v.body)
		if err != nil {
			return nil, fmt.Errorf("read the body: %w", err)
		}
		return capture.Of(http.MethodPost, body), nil
	}
	var data []byte
	var err error
	if file == "" || file == "-" {
		if terminal.IsInput(s.In) {
			tellf(s.Err, "Paste the request or a curl command, then press Ctrl-D:")
		}
		data, err = io.ReadAll(s.In)
	} else {
		data, err = os.ReadFile(file) //nolint:gosec // the user's own choice
	}
	if err != nil {
		return nil, fmt.Errorf("read the capture: %w", err)
	}
	c, err := capture.Parse(data, os.ReadFile)
	if err != nil {
		return nil, fmt.Errorf("read the capture: %w", err)
	}
	return c, nil
}

// judge runs the diagnosis, and resolves what the capture leaves open.
func (v *verify) judge(ctx context.Context, t *target, c *capture.Captured, now time.Time) (*outcome, error) {
	o := &outcome{Name: t.name, secrets: len(t.options.Secrets), Notes: c.Notes}
	if t.options.PublicURL == "" && c.URL.Host != "" {
		t.options.PublicURL = "https://" + c.URL.Host + c.URL.EscapedPath()
	}
	current := diagnose.Case{
		Preset: t.preset, Scheme: t.scheme, Options: t.options, Request: c.Request(), Host: c.URL.Host, Now: now,
	}
	var err error
	if o.Verdict, err = diagnose.Run(ctx, current); err != nil || o.OK {
		return o, err
	}
	if trimmed, changed := c.WithoutTrailing(); changed {
		current.Request = trimmed.Request()
		if other, err := diagnose.Run(ctx, current); err == nil && (other.OK || other.Reason == "stale") {
			o.Verdict = other
			o.Notes = append(o.Notes, "the line feed at the end of the capture is not part of the body")
		} else {
			current.Request = c.Request()
		}
	}
	if o.Skew != 0 && !o.OK && !v.anyAge {
		o.Notes = append(o.Notes, "if it was captured a while ago, say when it came with --at, or use --any-age")
	}
	if v.anyAge && o.Skew != 0 && !o.OK {
		current.Now = now.Add(-o.Skew)
		if other, err := diagnose.Run(ctx, current); err == nil && other.OK {
			o.Notes = append(o.Notes, "signed "+terminal.Span(o.Skew)+" before the time given, which --any-age allows")
			o.Verdict = other
		}
	}
	return o, nil
}
