package provider_test

import (
	"iter"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// hostileSource is a source of a preset, with a request that its provider could
// have sent, or that looks so where only the provider has the key.
type hostileSource struct {
	preset *provider.Preset
	source *provider.Source
	sample *signature.Request
	sign   func(*signature.Request) // does nothing where only the provider has the key
}

func hostileSources(t testing.TB) []hostileSource {
	t.Helper()
	coded := map[string]codedCase{}
	for _, c := range codedCases(t) {
		coded[c.preset] = c
	}
	var all []hostileSource
	for _, p := range presets() {
		s := hostileSource{preset: p, sign: func(*signature.Request) {}}
		o := optionsFor(t, p)
		o.HTTP = &http.Client{Transport: serving(nil)} // nobody answers
		if c, known := coded[p.ID]; known {
			o, s.sample = c.options, c.request
		} else {
			s.sample = sampleOf(t, p, o)
			if symmetric(p) {
				s.sign = signer(t, p, o)
				s.sign(s.sample)
			} else {
				pretend(t, p, s.sample)
			}
		}
		source, err := provider.New(p, o)
		require.NoError(t, err, p.ID)
		s.source = source
		all = append(all, s)
	}
	return all
}

// signer signs what can be signed: a body that has no place for the signature is not.
func signer(t testing.TB, p *provider.Preset, o provider.Options) func(*signature.Request) {
	t.Helper()
	verifier, err := signature.Compile(plain(p))
	require.NoError(t, err)
	keys, err := verifier.Keys(o.Secrets...)
	require.NoError(t, err)
	return func(r *signature.Request) {
		r.PublicURL, r.Config = o.PublicURL, o.Config
		_ = verifier.Sign(r, keys, time.Unix(now, 0))
	}
}

// pretend writes what looks like a signature.
func pretend(t testing.TB, p *provider.Preset, r *signature.Request) {
	t.Helper()
	text := b64(make([]byte, 256))
	switch {
	case p.Scheme.Alg == "jwt":
		text = token(t, jwt.SigningMethodRS256, testPairs().rsa, map[string]any{"kid": "k1"}, jwt.MapClaims{"iat": now})
	case p.Scheme.Enc == "hex":
		text = strings.Repeat("00", 64)
	}
	for _, item := range p.Scheme.Items {
		if strings.Contains(item, "{sig}") {
			text = strings.NewReplacer("{sig}", text, "{keyid}", "k1", "{nonce}", "n", "{ts}", strconv.Itoa(now)).Replace(item)
			break
		}
	}
	for _, at := range p.Scheme.Sig {
		if name, is := strings.CutPrefix(at, "header:"); is {
			r.Header.Set(name, text)
		}
		if at == "body" {
			r.Body = []byte(text)
		}
	}
}

// requests yields hostile requests: all in the full form, and otherwise those with small bodies that chosen names.
func (s hostileSource) requests(preset int) iter.Seq2[string, *signature.Request] {
	if full() {
		return s.all(fullSize)
	}
	return s.some(shortSize, s.chosen(preset), false)
}

// all yields all hostile requests, with bodies of about n bytes.
func (s hostileSource) all(n int) iter.Seq2[string, *signature.Request] {
	return s.some(n, hostileBodies(), true)
}

// some yields hostile requests with the bodies and with all headers, and with bodies behind the headers or without.
func (s hostileSource) some(n int, bodies []hostileBody, behind bool) iter.Seq2[string, *signature.Request] {
	return func(yield func(string, *signature.Request) bool) {
		for _, b := range bodies {
			r := clone(s.sample)
			r.Body = b.of(clone(s.sample), s.preset, n)
			r.Header.Set("Content-Type", b.contentType)
			s.sign(r)
			if !yield("a body of "+b.name, r) {
				return
			}
		}
		for _, h := range hostileHeaders() {
			r := clone(s.sample)
			h.fill(r, s.preset)
			if !yield("a header of "+h.name, clone(r)) {
				return
			}
			if !behind {
				continue
			}
			r.Body = append(r.Body, make([]byte, n)...)
			if !yield("a body behind a header of "+h.name, r) {
				return
			}
		}
	}
}

// chosen are the bodies of the type that the provider sends, and one of the others, which is another one for the next
// preset.
func (s hostileSource) chosen(preset int) []hostileBody {
	own := mediaType(s.sample.Header.Get("Content-Type"))
	var bodies, others []hostileBody
	for _, b := range hostileBodies() {
		if mediaType(b.contentType) == own {
			bodies = append(bodies, b)
		} else {
			others = append(others, b)
		}
	}
	return append(bodies, others[preset%len(others)])
}

func mediaType(contentType string) string {
	name, _, _ := strings.Cut(contentType, ";")
	return name
}
