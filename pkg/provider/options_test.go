package provider_test

import (
	"embed"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
)

// testKeys are public keys whose private ones were thrown away.
//
//go:embed testdata/keys
var testKeys embed.FS

const (
	textSecret = "a secret of some length, as text"
	hexKey     = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" // RFC 8032, test 1
	base64Key  = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="                     // the same
)

// optionsFor returns options that suit a preset.
func optionsFor(t testing.TB, p *provider.Preset) provider.Options {
	t.Helper()
	o := provider.Options{PublicURL: "https://hooks.example.com/in/source", Config: map[string]string{}}
	for name, setting := range p.Config {
		if setting.Default == "" {
			o.Config[name] = "value-of-" + name
		}
	}
	if p.SecretUse == provider.SecretRequired {
		o.Secrets = []string{secretFor(t, p)}
	}
	return o
}

func secretFor(t testing.TB, p *provider.Preset) string {
	t.Helper()
	asymmetric, _, _ := strings.Cut(p.Scheme.Alg, "-")
	switch {
	case p.Scheme.Key == "spki-b64":
		lines := strings.Split(testKey(t, asymmetric), "\n")
		return strings.Join(lines[1:len(lines)-2], "")
	case asymmetric == "rsa" || asymmetric == "ecdsa":
		return testKey(t, asymmetric)
	case p.Scheme.Key == "pem" || len(p.Scheme.Algs) > 0 && p.Scheme.Algs[0] == "RS256":
		return testKey(t, "rsa")
	case p.Scheme.Key == "hex":
		return hexKey
	case p.Scheme.Key == "base64" || p.Scheme.Key == "whsec":
		return base64Key
	default:
		return textSecret
	}
}

func testKey(t testing.TB, name string) string {
	t.Helper()
	key, err := testKeys.ReadFile("testdata/keys/" + name + ".pem")
	require.NoError(t, err)
	return string(key)
}
