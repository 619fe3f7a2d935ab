package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/penstock/penstock/pkg/config"
)

func FuzzLoad(f *testing.F) {
	f.Add(config.Example())
	f.Add([]byte(minimal))
	f.Add([]byte(everyPart))
	f.Add([]byte("sources: &a {b: *a, <<: *a, ? c : !!x d}\n---\n- |\n  e"))
	f.Add([]byte("sources: {s: {scheme: {alg: none, alt: &x [{alg: jwt, alt: *x}]}, auth: [{mtls: {dns: ['*']}}], open: true}}"))
	const secret = "s3cr3t-value-of-the-environment"
	lookup := func(string) (string, bool) { return secret, true }
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := config.Parse("p.yaml", data, lookup)
		if err == nil {
			checkValid(t, cfg)
			return
		}
		var refused *config.Error
		if cfg != nil || !errors.As(err, &refused) || len(refused.Problems) == 0 {
			t.Fatalf("a refused file has no configuration, and problems: %v, %v", cfg, err)
		}
		for _, p := range refused.Problems {
			if p.Text == "" || strings.ContainsAny(p.Text, "\n\r") || strings.Contains(p.Text, secret) || p.Line < 0 || p.Column < 0 {
				t.Fatalf("not a problem that can be shown: %q", p)
			}
		}
	})
}

func checkValid(t *testing.T, cfg *config.Config) {
	t.Helper()
	for name, source := range cfg.Sources {
		if _, err := source.Compile(); err != nil || source.Name != name {
			t.Fatalf("source %q: %v", name, err)
		}
	}
	for name, route := range cfg.Routes {
		if cfg.Destinations[route.To] == nil || len(route.Bindings()) == 0 {
			t.Fatalf("route %q leads from or to nothing", name)
		}
	}
}
