package config_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/signature"
)

const minimal = `
sources:
  github: {provider: github, secrets: ["${SECRET}"]}
destinations:
  billing: {url: https://billing.internal/hooks}
routes:
  invoices: {from: [github], to: billing}
`

func TestLoadFillsInTheDefaults(t *testing.T) {
	t.Parallel()
	cfg := load(t, minimal)
	require.Equal(t, &config.Source{
		Name: "github", Provider: "github", Secrets: []config.Secret{config.NewSecret("s3cr3t-value")},
		OnBrokerOutage: config.Reject,
	}, cfg.Sources["github"])
	require.Equal(t, &config.Destination{
		Name: "billing", URL: "https://billing.internal/hooks", Timeout: config.Duration(10 * time.Second), Concurrency: 16, AllowPrivate: true,
	}, cfg.Destinations["billing"])
	require.Equal(t, &config.Route{
		Name: "invoices", From: []string{"github"}, Types: []string{"#"}, To: "billing", OnPermanent: config.DeadLetter,
		Retry: config.Retry{
			Initial: config.Duration(5 * time.Second), Factor: 2, Jitter: 0.2, Max: config.Duration(6 * time.Hour),
			MaxAttempts: 15, MaxAge: config.Duration(72 * time.Hour),
		},
	}, cfg.Routes["invoices"])
	require.Empty(t, cfg.Warnings)
}

func TestLoadReadsEveryKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	previous := write(t, "an older one\r\n", dir, "previous")
	cfg := load(t, `
sources:
  inhouse:
    scheme: {alg: hmac-sha256, sig: "header:x-signature", msg: "{cfg:prefix}{url}{body}"}
    secrets: ["${SECRET}", "file:`+previous+`"]
    auth:
    - bearerJWT: {issuer: https://idp.example, audience: penstock, jwksURL: https://idp.example/jwks, leeway: 30s}
    allowCIDRs: [203.0.113.0/24, 2001:db8::1]
    maxBody: 25MiB
    rateLimit: 100/s
    publicURL: https://hooks.example/in/inhouse
    contentTypes: [application/json]
    config: {prefix: "v0:"}
    onBrokerOutage: spool
    quarantine: true
  anyone: {open: true}
destinations:
  billing:
    url: http://127.0.0.1:8080/hooks?tenant=1
    timeout: 1m30s
    concurrency: 32
    rateLimit: 10/m
    headers: {Authorization: "Bearer ${TOKEN}", X-Environment: production}
    signing: {secrets: ["${SIGNING}"]}
    allowPrivate: false
routes:
  invoices:
    from: [inhouse, anyone]
    types: ["invoice.*", "charge.#", "*"]
    filter: body.amount > 0
    transform: {cel: '{"id": body.id}'}
    ordering: {key: body.id, partitions: 4}
    to: billing
    retry: {initial: 1s, factor: 1.5, jitter: 0, max: 7D, maxAttempts: 3, maxAge: 30d}
    onPermanent: retry
`)
	source := cfg.Sources["inhouse"]
	require.Equal(t, []string{"s3cr3t-value", "an older one"}, config.RevealAll(source.Secrets))
	require.Equal(t, "header:x-signature", source.Scheme.Sig[0])
	require.Equal(t, 30*time.Second, source.Auth[0].BearerJWT.Leeway)
	require.Equal(t, []string{"203.0.113.0/24", "2001:db8::1"}, source.AllowCIDRs)
	require.Equal(t, config.Size(25<<20), source.MaxBody)
	require.Equal(t, &config.Rate{Count: 100, Per: time.Second}, source.RateLimit)
	require.Equal(t, "https://hooks.example/in/inhouse", source.PublicURL)
	require.Equal(t, []string{"application/json"}, source.ContentTypes)
	require.Equal(t, config.Spool, source.OnBrokerOutage)
	require.True(t, source.Quarantine)
	require.Equal(t, "v0:", source.Config["prefix"].Reveal())
	require.True(t, cfg.Sources["anyone"].Open)

	destination := cfg.Destinations["billing"]
	require.Equal(t, "Bearer t0k3n-value", destination.Headers["Authorization"].Reveal())
	require.Equal(t, "production", destination.Headers["X-Environment"].Reveal())
	require.Len(t, destination.Signing.Secrets, 1)
	require.Equal(t, 90*time.Second, time.Duration(destination.Timeout))
	require.Equal(t, 32, destination.Concurrency)
	require.Equal(t, &config.Rate{Count: 10, Per: time.Minute}, destination.RateLimit)
	require.False(t, destination.AllowPrivate)

	route := cfg.Routes["invoices"]
	require.Equal(t, config.TryAgain, route.OnPermanent)
	require.Equal(t, config.Transform{CEL: `{"id": body.id}`}, route.Transform)
	require.Equal(t, &config.Ordering{Key: "body.id", Partitions: 4}, route.Ordering)
	require.Equal(t, 4, route.Partitions())
	require.Equal(t, config.Retry{
		Initial: config.Duration(time.Second), Factor: 1.5, Max: config.Duration(168 * time.Hour), MaxAttempts: 3, MaxAge: config.Duration(720 * time.Hour),
	}, route.Retry)
	require.Equal(t, []string{
		"inhouse.invoice.*", "inhouse.charge.#", "inhouse.*", "anyone.invoice.*", "anyone.charge.#", "anyone.*",
	}, route.Bindings())
}

func TestARouteIsTransformedAndOrderedAsTheFileSays(t *testing.T) {
	t.Parallel()
	route := func(keys string) *config.Route {
		return load(t, strings.Replace(minimal, "to: billing}", "to: billing"+keys+"}", 1)).Routes["invoices"]
	}
	require.True(t, route("").Transform.IsZero())
	require.Zero(t, route("").Partitions())
	require.Equal(t, config.Transform{JQ: ".a"}, route(`, transform: .a`).Transform)
	require.Equal(t, config.Transform{JQ: ".a"}, route(`, transform: {jq: .a}`).Transform)
	require.Equal(t, config.Transform{CEL: "body.a"}, route(`, transform: {cel: body.a}`).Transform)
	require.Equal(t, config.DefaultPartitions, route(`, ordering: {key: body.a}`).Partitions())
}

func TestARouteIsRetriedAndDelayedAsTheFileSays(t *testing.T) {
	t.Parallel()
	route := func(keys string) *config.Route {
		return load(t, strings.Replace(minimal, "to: billing}", "to: billing"+keys+"}", 1)).Routes["invoices"]
	}
	require.Equal(t, config.DefaultRetry(), route("").Retry)
	require.Zero(t, route("").Delay)
	require.Equal(t, config.Duration(10*time.Minute), route(`, delay: 10m`).Delay)
	waits := []config.Duration{config.Duration(5 * time.Second), config.Duration(time.Minute)}
	require.Equal(t, config.Retry{Schedule: waits}, route(`, retry: {schedule: [5s, 1m]}`).Retry)
	require.Equal(t, config.Retry{Schedule: waits, Jitter: 0.1, MaxAge: config.Duration(time.Hour)},
		route(`, retry: {schedule: [5s, 1m], jitter: 0.1, maxAge: 1h}`).Retry)
	require.Equal(t, []retry.Statuses{{First: 408, Last: 408}, {First: 500, Last: 599}, {First: 503, Last: 503, Except: true}},
		route(`, retry: {retryOn: [408, 500-599, "!503"]}`).Retry.RetryOn)
	require.Equal(t, config.DefaultRetry().Initial, route(`, retry: {retryOn: [408]}`).Retry.Initial)
}

func TestLoadReportsEverythingAtOnceInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	got := problems(t, `sources:
  github:
    provider: githb
    secrets: ["${UNSET}", "plain"]
  partner: {}
  Bad_Name:
    scheme: {alg: hmac-sha256, sig: "hedr:x"}
    secret: x
routes:
  r: {from: [gthub], to: nowhere, filter: "bdy.x", orderng: {key: body.id}}
`)
	require.Equal(t, []string{
		`3:15: sources.github.provider: there is no provider "githb", did you mean github or gitea or gitlab?`,
		`4:15: sources.github.secrets[0]: the environment variable UNSET is not set`,
		`4:27: sources.github.secrets[1]: a secret is never written here: use ${ENV_NAME} or file:/path`,
		`5:3: sources.partner: nothing says who sends: give the source a provider, a scheme or auth, or say open: true`,
		`6:3: sources.Bad_Name: the name of a source is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end`,
		`7:37: sources.Bad_Name.scheme.sig: "hedr:x": "hedr" is no kind of location`,
		`8:5: sources.Bad_Name.secret: unknown key, did you mean secrets?`,
		`10:14: routes.r.from[0]: there is no source "gthub", did you mean github?`,
		`10:26: routes.r.to: there is no destination "nowhere"`,
		`10:43: routes.r.filter: 1:1: undeclared reference to 'bdy' (did you mean 'body'?)`,
		`10:52: routes.r.orderng: unknown key, did you mean ordering?`,
	}, got)
}

func TestAMisspeltSectionIsOneProblemAmongOthers(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"1:1: source: unknown key, did you mean sources?",
		"2:1: destinations: expected a mapping of keys to values, found a list",
		"3:43: routes.r.filter: the result must be a bool, it is a string",
	}, problems(t, "source: {s: {open: true}}\ndestinations: [d]\nroutes: {r: {from: [s], to: d, filter:    type}}"))
}

func TestAFileMayBeginWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	load(t, "\ufeff"+minimal)
}

func TestAProblemIsWrittenAsCompilersDo(t *testing.T) {
	t.Parallel()
	file := write(t, "sources:\n  a: {}\nroute: {}\n", t.TempDir(), "penstock.yaml")
	_, err := config.Load(file, env())
	require.EqualError(t, err, file+":2:3: sources.a: nothing says who sends: give the source a provider, a scheme or auth, or say open: true\n"+
		file+":3:1: route: unknown key, did you mean routes?")
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, tc := range map[string]struct{ path, want string }{
		"a missing file": {filepath.Join(dir, "none"), "cannot be read: no such file or directory"},
		"a folder":       {dir, "cannot be read: it is not a regular file"},
		"a device":       {os.DevNull, "cannot be read: it is not a regular file"},
		"a huge file":    {write(t, string(make([]byte, 4<<20+1)), dir, "huge"), "is longer than 4MiB"},
		"an empty file":  {write(t, "", dir, "empty"), "the file is empty"},
		"no sources":     {write(t, "routes: {}", dir, "no-sources") + ":1:1", "there are no sources"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := strings.TrimSuffix(tc.path, ":1:1")
			_, err := config.Load(path, env())
			require.EqualError(t, err, tc.path+": "+tc.want)
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cfg := load(t, `sources:
  anyone: {open: true}
  unread: {provider: github, secrets: ["${SECRET}"]}
  waiting: {provider: asana, pending: true}
destinations:
  used: {url: https://a.example}
  unused: {url: https://b.example}
routes:
  r: {from: [anyone, waiting], to: used}
`)
	var lines []string
	for _, w := range cfg.Warnings {
		lines = append(lines, w.String())
	}
	require.Equal(t, []string{
		"p.yaml:2:18: sources.anyone.open: the source is open: anyone can send events",
		"p.yaml:3:3: sources.unread: no route reads this source",
		"p.yaml:4:39: sources.waiting.pending: the source waits for its secret: until then it takes no events",
		"p.yaml:7:3: destinations.unused: no route uses this destination",
	}, lines)
}

func TestWeakSchemesAreWarnedOf(t *testing.T) {
	t.Parallel()
	cfg := load(t, `sources:
  prefix: {scheme: {alg: hash-sha256, sig: "header:s", msg: "{secret}{body}"}, secrets: ["${SECRET}"]}
  suffix: {scheme: {alg: hash-sha256, sig: "header:s", msg: "{body}{secret}"}, secrets: ["${SECRET}"]}
  truncated: {scheme: {alg: hash-sha384, sig: "header:s", msg: "{secret}{body}"}, secrets: ["${SECRET}"]}
  ageless: {scheme: {alg: hmac-sha256, sig: "header:s", msg: "{ts}{body}", ts: {from: "header:t", tol: 0}}, secrets: ["${SECRET}"]}
  unsigned: {scheme: {alg: hmac-sha256, sig: "header:s", ts: {from: "header:t"}, unsignedTimestamp: true}, secrets: ["${SECRET}"]}
  preset: {provider: hubspot-v1, secrets: ["${SECRET}"]}
destinations:
  used: {url: https://a.example}
routes:
  r: {from: [prefix, suffix, truncated, ageless, unsigned, preset], to: used}
`)
	var places []string
	for _, w := range cfg.Warnings {
		places = append(places, w.Path)
	}
	require.Equal(t, []string{
		"sources.prefix.scheme.msg", "sources.ageless.scheme.ts.tol", "sources.unsigned.scheme.unsignedTimestamp", "sources.preset.provider",
	}, places)
}

func TestAConfigurationOfSourcesAloneIsValid(t *testing.T) {
	t.Parallel()
	for _, yaml := range []string{"sources:", "sources: {}", "sources: {}\ndestinations:\nroutes:\n"} {
		require.Empty(t, load(t, yaml).Sources, yaml)
	}
}

func TestASourceWithoutASchemeSaysWhereIDsAndTypesAre(t *testing.T) {
	t.Parallel()
	cfg := load(t, strings.Replace(minimal, `provider: github, secrets: ["${SECRET}"]`, "open: true, id: ['header:x-id', 'json:id'], type: 'json:kind'", 1))
	source, err := cfg.Sources["github"].Compile()
	require.NoError(t, err)
	id, typ := source.Identify(&signature.Request{Header: http.Header{}, Body: []byte(`{"id": "7", "kind": "paid"}`)})
	require.Equal(t, "7", id)
	require.Equal(t, "paid", typ)
}

func TestABodyMayBeAsLargeAsTheProviderSends(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Size{
		"provider: github": 25 << 20, "provider: gitlab": 25 << 20, "provider: stripe": 5 << 20,
		"provider: github, maxBody: 1MiB": 1 << 20, "provider: stripe, maxBody: 32MiB": 32 << 20,
		"scheme: {alg: hmac-sha256, sig: 'header:x-signature'}": 5 << 20,
	} {
		cfg := load(t, strings.Replace(minimal, "provider: github", text, 1))
		require.Equal(t, want, cfg.Sources["github"].BodyLimit(), text)
	}
	for _, p := range provider.All() {
		require.LessOrEqual(t, p.MaxBodyMiB, 32, "%s: more than a source may take", p.ID)
	}
}
