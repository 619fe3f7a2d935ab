package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
)

// BenchmarkLoad reads a configuration of 250 sources, of every provider there is, as a
// process does at its start.
func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	text.WriteString("sources:\n")
	all := provider.All()
	n := 0
	for i := 0; n < 250; i++ {
		p := all[i%len(all)]
		if _, err := provider.New(p, provider.Options{Secrets: []string{"s3cret"}, PublicURL: "https://hooks.example.com/in/x"}); err != nil {
			continue
		}
		n++
		fmt.Fprintf(&text, "  source-%d: {provider: %s, secrets: [\"${SECRET}\"], publicURL: https://hooks.example.com/in/x}\n", i, p.ID)
	}
	text.WriteString("destinations:\n  receiver: {url: 'https://example.com'}\nroutes:\n  everything: {from: [source-0], to: receiver}\n")
	file := filepath.Join(b.TempDir(), "penstock.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	secret := func(string) (string, bool) { return "s3cret", true }
	for b.Loop() {
		if _, err := config.Load(file, secret, config.Sources); err != nil {
			b.Fatal(err)
		}
	}
}
