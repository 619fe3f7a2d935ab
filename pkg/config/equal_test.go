package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

const everyPart = `sources:
  s:
    scheme: {alg: hmac-sha256, sig: ["header:x"], msg: "{ts}{body}", ts: {from: "header:t", tol: 300}}
    secrets: ["${SECRET}"]
    auth: [{apiKey: {header: X-API-Key, keys: [{name: a, sha256: 5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5}]}}]
    rateLimit: 10/s
destinations:
  d: {url: https://a.example, headers: {X-A: "${TOKEN}"}, signing: {secrets: ["${SIGNING}"]}}
routes:
  r: {from: [s], to: d, types: [a, b], retry: {max: 1h}}
`

func TestWhatIsWrittenTheSameIsEqual(t *testing.T) {
	t.Parallel()
	one, other := load(t, everyPart), load(t, "# moved down\n\n"+everyPart)
	require.True(t, one.Sources["s"].Equal(other.Sources["s"]))
	require.True(t, one.Destinations["d"].Equal(other.Destinations["d"]))
	require.True(t, one.Routes["r"].Equal(other.Routes["r"]))
	require.False(t, one.Sources["s"].Equal(nil))
	require.True(t, (*config.Source)(nil).Equal(nil))
}

func TestAnyDifferenceIsSeen(t *testing.T) {
	t.Parallel()
	before := load(t, everyPart)
	for _, change := range [][2]string{
		{"tol: 300", "tol: 301"}, {"${SECRET}", "${TOKEN}"}, {"name: a", "name: b"}, {"10/s", "10/m"}, {"header:x", "header:y"},
		{"https://a", "https://b"}, {"${TOKEN}", "${SECRET}"}, {"[a, b]", "[b, a]"}, {"max: 1h", "max: 2h"},
	} {
		after := load(t, strings.Replace(everyPart, change[0], change[1], 1))
		same := before.Sources["s"].Equal(after.Sources["s"]) && before.Destinations["d"].Equal(after.Destinations["d"]) &&
			before.Routes["r"].Equal(after.Routes["r"])
		require.False(t, same, change)
	}
}
