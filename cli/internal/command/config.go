package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provision"
	"github.com/penstock/penstock/pkg/settings"
)

// defaultConfig is where the processes look for the file too.
const defaultConfig = "/etc/penstock/penstock.yaml"

func newConfig(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:     "config",
		GroupID: groupInstallation,
		Short:   "Check the configuration file, and learn to write one",
		Example: trim(`
  penstock config example >penstock.yaml
  penstock config check penstock.yaml`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newConfigCheck(s), newConfigSchema(s), newConfigExample(s))
	return c
}

// checked is the outcome of a check.
type checked struct {
	File         string    `json:"file"`
	Valid        bool      `json:"valid"`
	Sources      []string  `json:"sources,omitempty"`
	Destinations []string  `json:"destinations,omitempty"`
	Routes       []string  `json:"routes,omitempty"`
	Problems     []problem `json:"problems,omitempty"`
	Warnings     []problem `json:"warnings,omitempty"`
}

// problem is config.Problem with names for JSON.
type problem struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Path   string `json:"path,omitempty"`
	Text   string `json:"text"`
	whole  string
}

func problems(list []config.Problem) []problem {
	out := make([]problem, len(list))
	for i, p := range list {
		out[i] = problem{Line: p.Line, Column: p.Column, Path: p.Path, Text: p.Text, whole: p.String()}
	}
	return out
}

func newConfigCheck(s Streams) *cobra.Command {
	var f format
	var without bool
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Report everything that is wrong with a configuration file",
		Long: `Check reads the file as the gateway and the worker do, and reports each problem
with its line and column. The file is $PENSTOCK_CONFIG, or
` + defaultConfig + `, unless one is named. The exit code is 3 when it is not valid.

Secrets must be there as the processes need them; with --without-secrets they are
not looked at, for a check where they are out of reach.`,
		Example: trim(`
  penstock config check penstock.yaml
  penstock config check --without-secrets deploy/penstock.yaml`),
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return failed(check(s, f, args, without)) },
	}
	c.Flags().BoolVar(&without, "without-secrets", false, "do not look at secrets")
	f.register(c)
	return c
}

func check(s Streams, f format, args []string, without bool) error {
	path := configPath(s, args)
	var parts []config.Part
	if without {
		parts = []config.Part{noPart}
	}
	c, err := config.Load(path, s.Env, parts...)
	if err == nil && withoutStreams(s) {
		c.Warnings = append(c.Warnings, config.Problem{File: path, Text: settings.WithoutStreams})
		err = provision.NeedsStreams(path, c)
	}
	refused, isRefused := errors.AsType[*config.Error](err)
	if err != nil && !isRefused {
		return err
	}
	result := checked{File: path, Valid: err == nil}
	if isRefused {
		result.Problems = problems(refused.Problems)
	} else {
		result.Sources, result.Destinations, result.Routes = sortedKeys(c.Sources), sortedKeys(c.Destinations), sortedKeys(c.Routes)
		result.Warnings = problems(c.Warnings)
	}
	if err := f.write(s.Out, result, func() error { return result.print(s) }); err != nil {
		return err
	}
	if !result.Valid {
		return silent{Invalid}
	}
	return nil
}

// withoutStreams reports whether the environment turns the broker's streams off.
func withoutStreams(s Streams) bool {
	value, _ := s.Env("PENSTOCK_STREAMS")
	return !(&settings.AMQP{Streams: value}).HasStreams()
}

// configPath is the file that the arguments name, or the one of the processes.
func configPath(s Streams, args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	if path, _ := s.Env("PENSTOCK_CONFIG"); path != "" {
		return path
	}
	return defaultConfig
}

// noPart is a part that no file has: the secrets of none are resolved.
const noPart config.Part = "none"

func (c checked) print(s Streams) error {
	style := s.style()
	for _, p := range c.Problems {
		if _, err := fmt.Fprintln(s.Out, terminal.Safe(p.whole)); err != nil {
			return err
		}
	}
	for _, p := range c.Warnings {
		if _, err := fmt.Fprintln(s.Out, style.Warn("warning: ")+terminal.Safe(p.whole)); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%s: %s", c.File, style.Bad(count(len(c.Problems), "problem")))
	if c.Valid {
		text = fmt.Sprintf("%s: %s: %s, %s, %s", c.File, style.Good("valid"),
			count(len(c.Sources), "source"), count(len(c.Destinations), "destination"), count(len(c.Routes), "route"))
	}
	_, err := fmt.Fprintln(s.Out, text)
	return err
}

func count(n int, what string) string { return terminal.Plural(n, what) }

func newConfigSchema(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file",
		Long: `Schema prints the JSON Schema (2020-12) of the configuration file, with which
editors complete and check it.`,
		Example: trim(`
  penstock config schema >penstock.schema.json
  sed -i '1i # yaml-language-server: $schema=penstock.schema.json' penstock.yaml`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.Out.Write(config.Schema())
			return failed(err)
		},
	}
}

func newConfigExample(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "example",
		Short:   "Print a configuration file that shows every key",
		Long:    "Example prints a configuration file that shows every key with a comment, to start from.",
		Example: "  penstock config example >penstock.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.Out.Write(config.Example())
			return failed(err)
		},
	}
}
