package command

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/terminal"
)

func newHealth(s Streams) *cobra.Command {
	var timeout time.Duration
	c := &cobra.Command{
		Use:     "health URL",
		GroupID: groupInstallation,
		Short:   "Ask a process whether it is well",
		Long: `Health asks for a URL, prints the answer, and fails with the exit code 4 unless it
is 2xx: for the health check of a container, in which there is no shell and no curl.

A process answers /healthz when it is alive and /readyz when it can do its job, at
its admin address: 9090 for the gateway, 9091 for the deliverer, 9092 for the tracker.`,
		Example: trim(`
  penstock health http://127.0.0.1:9090/readyz`),
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return failed(askHealth(c.Context(), s, args[0], timeout))
		},
	}
	c.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "give up after this `time`")
	return c
}

func askHealth(ctx context.Context, s Streams, address string, timeout time.Duration) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return usage("%s: not a URL with http or https", address)
	}
	r := outgoing.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}
	answer, err := outgoing.Send(ctx, r, outgoing.SendOptions{Timeout: timeout})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(s.Out, terminal.Line(answer.Status), terminal.Line(strings.TrimSpace(string(answer.Body)))); err != nil {
		return err
	}
	if answer.Code/100 != 2 {
		return silent{Refused}
	}
	return nil
}
