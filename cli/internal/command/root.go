package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/buildinfo"
)

// Streams are a command's surroundings.
type Streams struct {
	Env func(string) (string, bool) // environment variables, as os.LookupEnv
	In  io.Reader
	Out io.Writer
	Err io.Writer
	Now func() time.Time // the clock; nil: time.Now
}

func (s Streams) style() terminal.Style { return terminal.StyleFor(s.Out, s.Env) }

// Run runs the command that args name, and returns the exit code. Errors are
// told on Err. It returns soon after ctx is done.
func Run(ctx context.Context, args []string, s Streams) int {
	root := New(s) //nolint:contextcheck // a command has its context from ExecuteContextC
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	code := codeOf(err)
	if _, told := errors.AsType[silent](err); err == nil || told {
		return int(code)
	}
	style := terminal.StyleFor(s.Err, s.Env)
	tellf(s.Err, "%s: %s %s", command.CommandPath(), style.Bad("error:"), terminal.Safe(err.Error()))
	if code == Usage {
		tellf(s.Err, "Try '%s --help'.", command.CommandPath())
	}
	return int(code)
}

// New returns the root command with all others below it.
func New(s Streams) *cobra.Command {
	if s.Now == nil {
		s.Now = time.Now
	}
	root := &cobra.Command{
		Use:   "penstock",
		Short: "Set up webhooks, find out why one fails, and look after events",
		Long: `penstock signs, verifies and receives webhooks, looks after the events of an
installation, and checks that installation.

` + exitCodesHelp + `

Results go to standard output, everything else to standard error. Colour and progress
bars are for a terminal only; NO_COLOR turns colour off. A table is cut to the
terminal's width: --output json has all of it.`,
		Example: `  penstock providers search pay          which providers are known?
  penstock sign github --secret s3cr3t --url https://localhost:8443/in/github --insecure
  penstock verify stripe request.txt --secret file:stripe.secret
  penstock listen --secret env:SIGNING_SECRET
  penstock doctor                        what is wrong with this installation?
  penstock events tail --route invoices
  penstock dead replay --route invoices --reason max-attempts`,
		Version:           buildinfo.Version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		DisableAutoGenTag: true,
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetVersionTemplate(buildinfo.String("penstock") + "\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%w", err) })
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddGroup(
		&cobra.Group{ID: groupEvents, Title: "What became of events:"},
		&cobra.Group{ID: groupWebhooks, Title: "Webhooks by hand:"},
		&cobra.Group{ID: groupInstallation, Title: "The installation:"},
	)
	root.AddCommand(newIncidents(s), newEvents(s), newDead(s), newJobs(s), newRoutes(s), newDestinations(s), newSources(s), newGaps(s), newLedger(s), newAudit(s))
	root.AddCommand(newListen(s), newSign(s), newTrigger(s), newVerify(s), newProviders(s))
	root.AddCommand(newConfig(s), newAccounts(s), newTopology(s), newQuarantine(s), newNotify(s), newDoctor(s), newBench(s), newProbe(s), newHealth(s))
	return root
}

// The groups of commands, as the help shows them.
const (
	groupEvents       = "events"
	groupWebhooks     = "webhooks"
	groupInstallation = "installation"
)

// tellf writes a line for the user beside the result. When nobody reads it, the
// result still counts.
func tellf(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

// trim makes a help text of a raw string that starts and ends with a line feed.
func trim(text string) string { return strings.Trim(text, "\n") }
