package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/provider"
)

func newProviders(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "providers",
		GroupID: groupWebhooks,
		Aliases: []string{"provider"},
		Short:   "Look up the providers that are known",
		Long:    "Providers are presets: how somebody signs, what they ask first, what they want to hear, how long they wait.",
		Example: trim(`
  penstock providers list
  penstock providers search payment
  penstock providers show stripe`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newProvidersList(s), newProvidersSearch(s), newProvidersShow(s))
	return c
}

func newProvidersList(s Streams) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:   "list",
		Short: "List every provider",
		Long: `List prints one line for each provider. DEADLINE is how long it waits for the
answer; RETRIES is "no" when it never sends an event again, so that what is
refused is lost.`,
		Example: trim(`
  penstock providers list
  penstock providers list -o json | jq -r '.[] | select(.noRetry) | .id'`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return failed(printProviders(s, f, provider.All())) },
	}
	f.register(c)
	return c
}

func newProvidersSearch(s Streams) *cobra.Command {
	var f format
	c := &cobra.Command{
		Use:   "search TEXT…",
		Short: "List the providers that a text fits",
		Long:  "Search looks for all the words in ids, names, categories and header names. The exit code is 1 when nothing fits.",
		Example: trim(`
  penstock providers search pay
  penstock providers search x-hub-signature`),
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return failed(search(s, f, args)) },
	}
	f.register(c)
	return c
}

func search(s Streams, f format, words []string) error {
	found := slices.DeleteFunc(provider.All(), func(p *provider.Preset) bool {
		text := strings.ToLower(strings.Join(append([]string{p.ID, p.Name, p.Category}, p.Scheme.Sig...), "\n"))
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) })
	})
	if len(found) > 0 {
		return printProviders(s, f, found)
	}
	text := strings.Join(words, " ")
	if near := provider.Suggest(text); len(near) > 0 {
		return fmt.Errorf("nothing fits %q; did you mean %s?", text, strings.Join(near, " or "))
	}
	return fmt.Errorf("nothing fits %q", text)
}

// summary is one provider in a list.
type summary struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Category  string `json:"category"`
	Verified  bool   `json:"verified"`
	Handshake bool   `json:"handshake"`
	Deadline  string `json:"deadline,omitempty"`
	NoRetry   bool   `json:"noRetry"`
	Evidence  string `json:"evidence"`
}

func summarise(p *provider.Preset) summary {
	return summary{
		ID: p.ID, Name: p.Name, Category: p.Category, Verified: p.Verifies(), Handshake: len(p.Handshakes) > 0,
		Deadline: span(p.Deadline), NoRetry: p.NoRetry, Evidence: p.Evidence,
	}
}

func printProviders(s Streams, f format, presets []*provider.Preset) error {
	list := make([]summary, 0, len(presets))
	rows := [][]string{{"ID", "NAME", "CATEGORY", "VERIFIED", "HANDSHAKE", "DEADLINE", "RETRIES"}}
	for _, p := range presets {
		one := summarise(p)
		list = append(list, one)
		rows = append(rows, []string{
			one.ID, one.Name, one.Category, yesNo(one.Verified), yesNo(one.Handshake), cmp.Or(one.Deadline, "-"), yesNo(!one.NoRetry),
		})
	}
	return f.write(s.Out, list, func() error { return terminal.Table(s.Out, s.style(), rows, nil) })
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
