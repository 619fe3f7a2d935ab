package command

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/doctor"
	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/cli/internal/rabbit"
	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// doctorPatience bounds each check.
const doctorPatience = 15 * time.Second

// doctorFlags are the flags of the command.
type doctorFlags struct {
	format     format
	tracker    trackerFlags
	management string
	gateway    string
	store      string
	roles      []string
}

func newDoctor(s Streams) *cobra.Command {
	var d doctorFlags
	c := &cobra.Command{
		Use:     "doctor [FILE]",
		GroupID: groupInstallation,
		Short:   "Find out what is wrong with an installation, and what to do about it",
		Long: `Doctor looks at the configuration file, the broker (is it there, is it recent enough,
what may its user do, is everything declared, is anything short or left over), the
tracker's store and its API, the gateway, the certificates of all of them, and the
clocks. It changes nothing. Run it where the processes run, with their environment;
what is not known from there is skipped, and can be said with flags.

With --role, a user of the broker that lacks what the role needs is an error; without,
it is a warning, since a user may be for one role alone.

The exit code is 3 when something does not work.`,
		Example: trim(`
  penstock doctor
  penstock doctor penstock.yaml --gateway https://hooks.example.com --role gateway
  penstock doctor --management http://guest:guest@127.0.0.1:15672 --store sqlite:penstock.db
  penstock doctor -o json | jq '.[] | select(.status == "error")'`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return failed(d.run(c.Context(), s, args)) },
	}
	d.format.register(c)
	d.tracker.register(c)
	f := c.Flags()
	f.StringVar(&d.management, "management", "", "`URL` of RabbitMQ's management interface (default $PENSTOCK_MANAGEMENT_URL)")
	f.StringVar(&d.gateway, "gateway", "", "`URL` of the gateway (default $PENSTOCK_GATEWAY_URL)")
	f.StringVar(&d.store, "store", "", "`URL` of the tracker's store (default $PENSTOCK_STORE_URL)")
	f.StringSliceVar(&d.roles, "role", nil, "the broker user has to be able to play this `role`: "+strings.Join(topology.Roles(), ", "))
	completeFlag(c, "role", cobra.FixedCompletions(topology.Roles(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (d *doctorFlags) run(ctx context.Context, s Streams, args []string) error {
	i, err := d.installation(ctx, s, args)
	if err != nil {
		return err
	}
	checks := i.Checks()
	progress := terminal.NewProgress(s.Err, terminal.StyleFor(s.Err, s.Env), "looking", s.Now)
	progress.Set(0, int64(len(checks)))
	findings := doctor.Run(ctx, checks, doctorPatience, func(n int) { progress.Set(int64(n), int64(len(checks))) })
	progress.Done()
	if err := d.format.write(s.Out, findings, func() error {
		_, err := s.Out.Write(diagnosis(findings, s.style()))
		return err
	}); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Status == doctor.Error }) {
		return silent{Invalid}
	}
	return nil
}

// installation gathers where everything is. What is wrong with it is for the checks.
func (d *doctorFlags) installation(ctx context.Context, s Streams, args []string) (*doctor.Installation, error) {
	for _, role := range d.roles {
		if !slices.Contains(topology.Roles(), role) {
			return nil, usage("--role %s: not one of %s", role, strings.Join(topology.Roles(), ", "))
		}
	}
	t, err := d.tracker.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
	if err != nil {
		return nil, err
	}
	i := &doctor.Installation{
		ConfigFile: configPath(s, args), Env: s.Env, Roles: d.roles, Now: s.Now,
		StoreURL: setting(s, d.store, "PENSTOCK_STORE_URL", ""),
		Gateway:  setting(s, d.gateway, "PENSTOCK_GATEWAY_URL", ""),
		Tracker:  t.api, TrackerURL: t.url, TrackerNamed: setting(s, d.tracker.address, "PENSTOCK_API_URL", "") != "",
	}
	for _, name := range []string{"PENSTOCK_TLS_CERT_FILE", "PENSTOCK_AMQP_CERT_FILE", "PENSTOCK_AMQP_CA_FILE"} {
		if path, _ := s.Env(name); path != "" {
			i.Certificates = append(i.Certificates, path)
		}
	}
	var process settings.AMQP
	process, i.BrokerError = brokerSettings()
	i.Broker = process.Broker(brokerName)
	c := new(config.Config)
	if loaded, err := config.Load(i.ConfigFile, s.Env, noPart); err == nil { // else it is a finding of its own
		c = loaded
	}
	i.Plan = provision.Plan(&process, c)
	i.Writes = exchangesOf(c)
	if i.BrokerError == nil {
		err = d.setManagement(ctx, cmp.Or(d.management, process.ManagementURL), i)
	}
	return i, err
}

func (d *doctorFlags) setManagement(ctx context.Context, address string, i *doctor.Installation) (err error) {
	if address == "" {
		return nil
	}
	if i.Management, err = rabbit.New(ctx, address, i.Broker); err != nil {
		return usage("--management: %w", err)
	}
	return nil
}

// exchangesOf are the exchanges of others that deliverers publish to.
func exchangesOf(c *config.Config) []amqpx.Right {
	var rights []amqpx.Right
	for _, name := range sortedKeys(c.Destinations) {
		if exchange := c.Destinations[name].Exchange; exchange != "" {
			rights = append(rights, amqpx.Right{Kind: amqpx.Write, Name: exchange})
		}
	}
	return rights
}

// diagnosis writes findings for people. A buffer takes every write.
func diagnosis(findings []doctor.Finding, style terminal.Style) []byte {
	const first, second = 9, 15 // the widths of the columns
	width := lineWidth
	if style.Width() > 0 {
		width = min(width, style.Width())
	}
	indent := strings.Repeat(" ", first+second)
	counts := map[doctor.Status]int{}
	var b bytes.Buffer
	last := ""
	for n, f := range findings {
		counts[f.Status]++
		name := f.Check
		if name == last {
			name = ""
		}
		last = f.Check
		b.WriteString(mark(style, f.Status) + strings.Repeat(" ", first-len(f.Status)) + name + strings.Repeat(" ", second-len(name)))
		b.WriteString(strings.TrimLeft(terminal.Wrap(terminal.Safe(f.Text), indent, width), " ") + "\n")
		again := n+1 < len(findings) && findings[n+1].Remedy == f.Remedy // it is said once, after the last
		if f.Remedy != "" && !again {
			b.WriteString(style.Faint(terminal.Wrap("→ "+terminal.Safe(f.Remedy), indent, width)) + "\n")
		}
	}
	b.WriteString("\n" + tallyOf(counts, style) + "\n")
	return b.Bytes()
}

func mark(style terminal.Style, s doctor.Status) string {
	switch s {
	case doctor.OK:
		return style.Good(string(s))
	case doctor.Warning:
		return style.Warn(string(s))
	case doctor.Error:
		return style.Bad(string(s))
	default:
		return style.Faint(string(s))
	}
}

func tallyOf(counts map[doctor.Status]int, style terminal.Style) string {
	if counts[doctor.Error]+counts[doctor.Warning] == 0 {
		return style.Good("nothing is wrong") + ": " + count(counts[doctor.OK], "finding") + ", " + count(counts[doctor.Skipped], "check") + " skipped"
	}
	return style.Strong(count(counts[doctor.Error], "error")) + ", " + count(counts[doctor.Warning], "warning")
}
