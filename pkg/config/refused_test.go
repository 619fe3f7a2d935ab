package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each entry is laid over an otherwise valid part; the wanted line ends with what
// is wrong with it.

func TestASourceIsRefused(t *testing.T) {
	t.Parallel()
	const verified = `provider: github, secrets: ["${SECRET}"], `
	const hash = `5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5`
	const scheme = `secrets: ["${SECRET}"], scheme: {alg: hmac-sha256, sig: "header:x"`
	for name, tc := range map[string]struct {
		keys string
		want []string
	}{
		"with nothing":                        {``, []string{": nothing says who sends: give the source a provider, a scheme or auth, or say open: true"}},
		"not quite open":                      {`open: false`, []string{": nothing says who sends: give the source a provider, a scheme or auth, or say open: true"}},
		"open and verified":                   {verified + `open: true`, []string{".open: the source is verified or authenticated, so it is not open; leave one of the two out"}},
		"with empty auth":                     {`auth: []`, []string{".auth: the list is empty; leave it out"}},
		"with provider and scheme":            {verified + `scheme: {alg: none}`, []string{".scheme: a source has a provider or a scheme, not both"}},
		"with an empty provider":              {`provider: ""`, []string{`.provider: there is no provider ""`}},
		"with a provider like no other":       {`provider: qqqqqqqqqq`, []string{`.provider: there is no provider "qqqqqqqqqq"`}},
		"without the provider's secret":       {`provider: github`, []string{".secrets: at least one is needed"}},
		"with an empty list of secrets":       {`provider: github, secrets: []`, []string{".secrets: at least one is needed"}},
		"with a secret for nothing":           {`open: true, secrets: ["${SECRET}"]`, []string{".secrets: the key belongs to a provider or a scheme, and the source has neither"}},
		"with an unknown way in an outage":    {verified + `onBrokerOutage: queue`, []string{".onBrokerOutage: expected reject or spool"}},
		"with an answer of a provider":        {verified + `respond: {status: 200}`, []string{".respond: a provider expects an answer of its own"}},
		"with an answer that is no success":   {`open: true, respond: {status: 404}`, []string{".respond.status: the status is 200 to 299"}},
		"with a body without a body":          {`open: true, respond: {status: 204, body: a}`, []string{".respond.body: an answer with the status 204 has no body"}},
		"with too long an answer":             {`open: true, respond: {body: ` + strings.Repeat("a", 16<<10+1) + `}`, []string{".respond.body: the body has at most 16KiB"}},
		"with a placeholder of none":          {`open: true, respond: {body: '{"id": "{ID}"}', headers: {X-At: "{recievedAt}"}}`, []string{".respond.body: there is no {ID}", ".respond.headers.X-At: there is no {recievedAt}, did you mean receivedAt?; known here: {id}, {receivedAt}"}},
		"with fields of the gateway":          {`open: true, respond: {headers: {Content-Length: "1", Penstock-Event-Id: a, x-a: b, X-B: "a\nb"}}`, []string{".respond.headers.Content-Length: this field is set by the gateway", ".respond.headers.Penstock-Event-Id: this field is set by the gateway", ".respond.headers.x-a: write the field as X-A", ".respond.headers.X-B: the value has characters"}},
		"with a misspelt respond":             {`open: true, respond: {satus: 200}`, []string{".respond.satus: unknown key, did you mean status?"}},
		"with an id beside a provider":        {verified + `id: json:id`, []string{".id: the provider's preset says where this is; leave it out"}},
		"with a type beside a scheme":         {scheme + `}, type: json:t`, []string{".type: the source has a scheme, so this belongs there: scheme.type"}},
		"with a type at no place":             {`open: true, type: "josn:t"`, []string{`.type: `}},
		"with a quarantine of nothing":        {`open: true, quarantine: true`, []string{".quarantine: the source has no provider and no scheme: there is no signature that could become valid"}},
		"with a setting for nothing":          {`open: true, config: {a: b}`, []string{".config: the key belongs to a provider or a scheme, and the source has neither"}},
		"with a secret that does not decode":  {`provider: standard-webhooks, secrets: ["${TEXT}"]`, []string{".secrets: "}},
		"with a literal secret":               {`provider: github, secrets: [abc]`, []string{".secrets[0]: a secret is never written here: use ${ENV_NAME} or file:/path"}},
		"with an empty literal":               {`provider: github, secrets: [""]`, []string{".secrets[0]: a secret is never written here: use ${ENV_NAME} or file:/path"}},
		"with an unset variable":              {`provider: github, secrets: ["${NO}${NONE}"]`, []string{".secrets[0]: the environment variable NO is not set; the environment variable NONE is not set"}},
		"with an empty variable":              {`provider: github, secrets: ["x${EMPTY}"]`, []string{".secrets[0]: the environment variable EMPTY is empty"}},
		"with a blank variable":               {`provider: github, secrets: ["${BLANK}"]`, []string{".secrets[0]: the environment variable BLANK is empty"}},
		"with no variable":                    {`provider: github, secrets: ["${}"]`, []string{".secrets[0]: between ${ and } stands the name of an environment variable"}},
		"with a relative file":                {`provider: github, secrets: ["file:secret"]`, []string{".secrets[0]: file: needs an absolute path, such as file:/run/secrets/name"}},
		"with a missing file":                 {`provider: github, secrets: ["file:/none/such"]`, []string{".secrets[0]: /none/such cannot be read: no such file or directory"}},
		"with a device":                       {`provider: github, secrets: ["file:/dev/zero"]`, []string{".secrets[0]: /dev/zero cannot be read: it is not a regular file"}},
		"with a text for secrets":             {`provider: github, secrets: "${SECRET}"`, []string{".secrets: expected a list, found text"}},
		"with a provider that is no text":     {`provider: 1`, []string{".provider: expected text, found a number; put it in quotes"}},
		"without the URL that is signed":      {scheme + `, msg: "{url}{body}"}`, []string{".publicURL: the scheme signs the public URL, so publicURL must be set"}},
		"without the setting that is signed":  {scheme + `, msg: "{cfg:a}{body}"}`, []string{".config.a: the scheme asks for {cfg:a}, so the setting must be there"}},
		"with another setting":                {scheme + `, msg: "{cfg:abc}{body}"}, config: {abc: x, abd: y}`, []string{".config.abd: the scheme asks for no such setting, did you mean abc?"}},
		"with a scheme without a secret":      {`scheme: {alg: hmac-sha256, sig: "header:x"}`, []string{".secrets: a secret is needed"}},
		"with a scheme that checks nothing":   {`scheme: {alg: none}`, []string{": nothing says who sends: give the source a provider, a scheme or auth, or say open: true"}},
		"with a scheme that may be left out":  {`secrets: ["${SECRET}"], scheme: {alg: hmac-sha256, sig: "header:x", optional: true}`, []string{": nothing says who sends"}},
		"with a provider that signs nothing":  {`provider: zift`, []string{": nothing says who sends"}},
		"waiting for what is never sent":      {`provider: github, pending: true`, []string{".pending: only a source whose provider hands its secret over can wait for it: asana, clio, notion"}},
		"waiting without a provider":          {`open: true, pending: true`, []string{".pending: only a source whose provider hands its secret over can wait for it"}},
		"waiting for what is there":           {`provider: asana, secrets: ["${SECRET}"], pending: true`, []string{".pending: the source has secrets, so it waits for none; leave one of the two out"}},
		"waiting for a provider like none":    {`provider: qqqqqqqqqq, pending: true`, []string{`.provider: there is no provider "qqqqqqqqqq"`}},
		"no longer waiting, without a secret": {`provider: asana, pending: false`, []string{".secrets: at least one is needed"}},
		"with a misspelt key in its scheme":   {scheme + `, itms: x}`, []string{".scheme.itms: unknown key, did you mean items?"}},
		"with a time that is not signed": {
			`secrets: ["${SECRET}"], scheme: {alg: hmac-sha256, sig: "header:s", ts: {from: "header:t"}}`,
			[]string{".scheme.ts: the signature does not cover the time, so a captured request is good for ever with a fresh one: " +
				"put {ts} into msg, leave ts out, or accept that with unsignedTimestamp: true"},
		},
		"with mistakes in its scheme":         {`secrets: ["${SECRET}"], scheme: {alg: md6, sig: "x", ts: {from: sig, unit: h}}`, []string{`.scheme.alg: "md6" is no algorithm`, `.scheme.sig: "x"`, `.scheme.ts`}},
		"with two kinds in one auth":          {`auth: [{basic: {users: [{name: a, sha256: ` + hash + `}]}, bearer: {tokens: [{name: a, sha256: ` + hash + `}]}}]`, []string{".auth[0]: needs exactly one of apiKey, bearer, basic, bearerJWT, mtls"}},
		"with a misspelt kind of auth":        {`auth: [{apikey: {}}]`, []string{".auth[0].apikey: unknown key, did you mean apiKey?"}},
		"with a key in place of its hash":     {`auth: [{apiKey: {header: X-API-Key, keys: [{name: a, sha256: s3cr3t}]}}]`, []string{".auth[0].apiKey.keys[0].sha256"}},
		"with a bad network":                  {verified + `allowCIDRs: [10.0.0.0/8, 10.0.0.1/33]`, []string{".allowCIDRs[1]"}},
		"with no networks":                    {verified + `allowCIDRs: []`, []string{".allowCIDRs: the list is empty; leave it out to allow every address"}},
		"with a body of nothing":              {verified + `maxBody: 0`, []string{".maxBody: the size is 1B to 32MiB"}},
		"with too large a body":               {verified + `maxBody: 1GiB`, []string{".maxBody: the size is 1B to 32MiB"}},
		"with a size that is none":            {verified + `maxBody: 5 megabytes`, []string{`.maxBody: "5 megabytes" is not a size such as 512KiB, 5MiB or 20GB`}},
		"with a rate that is none":            {verified + `rateLimit: 100`, []string{`.rateLimit: "100" is not a rate such as 100/s, 10/m or 500/h`}},
		"with a relative URL":                 {verified + `publicURL: /in/x`, []string{".publicURL: is not a URL such as https://host/path"}},
		"with a query in its URL":             {verified + `publicURL: "https://a.example/in/x?a=b"`, []string{".publicURL: the URL is written without its query"}},
		"with a media type that is none":      {verified + `contentTypes: [json]`, []string{`.contentTypes[0]: "json" is not a media type such as application/json, in lower case and without parameters`}},
		"with a media type that is there":     {verified + `contentTypes: [text/plain, text/plain]`, []string{`.contentTypes[1]: "text/plain" is in the list already`}},
		"with a parameter in its media types": {verified + `contentTypes: [text/plain; charset=utf-8]`, []string{`.contentTypes[0]: "text/plain; charset=utf-8" is not a media type such as application/json, in lower case and without parameters`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireEach(t, "sources.s", tc.want, problems(t, fmt.Sprintf("sources: {s: {%s}}", tc.keys)))
		})
	}
}

// requireEach requires that the problems are those wanted, in any order, each
// at or below the path and beginning with the wanted text.
func requireEach(t *testing.T, path string, want, got []string) {
	t.Helper()
	require.Len(t, got, len(want), strings.Join(got, "\n"))
	for _, w := range want {
		require.Contains(t, strings.Join(got, "\n")+"\n", " "+path+w, strings.Join(got, "\n"))
	}
}

func TestADestinationIsRefused(t *testing.T) {
	t.Parallel()
	const url = `url: https://a.example, `
	for name, tc := range map[string]struct {
		keys string
		want []string
	}{
		"with another format":           {url + `format: cloudevents`, []string{".format: expected cloudevents-binary or cloudevents-structured; leave it out to send bodies as they are"}},
		"with another method":           {url + `request: {method: GET}`, []string{".request.method: expected POST, PUT, PATCH or DELETE"}},
		"with a path of its own kind":   {url + `request: {path: "contacts/{body.id}"}`, []string{".request.path: a path begins with a slash, as in /contacts/{body.id}"}},
		"with a query in its path":      {url + `request: {path: "/a?b={source}"}`, []string{".request.path: the path has characters that are written as in a URL"}},
		"with a host for a path":        {url + `request: {path: "//evil.example/a"}`, []string{".request.path: the path has characters"}},
		"with dots in its path":         {url + `request: {path: "/a/../{source}"}`, []string{".request.path: the path has a segment of dots, which leads elsewhere"}},
		"with half a template":          {url + `request: {path: "/{body.id", query: {a: "}"}, headers: {X-A: "{bdy}"}}`, []string{".request.path: there is a { without a }", ".request.query.a: there is a } without a {", ".request.headers.X-A: {bdy}: 1:1: undeclared reference"}},
		"with a field of the deliverer": {url + `request: {headers: {Penstock-Event-Id: a, Host: b, "A B": c}}`, []string{".request.headers.Penstock-Event-Id: this field is set by the deliverer", ".request.headers.Host: the host of a request is fixed; set it with headers", `.request.headers["A B"]: is not the name of a header field`}},
		"with a field twice":            {url + `headers: {X-A: a}, request: {headers: {x-a: b, X-B: c, x-b: d}}`, []string{".request.headers.x-a: headers has this field already", ".request.headers.x-b: X-B and x-b are the same field"}},
		"with a misspelt request":       {url + `request: {methd: PUT}`, []string{".request.methd: unknown key, did you mean method?"}},
		"with a batch of bodies":        {url + `batch: {}`, []string{".batch: a batch consists of documents: add format: cloudevents-structured"}},
		"with a batch out of bounds": {url + `format: cloudevents-structured, batch: {max: 1, wait: 2m, bytes: 17MiB, as: xml}`, []string{
			".batch.max: a request carries 2 to 1000 events", ".batch.wait: the wait is above zero", ".batch.bytes: the size is above zero", ".batch.as: expected array or ndjson",
		}},
		"with a batch of one event's things": {url + `format: cloudevents-structured, batch: {}, forwardCredentials: true, request: {path: "/{body.id}"}`, []string{
			".batch: templates of a request belong to one event", ".batch: forwardCredentials belongs to one event",
		}},
		"with two accounts":                  {url + `basic: {username: a, password: "${SECRET}"}, oauth2: {tokenURL: https://idp.example, clientID: a, clientSecret: "${SECRET}"}`, []string{".oauth2: a destination has basic or oauth2, not both"}},
		"with an account and a field":        {url + `basic: {username: a, password: "${SECRET}"}, headers: {authorization: "${TOKEN}"}`, []string{".headers.authorization: basic and oauth2 set this field; leave it or them out"}},
		"with half an account":               {url + `basic: {username: a}`, []string{".basic.password: is missing"}},
		"with a literal password":            {url + `basic: {username: a, password: b}`, []string{".basic.password: a secret is never written here"}},
		"with a colon in its user name":      {url + `basic: {username: "a:b", password: "${SECRET}"}`, []string{".basic.username: a user name has no colon"}},
		"with an empty oauth2":               {url + `oauth2: {}`, []string{".oauth2.tokenURL: is missing", ".oauth2.clientID: is missing", ".oauth2.clientSecret: is missing"}},
		"with a misspelt oauth2":             {url + `oauth: {}`, []string{".oauth: unknown key, did you mean oauth2?"}},
		"with bad scopes and parameters":     {url + `oauth2: {tokenURL: "idp.example", clientID: a, clientSecret: b, scopes: ["a b", a, a], endpointParams: {scope: a, api_key: b}}`, []string{".oauth2.tokenURL: is not a URL such as https://host/path", ".oauth2.clientSecret: a secret is never written here", ".oauth2.scopes[0]: a scope is a word; write several as a list", `.oauth2.scopes[2]: "a" is in the list already`, ".oauth2.endpointParams.scope: the deliverer sets this parameter", ".oauth2.endpointParams.api_key: a secret is never written here"}},
		"with half a certificate":            {url + `tls: {certFile: /none/such}`, []string{".tls.keyFile: is missing"}},
		"with a missing certificate":         {url + `tls: {certFile: /none/such, keyFile: key.pem}`, []string{".tls.certFile: /none/such cannot be read: no such file or directory", ".tls.keyFile: the file needs an absolute path"}},
		"with a proxy and a password":        {url + `proxy: "http://a:b@proxy:3128"`, []string{".proxy: a secret is never written here"}},
		"with a proxy of another kind":       {url + `proxy: "socks5://proxy:1080"`, []string{".proxy: is not the URL of a proxy, such as http://proxy.internal:3128"}},
		"with a path in its proxy":           {url + `proxy: "http://proxy:3128/x"`, []string{".proxy: the URL of a proxy has no path, query or fragment"}},
		"with a certificate for nothing":     {`url: "http://a.example", tls: {certFile: a, keyFile: b}`, []string{".tls.certFile: the file needs an absolute path", ".tls.keyFile: the file needs an absolute path", ".tls: a client certificate needs an https URL"}},
		"without a URL":                      {``, []string{".url: a destination has a url or an exchange: it is missing"}},
		"with a URL and an exchange":         {url + `exchange: a`, []string{".exchange: a destination has a url or an exchange, not both"}},
		"with a URL and a routing key":       {url + `routingKey: a`, []string{".routingKey: a routing key belongs to an exchange"}},
		"with a routing key only":            {`routingKey: a`, []string{".url: a destination has a url or an exchange: it is missing"}},
		"with an empty exchange and no key":  {`exchange: ""`, []string{".routingKey: the default exchange needs the name of a queue as the routing key"}},
		"with an exchange of ours":           {`exchange: penstock.events`, []string{".exchange: the names that begin with penstock. are Penstock's own"}},
		"with a queue of ours":               {`exchange: "", routingKey: penstock.route.a`, []string{".routingKey: the names that begin with penstock. are Penstock's own"}},
		"with a long exchange":               {`exchange: ` + strings.Repeat("a", 256), []string{".exchange: a name has at most 255 bytes and no control characters"}},
		"with a line break in its key":       {`exchange: a, routingKey: "a\nb"`, []string{".routingKey: a name has at most 255 bytes and no control characters"}},
		"with an exchange that is no text":   {`exchange: 1`, []string{".exchange: expected text, found a number; put it in quotes"}},
		"with an exchange and HTTP's keys":   {`exchange: a, headers: {X-A: b}, allowPrivate: false, signing: {secrets: ["${SIGNING}"]}`, []string{".headers: the key belongs to a url", ".allowPrivate: the key belongs to a url", ".signing: the key belongs to a url"}},
		"with a URL that is no text":         {`url: 1`, []string{".url: expected text, found a number; put it in quotes"}},
		"with another protocol":              {`url: ftp://a.example`, []string{".url: is not a URL such as https://host/path"}},
		"with a URL without a host":          {`url: https:///x`, []string{".url: the URL has no host"}},
		"with a port that is none":           {`url: "http://a.example:99999/"`, []string{".url: the URL's port is not one of 1 to 65535"}},
		"with port zero":                     {`url: "http://a.example:0/"`, []string{".url: the URL's port is not one of 1 to 65535"}},
		"with credentials in its URL":        {`url: https://user:pass@a.example`, []string{".url: a URL holds no credentials; send them in a header"}},
		"with a fragment in its URL":         {`url: "https://a.example/#x"`, []string{".url: a URL to send to has no fragment (#)"}},
		"without time":                       {url + `timeout: 0s`, []string{".timeout: the timeout is above zero and at most 15m"}},
		"with too much time":                 {url + `timeout: 1h`, []string{".timeout: the timeout is above zero and at most 15m"}},
		"with a time without a unit":         {url + `timeout: 10`, []string{`.timeout: "10" is not a duration such as 500ms, 10s, 1h30m or 7d`}},
		"with no concurrency":                {url + `concurrency: 0`, []string{".concurrency: the concurrency is 1 to 2000"}},
		"with too much concurrency":          {url + `concurrency: 2001`, []string{".concurrency: the concurrency is 1 to 2000"}},
		"with a literal credential":          {url + `headers: {Authorization: Bearer abc, x-api-key: abc, X-Auth-Token: abc}`, []string{".headers.Authorization: a secret", ".headers.x-api-key: a secret", ".headers.X-Auth-Token: a secret"}},
		"with a header name that is none":    {url + `headers: {"a b": c}`, []string{`.headers["a b"]: is not the name of a header field`}},
		"with a header of the deliverer":     {url + `headers: {content-length: "1", Penstock-Event-Id: x, traceparent: a}`, []string{".headers.content-length: this field", ".headers.Penstock-Event-Id: this field", ".headers.traceparent: this field"}},
		"with a header of the signature":     {url + `signing: {secrets: ["${SIGNING}"]}, headers: {webhook-id: a}`, []string{".headers.webhook-id: this field is set by the deliverer"}},
		"with a header twice":                {url + `headers: {x-a: b, X-A: c}`, []string{".headers.", ": X-A and x-a are the same field"}[:1]},
		"with a line break in a header":      {url + `headers: {X-A: "${BROKEN}"}`, []string{".headers.X-A: the value has characters that a header field cannot have, such as a line break"}},
		"with signing without a secret":      {url + `signing: {}`, []string{".signing.secrets: signing needs at least one secret"}},
		"with a signing secret of no use":    {url + `signing: {secrets: ["${SIGNING}", "${SECRET}", "${PREFIX}"]}`, []string{".signing.secrets[1]: the secret is not base64, with or without the prefix whsec_", ".signing.secrets[2]: the secret is not base64"}},
		"with a relative CA file":            {url + `caFile: ca.pem`, []string{".caFile: the file needs an absolute path"}},
		"with a missing CA file":             {url + `caFile: /none/ca.pem`, []string{".caFile: /none/ca.pem cannot be read: no such file or directory"}},
		"with a CA file without certificate": {url + `caFile: /etc/passwd`, []string{".caFile: /etc/passwd holds no certificate in PEM"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, fmt.Sprintf("sources: {}\ndestinations: {d: {%s}}", tc.keys))
			requireEach(t, "destinations.d", tc.want, got)
		})
	}
}

func TestARouteIsRefused(t *testing.T) {
	t.Parallel()
	const route = `from: [s], to: d, `
	for name, tc := range map[string]struct {
		keys string
		want []string
	}{
		"with nothing":                   {``, []string{".from: a route takes events from at least one source: from is missing", ".to: a route leads to a destination: to is missing"}},
		"from nowhere":                   {`from: [], to: d`, []string{".from: a route takes events from at least one source: from is missing"}},
		"from a source twice":            {`from: [s, s], to: d`, []string{`.from[1]: "s" is in the list already`}},
		"with a text for a list":         {`from: s, to: d`, []string{".from: expected a list, found text"}},
		"without types":                  {route + `types: []`, []string{".types: the list is empty; leave it out to take every type"}},
		"with a type twice":              {route + `types: [a, a]`, []string{`.types[1]: "a" is in the list already`}},
		"with an empty pattern":          {route + `types: [""]`, []string{`.types[0]: "" has an empty word`}},
		"with an empty word":             {route + `types: [a..b, .a, a.]`, []string{`.types[0]: "a..b" has an empty word`, `.types[1]: ".a"`, `.types[2]: "a."`}},
		"with half a wildcard":           {route + `types: ["invoice*", "a.#b"]`, []string{`.types[0]: "invoice*": * and # stand for whole words, as in invoice.* and orders/*`, `.types[1]: "a.#b"`}},
		"with a space in a pattern":      {route + `types: ["a b"]`, []string{`.types[0]: "a b" matches no type`}},
		"with a long pattern":            {route + `types: [` + strings.Repeat("a", 161) + `]`, []string{".types[0]: a pattern has at most 160 bytes"}},
		"with an empty filter":           {route + `filter: " "`, []string{".filter: the filter is empty; leave it out to take every event"}},
		"with a filter of no truth":      {route + `filter: type`, []string{".filter: the result must be a bool, it is a string"}},
		"with another onPermanent":       {route + `onPermanent: drop`, []string{".onPermanent: expected dead-letter or retry"}},
		"with a wait below a second":     {route + `retry: {initial: 500ms}`, []string{".retry.initial: the wait is at least 1s"}},
		"with a shrinking wait":          {route + `retry: {factor: 0.5}`, []string{".retry.factor: the factor is 1 to 100"}},
		"with too much jitter":           {route + `retry: {jitter: 1.5}`, []string{".retry.jitter: the jitter is 0 to 1"}},
		"with too long a wait":           {route + `retry: {max: 13d}`, []string{".retry.max: the wait is at most 12d"}},
		"with no attempt":                {route + `retry: {maxAttempts: 0}`, []string{".retry.maxAttempts: there is at least 1 attempt"}},
		"with no age":                    {route + `retry: {maxAge: 0s}`, []string{".retry.maxAge: the age is above zero"}},
		"with limits in the wrong order": {route + `retry: {initial: 1h, max: 5m}`, []string{".retry.max: initial (1h) is longer than max (5m)"}},
		"with more than the default":     {route + `retry: {initial: 7h}`, []string{".retry.initial: initial (7h) is longer than max (6h)"}},
		"with a schedule of nothing":     {route + `retry: {schedule: []}`, []string{".retry.schedule: the list is empty; leave it out to wait as initial, factor and max say"}},
		"with a schedule and a backoff":  {route + `retry: {schedule: [5s], initial: 5s, factor: 2, max: 5s, maxAttempts: 3}`, []string{".retry.initial: the waits are those of schedule, and there is one attempt more than waits; leave initial or schedule out", ".retry.factor", ".retry.max", ".retry.maxAttempts"}},
		"with a schedule out of bounds":  {route + `retry: {schedule: [0s, 1s, 13d, soon]}`, []string{".retry.schedule[0]: a wait is 1s to 12d", ".retry.schedule[2]: a wait is 1s to 12d", `.retry.schedule[3]: "soon" is not a duration`}},
		"with too long a schedule":       {route + `retry: {schedule: [` + strings.Repeat("1s, ", 101) + `]}`, []string{".retry.schedule: a schedule has at most 100 waits"}},
		"with a schedule past its age":   {route + `retry: {schedule: [1h, 2h], maxAge: 2h}`, []string{".retry.maxAge: the waits of schedule take longer (3h) than maxAge (2h)"}},
		"with a schedule of no age":      {route + `retry: {schedule: [1h], maxAge: 0s}`, []string{".retry.maxAge: the age is above zero"}},
		"with no statuses":               {route + `retry: {retryOn: []}`, []string{".retry.retryOn: the list is empty; leave it out for 408, 425, 429 and 5xx"}},
		"with statuses that are none":    {route + `retry: {retryOn: [5xx, 99, 200-299, 599-500, true]}`, []string{`.retry.retryOn[0]: "5xx" is not a status such as 408, a range such as 500-599, or an exception such as "!503"`, `.retry.retryOn[1]: "99"`, `.retry.retryOn[2]: "200-299" has a status of 2xx, which means that the event is delivered`, `.retry.retryOn[3]: "599-500" ends before it begins`, ".retry.retryOn[4]: expected text"}},
		"with two answers to a 404":      {route + `retry: {retryOn: [404]}, onPermanent: retry`, []string{".onPermanent: retryOn names the statuses that are tried again; leave onPermanent or retryOn out"}},
		"with a misspelt retryOn":        {route + `retry: {retryon: [404]}`, []string{".retry.retryon: unknown key, did you mean retryOn?"}},
		"with a delay of nothing":        {route + `delay: 0s`, []string{".delay: the delay is 1s to 12d"}},
		"with too long a delay":          {route + `delay: 13d`, []string{".delay: the delay is 1s to 12d"}},
		"with a delay past its age":      {route + `delay: 3d`, []string{".delay: the delay (3d) is as long as the longest age of an event, retry.maxAge (3d)"}},
		"with an ordering without a key": {route + `ordering: {partitions: 4}`, []string{".ordering.key: an ordered route says what its events have in common: key is missing, such as body.order_id"}},
		"with a broken key":              {route + `ordering: {key: bdy.id}`, []string{".ordering.key: 1:1: undeclared reference to 'bdy' (did you mean 'body'?)"}},
		"with a list for a key":          {route + `ordering: {key: "[source]"}`, []string{".ordering.key: the result must be text, a number or a truth value, it is a list(string)"}},
		"with no partition":              {route + `ordering: {key: body.id, partitions: 0}`, []string{".ordering.partitions: there are 1 to 64 partitions"}},
		"with too many partitions":       {route + `ordering: {key: body.id, partitions: 65}`, []string{".ordering.partitions: there are 1 to 64 partitions"}},
		"with a misspelt ordering":       {route + `ordering: {key: body.id, partition: 4}`, []string{".ordering.partition: unknown key, did you mean partitions?"}},
		"with two transformations":       {route + `transform: {jq: ".", cel: body}`, []string{".transform: a transformation is in one language: leave jq or cel out"}},
		"with a broken CEL":              {route + `transform: {cel: bdy}`, []string{".transform.cel: 1:1: undeclared reference to 'bdy' (did you mean 'body'?)"}},
		"with a broken jq program":       {route + `transform: {jq: double}`, []string{".transform.jq: function not defined: double/0"}},
		"with a transformation of none":  {route + `transform: {}`, []string{".transform: the transformation is empty; leave it out to deliver bodies as they are"}},
		"with a list of transformations": {route + `transform: [a]`, []string{".transform: expected text, found a list"}},
		"with an empty transformation":   {route + `transform: ""`, []string{".transform: the transformation is empty; leave it out to deliver bodies as they are"}},
		"with a broken transformation":   {route + `transform: "{a: .b"`, []string{".transform: 1:7: unexpected EOF"}},
		"with an unknown jq function":    {route + `transform: double`, []string{".transform: function not defined: double/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, fmt.Sprintf("sources: {s: {open: true}}\ndestinations: {d: {url: https://a.example}}\nroutes: {r: {%s}}", tc.keys))
			requireEach(t, "routes.r", tc.want, got)
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for _, name := range []string{"a", "0", "a-b", "a--b", long} {
		load(t, "sources: {"+name+": {open: true}}")
	}
	for _, name := range []string{"A", "a_b", "-a", "a-", "a.b", long + "a", `""`, "é"} {
		got := problems(t, "sources: {"+name+": {open: true}}\ndestinations: {"+name+": {url: https://a.example}}\nroutes: {"+name+": {from: ["+name+"], to: "+name+"}}")
		require.GreaterOrEqual(t, len(got), 3, name)
		require.Contains(t, got[0], "the name of a source is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end")
	}
}
