package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestEveryPresetCompiles(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			_, err := provider.New(p, optionsFor(t, p))
			require.NoError(t, err)
		})
	}
}

func TestEveryPresetSaysWhatPeopleNeedToKnow(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		require.NotEmpty(t, p.Name, p.ID)
		require.NotEmpty(t, p.Category, p.ID)
		require.NotEmpty(t, p.Docs, p.ID)
		require.Contains(t, []string{"A", "B", "C"}, p.Evidence, p.ID)
		if p.Deadline != 0 || p.Retries != "" {
			require.Contains(t, []string{"A", "B", "C"}, p.HabitsEvidence, p.ID)
		}
		if p.SecretUse != provider.SecretNone {
			require.NotEmpty(t, p.Secret, "%s does not say which secret to configure", p.ID)
		}
		require.Equal(t, p.Scheme.Alg == "none", p.SecretUse == provider.SecretNone, "%s: secretUse", p.ID)
		fetches := p.Scheme.KeySrc != "" && !strings.HasPrefix(p.Scheme.KeySrc, "apple:")
		require.Equal(t, fetches, p.Online != "", "%s: online", p.ID)
	}
}

func TestEverySettingOfASchemeIsDescribed(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		verifier, err := signature.Compile(plain(p))
		require.NoError(t, err, p.ID)
		for _, name := range verifier.ConfigNames() {
			setting, ok := p.Config[name]
			require.True(t, ok, "%s: {cfg:%s} is not described", p.ID, name)
			require.True(t, setting.Required || setting.Default != "", "%s: {cfg:%s} may be missing", p.ID, name)
		}
		for name, setting := range p.Config {
			require.NotEmpty(t, setting.Help, "%s: config.%s", p.ID, name)
		}
		for _, name := range p.Allow {
			require.Contains(t, p.Config, name, p.ID)
		}
	}
}

// An unsigned question must not be a way to have arbitrary text signed: what it
// gets back is a signature of a body, for the providers that sign the body alone.
func TestNoUnsignedQuestionSignsArbitraryText(t *testing.T) {
	t.Parallel()
	keyed := regexp.MustCompile(`\{([^{}|]+)\|hmac`)
	for _, p := range presets() {
		for _, h := range p.Handshakes {
			for _, match := range keyed.FindAllStringSubmatch(h.Reply.Body, -1) {
				if h.First == "verify" {
					continue
				}
				pattern, ok := h.Match[match[1]]
				require.True(t, ok, "%s signs %s without a pattern for it", p.ID, match[1])
				require.False(t, regexp.MustCompile(`\A(?:`+pattern+`)\z`).MatchString(`{"a":1}`), p.ID)
			}
		}
	}
}

func TestSecretsAreHandedOverOnlyWithoutASignature(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, p := range presets() {
		if slices.ContainsFunc(p.Handshakes, func(h provider.Handshake) bool { return h.Store != "" }) {
			ids = append(ids, p.ID)
		}
	}
	require.Equal(t, []string{"asana", "clio", "notion"}, ids)
}

// A time that is not signed keeps no captured request out. These are signed by code, or within the
// part of a JWS that its signature covers.
func TestEveryTimeThatIsLookedAtIsSigned(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		if !p.Scheme.SignsTime() {
			require.Contains(t, []string{"bridge-xyz", "constant-contact", "contentful", "neon"}, p.ID)
		}
	}
}

// Twenty-five retries within three days keep the time of the first.
func TestPayPalLooksAtTheSignedTime(t *testing.T) {
	t.Parallel()
	p, _ := provider.Lookup("paypal")
	require.Equal(t, "header:paypal-transmission-time", p.Scheme.TS.From)
	require.Greater(t, *p.Scheme.TS.Tol, 72*3600)
	require.Greater(t, p.Window.Seconds(), float64(*p.Scheme.TS.Tol))
	require.False(t, p.Scheme.Covers(p.EventID), "a checksum covers nothing")
	require.Contains(t, p.Notes, "CRC-32")
}
