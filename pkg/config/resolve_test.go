package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

func TestAFileOfASecretLosesOneLineBreak(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"abc": "abc", "abc\n": "abc", "abc\r\n": "abc", "abc\n\n": "abc\n", "a b": "a b", "a\nb\n": "a\nb",
	} {
		file := write(t, content, t.TempDir(), "secret")
		cfg := load(t, `sources: {s: {provider: github, secrets: ["file:`+file+`"]}}`)
		require.Equal(t, want, cfg.Sources["s"].Secrets[0].Reveal(), "%q", content)
	}
	for _, content := range []string{"", "\n", " \r\n"} {
		file := write(t, content, t.TempDir(), "secret")
		got := problems(t, `sources: {s: {provider: github, secrets: ["file:`+file+`"]}}`)
		require.Equal(t, []string{"1:43: sources.s.secrets[0]: " + file + " is empty"}, got)
	}
}

func TestNoProblemQuotesASecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	long := write(t, strings.Repeat(secret, 20_000), t.TempDir(), "long")
	for name, yaml := range map[string]string{
		"in place of a reference":    `sources: {s: {provider: github, secrets: [s3cr3t, "whsec_s3cr3t", "$s3cr3t", "${s3cr3t!}"]}}`,
		"in place of a list":         `sources: {s: {provider: github, secrets: s3cr3t}}`,
		"in place of a source":       `sources: {s: s3cr3t}`,
		"as a number":                `sources: {s: {provider: github, secrets: [!!s3cr3t 1]}}`,
		"as a block":                 "sources:\n  s:\n    secrets:\n    - |\n      s3cr3t\n      s3cr3t\n   bad",
		"that does not decode":       `sources: {s: {provider: standard-webhooks, secrets: ["${SECRET}", "${BROKEN}", "${TEXT}"]}}`,
		"that is no public key":      `sources: {s: {provider: discord, secrets: ["${SECRET}", "${BROKEN}", "${TEXT}"]}}`,
		"that is no PEM":             `sources: {s: {scheme: {alg: rsa-sha256, sig: "header:x"}, secrets: ["${SECRET}", "${BROKEN}"]}}`,
		"of a header":                `{sources: {}, destinations: {d: {url: "https://a.example", headers: {X-A: "${BROKEN}", Authorization: s3cr3t}}}}`,
		"of signing":                 `{sources: {}, destinations: {d: {url: "https://a.example", signing: {secrets: ["${TEXT}", s3cr3t]}}}}`,
		"in a URL":                   `{sources: {}, destinations: {d: {url: "https://u:s3cr3t@a.example"}, e: {url: "https://u:s3cr3t/x@a"}, f: {url: "s3cr3t://%zz"}}}`,
		"in a public URL":            `sources: {s: {open: true, publicURL: "https://s3cr3t@a.example"}}`,
		"in a file that is too long": `sources: {s: {provider: github, secrets: ["file:` + long + `"]}}`,
		"of an API key":              `sources: {s: {auth: [{apiKey: {header: X-API-Key, keys: [{name: a, sha256: s3cr3t}]}}]}}`,
		"of a user":                  `sources: {s: {auth: [{basic: {users: [{name: a, sha256: s3cr3t}]}}]}}`,
		"of a setting":               `sources: {s: {provider: github, secrets: ["${TOKEN}"], config: {a: s3cr3t, b: "${BROKEN}"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotContains(t, strings.Join(problems(t, yaml), "\n"), secret)
		})
	}
}

func TestAProcessNeedsOnlyTheSecretsOfItsPart(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none")
	sources := `sources: {s: {provider: standard-webhooks, secrets: ["${UNSET}", "file:` + none + `"]}}
destinations: {d: {url: https://a.example, headers: {Authorization: "Bearer ${TOKEN}"}, signing: {secrets: ["${SIGNING}"]}}}`
	destinations := `sources: {s: {provider: github, secrets: ["${SECRET}"]}}
destinations: {d: {url: https://a.example, headers: {Authorization: "Bearer ${UNSET}"}, signing: {secrets: ["file:` + none + `"]}, caFile: ` + none + `}}`

	deliverer := load(t, sources, config.Destinations)
	require.Equal(t, "Bearer t0k3n-value", deliverer.Destinations["d"].Headers["Authorization"].Reveal())
	require.Equal(t, []string{"", ""}, config.RevealAll(deliverer.Sources["s"].Secrets))

	gateway := load(t, destinations, config.Sources)
	require.Equal(t, "s3cr3t-value", gateway.Sources["s"].Secrets[0].Reveal())
	require.Empty(t, gateway.Destinations["d"].Headers["Authorization"].Reveal())

	load(t, sources, config.NoSecrets)
	load(t, destinations, config.NoSecrets)

	require.Len(t, problems(t, sources), 2)
	require.Len(t, problems(t, destinations), 3)
	require.Len(t, problems(t, destinations, config.Sources, config.Destinations), 3)
}

func TestAPartThatIsNotNeededIsCheckedForTheRest(t *testing.T) {
	t.Parallel()
	got := problems(t, `sources: {s: {provider: nope, secrets: [literal]}}
destinations: {d: {url: https://a.example, signing: {secrets: []}}}`, config.Destinations)
	require.Len(t, got, 3)
	require.Contains(t, got[0], "there is no provider")
	require.Contains(t, got[1], "a secret is never written here")
	require.Contains(t, got[2], "signing needs at least one secret")
}

func TestWhatEditorsAndShellsAddIsNoPartOfASecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, text := range []string{"s3cret", "s3cret\n", "s3cret\r\n", "\ufeffs3cret", "\ufeffs3cret\r\n"} {
		file := filepath.Join(folder, "secret")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		yaml := "sources: {s: {provider: github, secrets: ['${S}', 'file:" + file + "']}}\n"
		cfg, err := config.Parse("p.yaml", []byte(yaml), func(string) (string, bool) { return text, true }, config.Sources)
		require.NoError(t, err)
		require.Equal(t, []string{"s3cret", "s3cret"}, config.RevealAll(cfg.Sources["s"].Secrets), "%q", text)
	}
}

func TestASecretInUTF16IsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("\xff\xfes\x00"), 0o600))
	yaml := "sources: {s: {provider: github, secrets: ['file:" + file + "']}}\n"
	_, err := config.Parse("p.yaml", []byte(yaml), func(string) (string, bool) { return "", false }, config.Sources)
	require.ErrorContains(t, err, "is UTF-16; write it in UTF-8")
}
