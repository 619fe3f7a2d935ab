package provider_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// TestGeneratedSamplesAreAccepted signs a request for every preset whose key is
// symmetric, with a fixed secret and clock. The files show in a review what a
// change of a preset does.
func TestGeneratedSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		if !symmetric(p) {
			continue
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			o := optionsFor(t, p)
			source, err := provider.New(p, o)
			require.NoError(t, err)
			r := sampleOf(t, p, o)
			sign(t, p, o, r)
			require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
			if slices.ContainsFunc(p.Scheme.Items, func(item string) bool { return strings.Contains(item, "{nonce}") }) {
				return // each signature is another one
			}
			golden(t, filepath.Join("testdata", "samples", p.ID+".http"), render(t, p, source, o, r))

			if p.Scheme.TS != nil && (p.Scheme.TS.Tol == nil || *p.Scheme.TS.Tol > 0) {
				later := time.Unix(now, 0).Add(1000 * time.Hour)
				require.Equal(t, signature.Stale, source.Verify(t.Context(), r, later).Reason)
			}
		})
	}
}

// symmetric reports whether the sample can be signed with what a source has.
func symmetric(p *provider.Preset) bool {
	family, _, _ := strings.Cut(p.Scheme.Alg, "-")
	plainCode := p.Code == "" || p.Code == "each" || p.Code == "lark"
	secretKey := slices.Contains([]string{"hmac", "hash", "token"}, family) ||
		family == "jwt" && strings.HasPrefix(p.Scheme.Algs[0], "HS")
	return plainCode && secretKey && p.Scheme.KeySrc == ""
}

// plain is the scheme without what only package provider resolves.
func plain(p *provider.Preset) signature.Scheme {
	scheme := p.Scheme
	scheme.AltScheme = ""
	scheme.Sig = slices.Clone(scheme.Sig)
	for i := range scheme.Sig {
		for name, setting := range p.Config {
			scheme.Sig[i] = strings.ReplaceAll(scheme.Sig[i], "{cfg:"+name+"}", setting.Default)
		}
	}
	return scheme
}

func sign(t testing.TB, p *provider.Preset, o provider.Options, r *signature.Request) {
	t.Helper()
	verifier, err := signature.Compile(plain(p))
	require.NoError(t, err)
	keys, err := verifier.Keys(o.Secrets...)
	require.NoError(t, err)
	r.PublicURL, r.Config = o.PublicURL, o.Config
	require.NoError(t, verifier.Sign(r, keys, time.Unix(now, 0)))
}

// render writes a request as it would travel, and what a source says about it.
func render(t testing.TB, p *provider.Preset, source *provider.Source, o provider.Options, r *signature.Request) []byte {
	t.Helper()
	var out bytes.Buffer
	id, typ := source.Identify(r)
	if p.Alike {
		id = "another one each time"
	}
	reply, _ := source.Reply(r)
	fmt.Fprintf(&out, "# secret: %q\n# time: %d\n# id: %q\n# type: %q\n", o.Secrets[0], now, id, typ)
	fmt.Fprintf(&out, "# reply: %d %s %q\n", reply.Status, reply.ContentType, reply.Body)
	target := o.PublicURL
	if r.RawQuery != "" {
		target += "?" + r.RawQuery
	}
	fmt.Fprintf(&out, "%s %s\n", r.Method, target)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&out, "%s: %s\n", name, r.Header.Get(name))
	}
	fmt.Fprintf(&out, "\n%s\n", r.Body)
	return out.Bytes()
}

// sampleOf makes a request that has a value wherever the preset looks for one.
func sampleOf(t testing.TB, p *provider.Preset, o provider.Options) *signature.Request {
	t.Helper()
	body := newSampleBody()
	r := &signature.Request{Method: http.MethodPost, Path: "/in/source", Header: http.Header{}}
	for _, text := range texts(p) {
		for kind, names := range locationsIn(text) {
			for _, name := range names {
				body.place(r, kind, name, p, o)
			}
		}
	}
	if strings.Contains(p.Scheme.Msg, "{form_sorted}") {
		body.form.Set("Sample", "value")
	}
	signed := " " + p.Scheme.Msg + " " + strings.Join(p.Scheme.Sig, " ")
	signedForm := regexp.MustCompile(`[ {]form(json)?[:_]`).MatchString(signed)
	body.finish(t, r, signedForm)
	return r
}

// texts lists the expressions and templates of a preset.
func texts(p *provider.Preset) []string {
	all := slices.Concat(p.EventID, p.EventType, []string{p.Scheme.Msg})
	for text := range p.Allow {
		all = append(all, text)
	}
	for text := range p.Reply.Header {
		all = append(all, p.Reply.Header[text])
	}
	return append(all, p.Reply.Body)
}
