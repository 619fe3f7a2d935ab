package config_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
)

const forwarding = `
sources:
  gitlab: {provider: gitlab, secrets: ["${GITLAB}"]}
  hub: {provider: github, secrets: ["${HUB}"]}
  other: {provider: gitlab-token, secrets: ["${OTHER}"]}
  monitor: {provider: datadog, secrets: ["${MONITOR}"], config: {header: "x-mine"}}
  hidden: {provider: datadog, secrets: ["${HIDDEN}"], config: {header: "${HEADER}"}}
  partner: {auth: [{apiKey: {header: X-Shared, keys: [{name: acme, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}}]}
destinations:
  told: {url: "https://told.example", forwardCredentials: true}
  plain: {url: "https://plain.example"}
routes:
  told: {from: [gitlab, hub, monitor], to: told}
  plain: {from: [other, hidden, partner], to: plain}
`

// variables has these variables only.
func variables(names ...string) config.Lookup {
	return func(name string) (string, bool) {
		return "secret-of-" + name, slices.Contains(names, name)
	}
}

func TestADelivererIsGivenTheSecretsThatItForwardsAndNoOther(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("f", []byte(forwarding), variables("GITLAB", "MONITOR"), config.Destinations)
	require.NoError(t, err)
	require.Equal(t, "secret-of-GITLAB", c.Sources["gitlab"].Secrets[0].Reveal())
	require.Equal(t, "secret-of-MONITOR", c.Sources["monitor"].Secrets[0].Reveal())
	require.Empty(t, c.Sources["hub"].Secrets[0].Reveal(), "a signature has nothing to forward")
	require.Empty(t, c.Sources["other"].Secrets[0].Reveal())

	_, err = config.Parse("f", []byte(forwarding), variables("GITLAB"), config.Destinations)
	require.ErrorContains(t, err, "sources.monitor.secrets[0]: the environment variable MONITOR is not set")
	_, err = config.Parse("f", []byte(forwarding), variables(), config.NoSecrets)
	require.NoError(t, err)
	_, err = config.Parse("f", []byte(forwarding), variables("GITLAB", "HUB", "OTHER", "MONITOR", "HIDDEN", "HEADER"), config.Sources)
	require.NoError(t, err)
}

func TestATrackerKnowsWhatToHideWithoutAnySecret(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("f", []byte(forwarding), variables(), config.NoSecrets)
	require.NoError(t, err)
	e := &event.Event{Body: []byte(`{"passcode":"p","token":"t"}`), Request: event.Request{Query: "a=1&token=2"}}
	for _, name := range []string{"X-Mine", "X-Shared", "X-Gitlab-Token", "Authorization", "Cookie", "X-Other"} {
		e.Request.Header = append(e.Request.Header, event.Field{Name: name, Value: "shown"})
	}
	for source, hidden := range map[string][]string{
		"monitor": {"X-Mine", "X-Gitlab-Token", "Authorization", "Cookie"},
		"partner": {"X-Shared", "X-Gitlab-Token", "Authorization", "Cookie"},
		"hidden":  {"X-Mine", "X-Shared", "X-Gitlab-Token", "Authorization", "Cookie", "X-Other"},
		"gone":    {"X-Gitlab-Token", "Authorization", "Cookie"},
	} {
		shown := c.Hidden(source).View(e)
		var got []string
		for _, f := range shown.Request.Header {
			if f.Value != "shown" {
				got = append(got, f.Name)
			}
		}
		require.Equal(t, hidden, got, source)
		if source == "gone" {
			require.Equal(t, "a=[redacted]&token=[redacted]", shown.Request.Query)
			require.Equal(t, `{"passcode":"[redacted]","token":"[redacted]"}`, string(shown.Body)) //nolint:testifylint // byte for byte
		} else {
			require.Equal(t, e.Request.Query, shown.Request.Query, source)
			require.Equal(t, string(e.Body), string(shown.Body), source)
		}
	}
}

func TestWhatTheSchemeLooksAtIsNotStrippedButItsSecretIs(t *testing.T) {
	t.Parallel()
	at := func(name string) signature.Place { return signature.Place{Kind: signature.InHeader, Name: name} }
	c, err := config.Parse("f", []byte(`
sources:
  s:
    auth:
      - apiKey: {header: X-Shared, keys: [{name: a, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}
      - apiKey: {header: X-Key, keys: [{name: a, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}
    scheme: {alg: hmac-sha256, sig: "header:x-sig", msg: "{header:x-shared}.{body}", alt: [{alg: token, sig: "header:x-token"}]}
    secrets: ["${S}"]
`), variables("S"))
	require.NoError(t, err)
	require.Equal(t, []signature.Place{at("X-Key")}, c.Sources["s"].StrippedUnverified().List)
	require.Equal(t, []signature.Place{at("X-Key"), at("X-Token")}, c.Sources["s"].Stripped().List)
	require.Equal(t, []signature.Place{at("X-Shared"), at("X-Key"), at("X-Token")}, c.Sources["s"].Credentials().List)
}

func TestASecretThatCannotBePutBackIsNotForwarded(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("f", []byte(`
sources: {s: {scheme: {alg: token, sig: "header:x-a|b64json:token"}, secrets: ["${S}"]}}
destinations: {d: {url: "https://d.example", forwardCredentials: true}, x: {exchange: e, forwardCredentials: true}}
routes: {r: {from: [s], to: d}}
`), variables("S"), config.Destinations)
	require.ErrorContains(t, err, "destinations.x.forwardCredentials: the key belongs to a url")
	_, err = config.Parse("f", []byte(`
sources: {s: {scheme: {alg: token, sig: "header:x-a|b64json:token"}, secrets: ["${S}"]}}
destinations: {d: {url: "https://d.example", forwardCredentials: true}}
routes: {r: {from: [s], to: d}}
`), variables("S"), config.Destinations)
	require.ErrorContains(t, err, "cannot be put back")
}
