package httpapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// catalogue is a gateway with a source for every preset.
type catalogue struct {
	*bundle
	published *publisher
	secrets   map[string]string // by preset; none where the provider has none, or its key is fetched
}

const catalogueText = "a secret of some length, as text"

// serveCatalogue starts it. The clients' addresses never count as suspicious.
func serveCatalogue(t *testing.T) *catalogue {
	t.Helper()
	c := &catalogue{secrets: map[string]string{}}
	folder := t.TempDir()
	var text strings.Builder
	for _, p := range provider.All() {
		fmt.Fprintf(&text, "  %s: {provider: %s, publicURL: %q, rateLimit: 100000/s", p.ID, p.ID, formAddress+p.ID)
		if p.SecretUse == provider.SecretRequired {
			c.secrets[p.ID] = secretOf(t, p)
			file := filepath.Join(folder, p.ID)
			require.NoError(t, os.WriteFile(file, []byte(c.secrets[p.ID]), 0o600))
			fmt.Fprintf(&text, ", secrets: ['file:%s']", file)
		}
		if !p.Verifies() {
			text.WriteString(", open: true")
		}
		if settings := catalogueSettings(p); len(settings) > 0 {
			pairs := make([]string, 0, len(settings))
			for _, name := range slices.Sorted(maps.Keys(settings)) {
				pairs = append(pairs, name+": '"+settings[name]+"'")
			}
			text.WriteString(", config: {" + strings.Join(pairs, ", ") + "}")
		}
		text.WriteString("}\n")
	}
	pipeline, published := sources(t, strings.TrimSpace(text.String()))
	c.published, c.bundle = published, setup(t, pipeline, quietLog, clearText)
	return c
}

func catalogueSettings(p *provider.Preset) map[string]string {
	values := map[string]string{}
	for name, setting := range p.Config {
		if setting.Default == "" {
			values[name] = "value"
		}
	}
	return values
}

func secretOf(t *testing.T, p *provider.Preset) string {
	t.Helper()
	family, _, _ := strings.Cut(p.Scheme.Alg, "-")
	switch {
	case ownKeys()[family] != nil:
		return publicKey(t, family, p.Scheme.Key)
	case p.Scheme.Key == "pem" || len(p.Scheme.Algs) > 0 && p.Scheme.Algs[0] == "RS256":
		return publicKey(t, "rsa", "pem")
	case p.Scheme.Key == "hex":
		return strings.Repeat("0123456789abcdef", 4)
	case p.Scheme.Key == "base64" || p.Scheme.Key == "whsec":
		return "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	default:
		return catalogueText
	}
}

// signed signs a request as the provider does, with its secret or with a private key that is in the place of its own; it
// is false where neither is possible.
func (c *catalogue) signed(t *testing.T, p *provider.Preset, r *signature.Request) bool {
	t.Helper()
	if c.secrets[p.ID] == "" {
		return false
	}
	o := provider.Options{Secrets: []string{c.secrets[p.ID]}, PublicURL: formAddress + p.ID, Config: catalogueSettings(p)}
	source, err := provider.New(p, o)
	require.NoError(t, err, p.ID)
	return source.Sign(r, time.Now()) == nil || signWithOwnKey(t, p, r)
}

// post sends a request to the preset's source, and returns the reply and how many events came of it.
func (c *catalogue) play(t *testing.T, id string, r *signature.Request) (reply, int) {
	t.Helper()
	before := c.published.confirmed.Load()
	res := c.send(t, r.Method, "/in/"+id+"?"+r.RawQuery, string(r.Body), r.Header)
	return res, int(c.published.confirmed.Load() - before)
}

func probeRequest(probe provider.Probe) *signature.Request {
	r := &signature.Request{Method: probe.Method, RawQuery: probe.Query, Header: http.Header{}, Body: []byte(probe.Body)}
	if r.Method == "" {
		r.Method = http.MethodPost
	}
	if probe.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range probe.Header {
		r.Header.Set(name, value)
	}
	return r
}

// Every request of a provider's set-up gets what the provider wants, over a real socket.
func TestSetupRequestsOfTheWholeCatalogueGetTheirAnswer(t *testing.T) {
	t.Parallel()
	c := serveCatalogue(t)
	played := 0
	for _, p := range provider.All() {
		for _, probe := range p.Setup {
			r := probeRequest(probe)
			switch probe.Signed {
			case provider.SignedRight:
				require.True(t, c.signed(t, p, r), "%s: %s is not played", p.ID, probe.What)
			case provider.SignedWrong:
				breakSignature(t, c, p, r)
			case provider.SignedNot:
			}
			played++
			res, events := c.play(t, p.ID, r)
			want := max(probe.Status, 0)
			if want == 0 {
				want = http.StatusOK
			}
			if probe.Event && p.Reply.Status != 0 {
				want = p.Reply.Status
			}
			require.Equal(t, want, res.status, "%s: %s: %s", p.ID, probe.What, res.body)
			require.Equal(t, probe.Event, events == 1, "%s: %s", p.ID, probe.What)
			if res.status == http.StatusUnauthorized {
				requireRefusal(t, p, res)
			}
		}
	}
	require.Greater(t, played, 30)
}

// breakSignature signs with another secret where that can be done, and else writes a signature that fits
// nothing.
func breakSignature(t *testing.T, c *catalogue, p *provider.Preset, r *signature.Request) {
	t.Helper()
	kept := c.secrets[p.ID]
	defer func() { c.secrets[p.ID] = kept }()
	c.secrets[p.ID] = "another " + kept
	if kept == catalogueText && c.signed(t, p, r) {
		return
	}
	_, name, _ := strings.Cut(p.Scheme.Sig[0], ":")
	r.Header.Set(name, strings.Repeat("00", 64))
	if p.Scheme.TS != nil {
		_, name, _ := strings.Cut(p.Scheme.TS.From, ":")
		r.Header.Set(name, strconv.FormatInt(time.Now().Unix(), 10))
	}
}

// requireRefusal checks a 401: as the preset says, or as the gateway has it.
func requireRefusal(t *testing.T, p *provider.Preset, res reply) {
	t.Helper()
	require.NotEmpty(t, res.header.Get("WWW-Authenticate"), p.ID)
	if p.Refusal == nil {
		require.Equal(t, "application/problem+json", res.header.Get("Content-Type"), p.ID)
		return
	}
	require.Equal(t, p.Refusal.Body, res.body, p.ID)
	require.Equal(t, p.Refusal.Type, res.header.Get("Content-Type"), p.ID)
}

// What no set-up request of a preset looks like is refused where it is not signed, and accepted where it
// is: also the empty object and the empty body, which test buttons send.
func TestUnsignedRequestsOfTheWholeCatalogueAreRefused(t *testing.T) {
	t.Parallel()
	c := serveCatalogue(t)
	signed := 0
	for _, p := range provider.All() {
		for _, body := range []string{"{}", "", "[]", `{"sample":true}`} {
			r := probeRequest(provider.Probe{Body: body})
			res, events := c.play(t, p.ID, r)
			switch {
			case !p.Verifies() && len(p.Allow) == 0:
				require.Equal(t, 1, events, "%s: %q", p.ID, body)
			case res.status == http.StatusOK:
				require.Contains(t, []string{"exact-online", "vercel-log-drain"}, p.ID, "%q was answered", body)
				require.Zero(t, events, p.ID)
			case res.status == http.StatusServiceUnavailable:
				require.NotEmpty(t, p.Online, p.ID) // its keys cannot be fetched here
				require.Zero(t, events, p.ID)
			default:
				require.Equal(t, http.StatusUnauthorized, res.status, "%s: %q: %s", p.ID, body, res.body)
				require.Zero(t, events, p.ID)
				requireRefusal(t, p, res)
			}
		}
		r := sampleOf(t, p)
		if form, _ := p.Scheme.SignsForm(); form {
			r = &signature.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
		}
		if !c.signed(t, p, r) {
			continue
		}
		signed++
		res, events := c.play(t, p.ID, r)
		require.Equal(t, 1, events, "%s: %d %s %s", p.ID, res.status, res.body, r.Body)
		require.Equal(t, max(p.Reply.Status, http.StatusOK), res.status, p.ID)
	}
	require.Greater(t, signed, 200)
}

// sampleOf is a small event with the values that the preset restricts, or the provider's own
// test event where signed values must have a certain form.
func sampleOf(t *testing.T, p *provider.Preset) *signature.Request {
	t.Helper()
	for _, s := range p.Setup {
		if len(p.Require) > 0 && s.Event && s.Signed == provider.SignedRight {
			r := &signature.Request{Method: http.MethodPost, Header: http.Header{}, Body: []byte(s.Body)}
			for name, value := range s.Header {
				r.Header.Set(name, value)
			}
			return r
		}
	}
	q := question{method: http.MethodPost, query: url.Values{}, header: http.Header{}, form: url.Values{}, json: map[string]any{"sample": "a"}}
	for place := range p.Allow {
		q.put(place, "value")
	}
	for place, pattern := range p.Require {
		if _, restricted := p.Allow[place]; !restricted && !strings.Contains(place, "|") {
			q.put(place, valueFor(t, pattern))
		}
	}
	body := q.body(t)
	return &signature.Request{Method: q.method, RawQuery: q.query.Encode(), Header: q.header, Body: []byte(body)}
}

// valueFor is a value that a pattern takes.
func valueFor(t *testing.T, pattern string) string {
	t.Helper()
	whole := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
	for _, value := range []string{"sample", "1700000000", "2026-01-02T03:04:05", "EGP", "true", `{"sample":true}`, strings.Repeat("c2FtcGxl", 5)} {
		if whole.MatchString(value) {
			return value
		}
	}
	require.Fail(t, "no sample", pattern)
	return ""
}

// Every handshake is answered as its preset says, and makes no event.
func TestHandshakesOfTheWholeCatalogueMakeNoEvent(t *testing.T) {
	t.Parallel()
	c := serveCatalogue(t)
	answered := 0
	for _, p := range provider.All() {
		for _, h := range p.Handshakes {
			if h.Store != "" {
				continue // the sources are not pending
			}
			challenge := "value"
			if len(h.Match) > 0 {
				challenge = "20f9f8ed05f77439fe955c977e4c8a53"
			}
			if slices.ContainsFunc(slices.Collect(maps.Values(h.Check)), func(want string) bool { return want == "{secret}" }) {
				challenge = c.secrets[p.ID]
			}
			q := questionOf(h, challenge)
			body := q.body(t)
			r := &signature.Request{Method: q.method, RawQuery: q.query.Encode(), Header: q.header, Body: []byte(body)}
			if h.First == "verify" {
				res, events := c.play(t, p.ID, r)
				require.Equal(t, http.StatusUnauthorized, res.status, "%s: an unsigned question", p.ID)
				require.Zero(t, events, p.ID)
				require.True(t, c.signed(t, p, r), p.ID)
			}
			answered++
			res, events := c.play(t, p.ID, r)
			require.Equal(t, max(h.Reply.Status, http.StatusOK), res.status, "%s %s %s", p.ID, r.Body, res.body)
			require.Zero(t, events, p.ID)
			require.Empty(t, res.header.Get("Penstock-Event-Id"), p.ID)
		}
	}
	require.Greater(t, answered, 30)
}
