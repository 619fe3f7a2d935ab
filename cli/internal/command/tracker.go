package command

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/pkg/trackerclient"
)

const (
	// defaultAPI is where a tracker listens when nothing is set, seen from its own machine.
	defaultAPI = "http://127.0.0.1:8090"
	// trackerPatience bounds what one command asks of the tracker.
	trackerPatience = 30 * time.Second
)

const trackerHelp = `The tracker is asked: 'worker track'. Its address comes from --api or
PENSTOCK_API_URL, its token from the file that --token-file or
PENSTOCK_API_TOKEN_FILE names.`

// trackerFlags say where the tracker is, and who asks.
type trackerFlags struct {
	address   string
	tokenFile string
	token     string
}

func (f *trackerFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.address, "api", "", "`URL` of the tracker (default $PENSTOCK_API_URL, or "+defaultAPI+")")
	flags.StringVar(&f.tokenFile, "token-file", "", "`file` with the token for the tracker (default $PENSTOCK_API_TOKEN_FILE)")
	flags.StringVar(&f.token, "token", "", "the `token`, as env:NAME or file:PATH; as it is, others can see it")
	_ = c.MarkFlagFilename("token-file") // fails only for a flag that is not there
	c.MarkFlagsMutuallyExclusive("token", "token-file")
}

// url is where the tracker is.
func (f *trackerFlags) url(s Streams) string {
	return setting(s, f.address, "PENSTOCK_API_URL", defaultAPI)
}

// setting is what a flag says, or a variable, or what is meant without both.
func setting(s Streams, flag, variable, otherwise string) string {
	if flag != "" {
		return flag
	}
	if value, _ := s.Env(variable); value != "" {
		return value
	}
	return otherwise
}

// bearer returns the token, or nothing when none is given.
func (f *trackerFlags) bearer(s Streams) (string, error) {
	if f.token != "" {
		if !refersToSecret(f.token) {
			tellf(s.Err, "warning: others can see a token on the command line; use --token-file")
		}
		return secret("--token", f.token, s.Env)
	}
	path := setting(s, f.tokenFile, "PENSTOCK_API_TOKEN_FILE", "")
	if path == "" {
		return "", nil
	}
	return secret("--token-file", "file:"+path, s.Env)
}

// tracker is a tracker's API and what a command needs beside it.
type tracker struct {
	Streams
	api *trackerclient.ClientWithResponses
	url string
}

// connect makes a client of the tracker, which asks nothing yet.
func (f *trackerFlags) connect(s Streams, client *http.Client) (*tracker, error) {
	token, err := f.bearer(s)
	if err != nil {
		return nil, err
	}
	t := &tracker{Streams: s, url: f.url(s)}
	if t.api, err = trackerclient.Connect(t.url, token, trackerclient.WithHTTPClient(client)); err != nil {
		return nil, usage("--api or PENSTOCK_API_URL: %w", err)
	}
	return t, nil
}

// trackerCommand makes a command that asks the tracker: with its flags, and with
// trackerPatience unless it is meant to last.
func trackerCommand(s Streams, c *cobra.Command, lasts bool, run func(context.Context, *tracker, []string) error) *cobra.Command {
	var f trackerFlags
	f.register(c)
	c.Long = fmt.Sprintf("%s\n\n%s", c.Long, trackerHelp)
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		if !lasts {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, trackerPatience)
			defer cancel()
		}
		t, err := f.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
		if err == nil {
			err = run(ctx, t, args)
		}
		return failed(err)
	}
	return c
}

// local writes a moment as the clock on the wall shows it.
func local(t time.Time, layout string) string {
	return t.Local().Format(layout) //nolint:gosmopolitan // it is for the person in front of the terminal
}
