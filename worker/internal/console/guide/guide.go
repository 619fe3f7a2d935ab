package guide

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/provider"
)

// Placeholder stands for the gateway's address when nobody has said it.
const Placeholder = "https://hooks.example.com"

// Guide is what to do to receive from a provider.
type Guide struct {
	Preset   *provider.Preset
	Source   string // the name in the configuration
	URL      string // to be entered at the provider
	Config   string // to be put into penstock.yaml
	Secrets  []Secret
	Pending  bool // the provider hands the secret over itself
	Unsigned bool // anyone can send
	Doubtful bool // the scheme was not read in the provider's own words
}

// Secret is a variable of the environment that the configuration refers to.
type Secret struct {
	Variable string
	Holds    string // what it is, in words
	Optional bool
}

// New explains a preset. An empty name of the source means that of the preset, and an
// empty address of the gateway a placeholder.
func New(p *provider.Preset, name, gateway string) Guide {
	if name == "" {
		name = p.ID
	}
	if gateway == "" {
		gateway = Placeholder
	}
	g := Guide{
		Preset: p, Source: name, URL: strings.TrimSuffix(gateway, "/") + "/in/" + name, Pending: p.Captures(),
		Unsigned: !p.Verifies(), Doubtful: p.Evidence != "A",
	}
	var b strings.Builder
	fmt.Fprintf(&b, "sources:\n  %s:\n    provider: %s\n", name, p.ID)
	g.secrets(&b)
	g.settings(&b)
	fmt.Fprintf(&b, "    publicURL: %s\n", g.URL)
	if g.Unsigned {
		b.WriteString("    open: true # this provider signs nothing: restrict who may send with allowCIDRs or auth\n")
	}
	g.Config = b.String()
	return g
}

func (g *Guide) secrets(b *strings.Builder) {
	p := g.Preset
	variable := variableOf(g.Source, "WEBHOOK_SECRET")
	switch {
	case g.Pending:
		b.WriteString("    pending: true # until the provider has handed its secret over; then put it under secrets\n")
	case p.SecretUse == provider.SecretNone:
	case p.SecretUse == provider.SecretOptional:
		fmt.Fprintf(b, "    # secrets: [\"${%s}\"] # optional: %s\n", variable, p.Secret)
		g.Secrets = append(g.Secrets, Secret{variable, p.Secret, true})
	default:
		fmt.Fprintf(b, "    secrets: [\"${%s}\"]\n", variable)
		g.Secrets = append(g.Secrets, Secret{variable, p.Secret, false})
	}
}

// settings writes the values that the preset needs; what is optional stays a comment.
func (g *Guide) settings(b *strings.Builder) {
	var needed, optional []string
	for _, name := range slices.Sorted(maps.Keys(g.Preset.Config)) {
		s := g.Preset.Config[name]
		variable := variableOf(g.Source, name)
		line := fmt.Sprintf("      %s: \"${%s}\"\n", name, variable)
		if s.Required {
			needed = append(needed, line)
			g.Secrets = append(g.Secrets, Secret{variable, s.Help, false})
			continue
		}
		optional = append(optional, fmt.Sprintf("      # %s: \"\" # optional: %s\n", name, s.Help))
	}
	switch {
	case len(needed) > 0:
		b.WriteString("    config:\n" + strings.Join(needed, "") + strings.Join(optional, ""))
	case len(optional) > 0:
		b.WriteString("    # config:\n" + strings.Join(optional, ""))
	}
}

// variableOf makes the name of a variable of the environment.
func variableOf(parts ...string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(strings.Join(parts, "_")))
}
