package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/outgoing"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/trackerclient"
)

// completionPatience bounds what a press of the tab key asks of the tracker.
const completionPatience = 2 * time.Second

// completer is what cobra asks for words.
type completer = func(c *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective)

// completeFlag sets who completes a flag.
func completeFlag(c *cobra.Command, flag string, with completer) {
	_ = c.RegisterFlagCompletionFunc(flag, with) // fails only for a flag that is not there
}

// kind is a kind of name, and where names of it are.
type kind struct {
	configured func(*config.Config) []string
	tracked    func(context.Context, *trackerclient.ClientWithResponses) []string
}

var (
	sourceNames      = kind{func(c *config.Config) []string { return sortedKeys(c.Sources) }, trackedSources}
	routeNames       = kind{func(c *config.Config) []string { return sortedKeys(c.Routes) }, trackedRoutes}
	destinationNames = kind{func(c *config.Config) []string { return sortedKeys(c.Destinations) }, trackedDestinations}
)

// names completes with those of the configuration file or, where there is none,
// with those that the tracker knows.
func names(s Streams, k kind) completer {
	return func(c *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		found := configuredNames(s, c, k)
		if found == nil {
			found = trackedNames(s, c, k)
		}
		return startingWith(found, prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

// firstName completes the first argument alone.
func firstName(s Streams, k kind) completer {
	complete := names(s, k)
	return func(c *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(c, args, prefix)
	}
}

func configuredNames(s Streams, c *cobra.Command, k kind) []string {
	path := ""
	if flag := c.Flags().Lookup("config"); flag != nil {
		path = flag.Value.String()
	}
	loaded, err := config.Load(setting(s, path, "PENSTOCK_CONFIG", defaultConfig), s.Env, noPart)
	if err != nil {
		return nil
	}
	return k.configured(loaded)
}

func trackedNames(s Streams, c *cobra.Command, k kind) []string {
	flags := c.Flags()
	if flags.Lookup("api") == nil {
		return nil
	}
	var f trackerFlags
	f.address, _ = flags.GetString("api") // a flag that is not there is not set
	f.tokenFile, _ = flags.GetString("token-file")
	t, err := f.connect(s, outgoing.NewClient(outgoing.SendOptions{}))
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionPatience)
	defer cancel()
	return k.tracked(ctx, t.api)
}

func trackedSources(ctx context.Context, api *trackerclient.ClientWithResponses) (found []string) {
	if a, err := api.ListSourcesWithResponse(ctx); err == nil && a.JSON200 != nil {
		for _, one := range a.JSON200.Sources {
			found = append(found, one.Name)
		}
	}
	return found
}

func trackedRoutes(ctx context.Context, api *trackerclient.ClientWithResponses) (found []string) {
	if a, err := api.ListRoutesWithResponse(ctx); err == nil && a.JSON200 != nil {
		for _, one := range a.JSON200.Routes {
			found = append(found, one.Name)
		}
	}
	return found
}

func trackedDestinations(ctx context.Context, api *trackerclient.ClientWithResponses) (found []string) {
	if a, err := api.ListDestinationsWithResponse(ctx); err == nil && a.JSON200 != nil {
		for _, one := range a.JSON200.Destinations {
			found = append(found, one.Name)
		}
	}
	return found
}

func completeProviders(_ *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if len(args) == 0 {
		for _, p := range provider.All() {
			ids = append(ids, p.ID+"\t"+p.Name)
		}
	}
	return startingWith(ids, prefix), cobra.ShellCompDirectiveNoFileComp
}

func startingWith(words []string, prefix string) []string {
	var fit []string
	for _, word := range words {
		if strings.HasPrefix(word, prefix) {
			fit = append(fit, word)
		}
	}
	return fit
}
