package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// sourceFlags say who sends: a preset, a scheme, or a source of a configuration.
type sourceFlags struct {
	secrets   []string
	scheme    string
	settings  []string
	publicURL string
	source    string
	config    string
}

const sourceHelp = `Who sends is said in one of three ways: by the id of a PROVIDER, see 'penstock
providers list'; by --scheme with a scheme of your own, as YAML or in a file; or
by --source with the name of a source in your configuration file, which then
says the secrets too.`

func (f *sourceFlags) register(c *cobra.Command, s Streams) {
	flags := c.Flags()
	flags.StringArrayVar(&f.secrets, "secret", nil, "the `secret` that is shared with the sender")
	flags.StringVar(&f.scheme, "scheme", "", "`file` with a scheme in YAML, or the YAML itself in braces")
	flags.StringVar(&f.source, "source", "", "`name` of a source in the configuration file")
	flags.StringVar(&f.config, "config", "", "configuration `file` for --source (default $PENSTOCK_CONFIG)")
	flags.StringArrayVar(&f.settings, "set", nil, "`name=value` of a setting that the provider or the scheme asks for")
	flags.StringVar(&f.publicURL, "public-url", "", "the `url` that the sender was given, for signatures that cover it")
	completeFlag(c, "source", names(s, sourceNames))
	c.ValidArgsFunction = completeProviders
	_ = c.MarkFlagFilename("config", "yaml", "yml") // fails only for a flag that is not there
}

// target is who sends, resolved.
type target struct {
	name    string
	preset  *provider.Preset // nil for a scheme
	scheme  signature.Scheme // of a preset too
	options provider.Options
}

func (t *target) compile() (*provider.Source, error) {
	if t.preset != nil {
		return provider.New(t.preset, t.options)
	}
	return provider.Custom(t.scheme, t.options)
}

// identity returns the expressions of an event's id and type.
func (t *target) identity() (id, typ signature.Strings) {
	if t.preset != nil {
		return t.preset.EventID, t.preset.EventType
	}
	return t.scheme.ID, t.scheme.Type
}

// resolve finds the target that the flags and the argument name.
func (f *sourceFlags) resolve(args []string, s Streams) (*target, error) {
	ways := len(args)
	for _, flag := range []string{f.scheme, f.source} {
		if flag != "" {
			ways++
		}
	}
	if ways != 1 {
		return nil, usage("say who sends, in one way: a PROVIDER, --scheme or --source")
	}
	t, err := f.find(args, s)
	if err != nil {
		return nil, err
	}
	return t, f.override(t, s)
}

func (f *sourceFlags) find(args []string, s Streams) (*target, error) {
	switch {
	case f.source != "":
		return f.fromConfig(s)
	case f.scheme != "":
		scheme, err := readScheme(f.scheme)
		return &target{name: "scheme", scheme: scheme}, err
	default:
		preset, err := lookup(args[0])
		if err != nil {
			return nil, err
		}
		return &target{name: preset.ID, preset: preset, scheme: preset.Scheme}, nil
	}
}

func lookup(id string) (*provider.Preset, error) {
	preset, known := provider.Lookup(id)
	if known {
		return preset, nil
	}
	if near := provider.Suggest(id); len(near) > 0 {
		return nil, usage("there is no provider %q; did you mean %s?", id, strings.Join(near, " or "))
	}
	return nil, usage("there is no provider %q; 'penstock providers search TEXT' looks for one", id)
}

func readScheme(text string) (scheme signature.Scheme, err error) {
	data := []byte(text)
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		if data, err = os.ReadFile(text); err != nil { //nolint:gosec // the user's own choice
			return scheme, fmt.Errorf("read the scheme: %w", err)
		}
	}
	if err := yaml.UnmarshalWithOptions(data, &scheme, yaml.Strict()); err != nil {
		return scheme, usage("--scheme: %s", yaml.FormatError(err, false, false))
	}
	if err := scheme.Validate(); err != nil {
		return scheme, usage("--scheme: %w", err)
	}
	return scheme, nil
}

func (f *sourceFlags) fromConfig(s Streams) (*target, error) {
	path := f.config
	if path == "" {
		path, _ = s.Env("PENSTOCK_CONFIG")
	}
	if path == "" {
		return nil, usage("--source needs --config, or $PENSTOCK_CONFIG")
	}
	c, err := config.Load(path, s.Env, config.Sources)
	if err != nil {
		return nil, err
	}
	source, known := c.Sources[f.source]
	if !known {
		return nil, usage("%s has no source %q", path, f.source)
	}
	return fromSource(source)
}

func fromSource(source *config.Source) (*target, error) {
	t := &target{name: source.Name, options: provider.Options{
		Secrets: config.RevealAll(source.Secrets), PublicURL: source.PublicURL, Config: map[string]string{},
	}}
	for name, value := range source.Config {
		t.options.Config[name] = value.Reveal()
	}
	switch {
	case source.Provider != "":
		preset, err := lookup(source.Provider)
		if err != nil {
			return nil, err
		}
		t.preset, t.scheme = preset, preset.Scheme
	case source.Scheme != nil:
		t.scheme = *source.Scheme
	default:
		return nil, usage("the source %s has neither a provider nor a scheme: nothing is signed", source.Name)
	}
	return t, nil
}

// override puts what the flags say over what the target has.
func (f *sourceFlags) override(t *target, s Streams) error {
	given, err := secrets(f.secrets, s.Env)
	if err != nil {
		return err
	}
	if len(given) > 0 {
		t.options.Secrets = given
	}
	if f.publicURL != "" {
		t.options.PublicURL = f.publicURL
	}
	for _, setting := range f.settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			return usage("--set %s: not name=value", setting)
		}
		if t.options.Config == nil {
			t.options.Config = map[string]string{}
		}
		t.options.Config[name] = value
	}
	return nil
}
