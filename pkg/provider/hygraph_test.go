package provider_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// hygraphParts are what a signature of Hygraph covers.
type hygraphParts struct{ body, env, at string }

// quoted writes text as ECMAScript does.
func quoted(text string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(out.String(), "\n"))
}

func (p hygraphParts) signature() string {
	return b64(hmac256(`{"Body":` + quoted(p.body) + `,"EnvironmentName":` + quoted(p.env) + `,"TimeStamp":` + p.at + `}`))
}

func (p hygraphParts) request(sig string) *signature.Request {
	return post(p.body, "Gcms-Signature", "sign="+sig+", env="+p.env+", t="+p.at)
}

// The text is cut in one way only: what is signed for some parts is accepted for no others.
func TestASignatureOfHygraphIsForOneBodyEnvironmentAndTime(t *testing.T) {
	t.Parallel()
	source := setup(t, "hygraph", provider.Options{Secrets: []string{textSecret}})
	piece := rapid.SampledFrom([]string{
		`"`, `\`, `\"`, `","EnvironmentName":"`, `"EnvironmentName":`, `"TimeStamp":`, `}`, "17", "a", "\n", "\x00", "\u2028", "\ufffd", "é", "\\u0041",
	})
	text := rapid.Map(rapid.SliceOfN(piece, 0, 6), func(pieces []string) string { return strings.Join(pieces, "") })
	word := rapid.Map(text, func(s string) string { // a field has no comma, and no space or control character at its ends
		return strings.NewReplacer(",", "", "\n", "", "\x00", "").Replace(s)
	})
	parts := rapid.Custom(func(t *rapid.T) hygraphParts {
		return hygraphParts{body: text.Draw(t, "body"), env: word.Draw(t, "environment"), at: rapid.StringMatching(`[0-9]{1,3}`).Draw(t, "time")}
	})
	rapid.Check(t, func(t *rapid.T) {
		captured, other := parts.Draw(t, "captured"), parts.Draw(t, "other")
		sig := captured.signature()
		at := time.Unix(now, 0)
		require.True(t, source.Verify(t.Context(), captured.request(sig), at).OK, "%q", captured)
		require.Equal(t, captured == other, source.Verify(t.Context(), other.request(sig), at).OK, "%q", other)
	})
}

func TestAFieldOfHygraphThatCanBeReadInTwoWaysIsRefused(t *testing.T) {
	t.Parallel()
	source := setup(t, "hygraph", provider.Options{Secrets: []string{textSecret}})
	captured := hygraphParts{`{"a":1}`, "master", "17"}
	sig := captured.signature()
	for field, accepted := range map[string]bool{
		"sign=" + sig + ", env=master, t=17":            true,
		"sign=" + sig + ",env=master,t=17":              true,
		"t=17, env=master, sign=" + sig:                 true,
		"sign=" + sig + ", env=master, t=17, t=18":      false,
		"sign=" + sig + ", env=evil, env=master, t=17":  false,
		"sign=AAAA, sign=" + sig + ", env=master, t=17": false,
		"sign=" + sig + ", env=master, t=17}":           false,
		"sign=" + sig + ", env=master, t=017":           false,
		"sign=" + sig + ", env=master, t=":              false,
		"sign=" + sig + ", env=master":                  false,
		"sign=" + sig + ", t=17":                        false,
		"sign=" + sig:                                   false,
		"env=master, t=17":                              false,
	} {
		require.Equal(t, accepted, source.Verify(t.Context(), post(captured.body, "Gcms-Signature", field), time.Unix(now, 0)).OK, field)
	}
}

// ECMAScript writes a replacement for what is no UTF-8, so one text would be signed for many bodies.
func TestABodyOfHygraphThatIsNoUTF8IsRefused(t *testing.T) {
	t.Parallel()
	source := setup(t, "hygraph", provider.Options{Secrets: []string{textSecret}})
	sig := hygraphParts{"\ufffd", "master", "17"}.signature()
	require.True(t, source.Verify(t.Context(), hygraphParts{"\ufffd", "master", "17"}.request(sig), time.Unix(now, 0)).OK)
	for _, body := range []string{"\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
		require.False(t, source.Verify(t.Context(), hygraphParts{body, "master", "17"}.request(sig), time.Unix(now, 0)).OK, "%q", body)
	}
}
