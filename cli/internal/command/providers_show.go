package command

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func newProvidersShow(s Streams) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:   "show PROVIDER",
		Short: "Show one provider, and what to configure for it",
		Long: `Show prints all that is known of a provider, and the part of the configuration
file that receives from it.`,
		Example: trim(`
  penstock providers show github
  penstock providers show github --output yaml`),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeProviders,
		RunE: func(_ *cobra.Command, args []string) error {
			return failed(show(s, f, args[0]))
		},
	}
	f.register(c)
	return c
}

// detail is one provider with all that is known of it.
type detail struct {
	summary
	Retries   string                      `json:"retries,omitempty"`
	Secret    string                      `json:"secret,omitempty"`
	Online    string                      `json:"online,omitempty"`
	Settings  map[string]provider.Setting `json:"config,omitempty"`
	Scheme    signature.Scheme            `json:"scheme"`
	EventID   signature.Strings           `json:"eventID,omitempty"`
	EventType signature.Strings           `json:"eventType,omitempty"`
	Asks      []provider.Handshake        `json:"handshakes,omitempty"`
	Setup     []provider.Probe            `json:"setup,omitempty"`
	Refusal   *provider.Reply             `json:"refusal,omitempty"`
	Docs      string                      `json:"docs,omitempty"`
	Notes     string                      `json:"notes,omitempty"`
}

func show(s Streams, f format, id string) error {
	p, err := lookup(id)
	if err != nil {
		return err
	}
	d := detail{
		summary: summarise(p), Retries: p.Retries, Secret: p.Secret, Online: p.Online, Settings: p.Config, Scheme: p.Scheme,
		EventID: p.EventID, EventType: p.EventType, Asks: p.Handshakes, Setup: p.Setup, Refusal: p.Refusal, Docs: p.Docs, Notes: p.Notes,
	}
	return f.write(s.Out, d, func() error {
		_, err := s.Out.Write(explain(p, s.style()))
		return err
	})
}

// explain writes a provider for people.
func explain(p *provider.Preset, style terminal.Style) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s  %s\n\n", style.Strong(p.Name), style.Faint(p.Category))
	retries := p.Retries
	if p.NoRetry {
		retries = strings.TrimRight("no; "+strings.TrimLeft(strings.TrimPrefix(retries, "none"), "; "), "; ")
	}
	pairs := [][2]string{
		{"Signature", signing(p)},
		{"Secret", p.Secret},
		{"Fetches", p.Online},
		{"Event id", strings.Join(p.EventID, "\n")},
		{"Event type", strings.Join(p.EventType, "\n")},
		{"Handshakes", asks(p)},
		{"Set-up", probes(p)},
		{"Refusals", refusals(p)},
		{"Deadline", span(p.Deadline)},
		{"Retries", retries},
		{"Evidence", evidence(p)},
		{"See", p.Docs},
	}
	for i, pair := range pairs {
		pairs[i][1] = wrapped(pair[1])
	}
	pairs = append(pairs, [2]string{"Notes", wrapped(p.Notes)})
	_ = fields(&b, style, pairs) // a buffer takes every write
	fmt.Fprintf(&b, "\n%s\n\n%s", style.Strong("Configure it:"), terminal.Indent(snippet(p), "  "))
	if symmetric(p) {
		fmt.Fprintf(&b, "\n%s\n\n  penstock sign %s --secret … --url https://localhost:8443/in/%s --insecure\n", style.Strong("Try it:"), p.ID, p.ID)
	}
	return b.Bytes()
}

// wrapped breaks prose so that it fits beside its name.
func wrapped(text string) string {
	const width = 84
	return terminal.Wrap(text, "", width)
}

func signing(p *provider.Preset) string {
	if !p.Verifies() {
		return "none: it cannot be verified"
	}
	text := p.Scheme.Alg
	if len(p.Scheme.Sig) > 0 {
		text += " at " + strings.Join(p.Scheme.Sig, " or ")
	}
	if p.Scheme.Msg != "" && !strings.Contains(p.Scheme.Msg, "\n") {
		text += ", over " + p.Scheme.Msg
	}
	return text
}

func asks(p *provider.Preset) string {
	var list []string
	for _, h := range p.Handshakes {
		how := "unsigned"
		if h.First == "verify" {
			how = "signed"
		}
		list = append(list, fmt.Sprintf("%s, %s: answered by itself", h.When.Method, how))
	}
	return strings.Join(list, "\n")
}

// probes lists what the provider sends while a source is set up, and what becomes of it.
func probes(p *provider.Preset) string {
	list := make([]string, 0, len(p.Setup))
	for _, probe := range p.Setup {
		list = append(list, probe.What+": "+probe.Outcome())
	}
	return strings.Join(list, "\n")
}

func refusals(p *provider.Preset) string {
	switch {
	case p.Refusal == nil:
		return ""
	case p.Refusal.Body == "":
		return fmt.Sprintf("%d without a body", p.Refusal.Status)
	default:
		return fmt.Sprintf("%d with %s", p.Refusal.Status, p.Refusal.Body)
	}
}

func evidence(p *provider.Preset) string {
	return map[string]string{
		"A": "A: from the provider's own code or documentation",
		"B": "B: from a catalogue of others; confirm it with one live delivery",
		"C": "C: known, but not read again; confirm it with one live delivery",
	}[p.Evidence]
}

func symmetric(p *provider.Preset) bool {
	return strings.HasPrefix(p.Scheme.Alg, "hmac-") && p.Code == ""
}

// snippet is the part of the configuration file for a provider.
func snippet(p *provider.Preset) string {
	var b strings.Builder
	name := strings.ToUpper(strings.ReplaceAll(p.ID, "-", "_"))
	fmt.Fprintf(&b, "sources:\n  %s:\n    provider: %s\n", p.ID, p.ID)
	if p.SecretUse == provider.SecretRequired {
		fmt.Fprintf(&b, "    secrets: [\"${%s_SECRET}\"]\n", name)
	}
	if v, err := signature.Compile(p.Scheme); err == nil && v.NeedsPublicURL() {
		fmt.Fprintf(&b, "    publicURL: https://hooks.example.com/in/%s\n", p.ID)
	}
	if !p.Verifies() {
		b.WriteString("    open: true\n")
	}
	for i, setting := range sortedKeys(p.Config) {
		if i == 0 {
			b.WriteString("    config:\n")
		}
		comment := p.Config[setting].Help
		if !p.Config[setting].Required {
			comment = "optional: " + comment
		}
		fmt.Fprintf(&b, "      %s: …   # %s\n", setting, comment)
	}
	return b.String()
}
