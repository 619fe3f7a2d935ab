package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/auth"
)

func TestEveryProblemIsReportedWithItsPath(t *testing.T) {
	t.Parallel()
	twice := key("acme", "k")
	err := auth.Validate([]auth.Method{
		{},
		{APIKey: &auth.APIKey{Header: "a b", Query: "q", Keys: []auth.Key{twice, {Name: "", SHA256: "abc"}, twice, key("e", "")}}},
		{Bearer: &auth.Bearer{}, Basic: &auth.Basic{Users: []auth.Key{key("a:b", "p")}}},
		{BearerJWT: &auth.BearerJWT{Algorithms: []string{"RS256", "HS256"}, Leeway: time.Hour}},
		{BearerJWT: &auth.BearerJWT{Issuer: "i", Audience: "a", JWKSURL: "http://idp.example/k", Keys: []auth.PublicKey{{PEM: "x"}}}},
		{MTLS: &auth.MTLS{}},
		{MTLS: &auth.MTLS{DNS: []string{"*", "a.*.b", "*.com"}, URI: []string{"x", "spiffe://*", "spiffe://a/*/b"}, Email: []string{"a", "*@*.b"}}},
	})
	require.EqualError(t, err, strings.TrimSpace(`
[0]: needs exactly one of apiKey, bearer, basic, bearerJWT, mtls
[1].apiKey: needs either header or query
[1].apiKey.header: "a b" is not a header name
[1].apiKey.keys[1].name: must be a text without control characters
[1].apiKey.keys[1].sha256: is not a SHA-256 hash: 64 hexadecimal digits
[1].apiKey.keys[2]: is there twice
[1].apiKey.keys[3].sha256: is the hash of an empty secret
[2]: needs exactly one of apiKey, bearer, basic, bearerJWT, mtls
[2].bearer.tokens: needs at least one entry
[2].basic.users[0].name: cannot contain a colon
[3].bearerJWT.issuer: is required
[3].bearerJWT.audience: is required: without it, a token made for another service would do
[3].bearerJWT: needs either jwksURL or keys
[3].bearerJWT.algorithms[1]: "HS256" is not one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA
[3].bearerJWT.leeway: must be from 0s to 5m0s
[3]: needs the header Authorization, as [2] does: no request can satisfy both
[4].bearerJWT: needs either jwksURL or keys
[4].bearerJWT.jwksURL: must be https: whoever can change the answer can make tokens
[4].bearerJWT.keys[0].pem: is not PEM (-----BEGIN PUBLIC KEY-----)
[4]: needs the header Authorization, as [2] does: no request can satisfy both
[5].mtls: needs at least one of dns, uri and email: else every client of the certificate authority would do
[6].mtls.dns[0]: "*" is not a host name such as client.example.com or *.example.com
[6].mtls.dns[1]: "a.*.b" is not a host name such as client.example.com or *.example.com
[6].mtls.dns[2]: "*.com" is not a host name such as client.example.com or *.example.com
[6].mtls.uri[0]: "x" is not an absolute URI, with no "*" but one after its authority, at the end
[6].mtls.uri[1]: "spiffe://*" is not an absolute URI, with no "*" but one after its authority, at the end
[6].mtls.uri[2]: "spiffe://a/*/b" is not an absolute URI, with no "*" but one after its authority, at the end
[6].mtls.email[0]: "a" is not an address such as hooks@example.com or *@example.com
[6].mtls.email[1]: "*@*.b" is not an address such as hooks@example.com or *@example.com`))

	_, err = auth.New(t.Context(), []auth.Method{{}}, auth.Options{})
	require.ErrorAs(t, err, new(*auth.Problem))
}

func TestMethodsAreReadFromYAML(t *testing.T) {
	t.Parallel()
	var methods []auth.Method
	text := `
- apiKey: {header: X-API-Key, keys: [{name: acme, sha256: "` + hash("k") + `"}]}
- bearerJWT: {issuer: https://idp.example, audience: penstock, jwksURL: https://idp.example/jwks, leeway: 10s}
- mtls: {dns: ["*.example.com"]}
`
	require.NoError(t, yaml.UnmarshalWithOptions([]byte(text), &methods, yaml.Strict()))
	require.NoError(t, auth.Validate(methods))
	require.Equal(t, 10*time.Second, methods[1].BearerJWT.Leeway)
}

func TestKeySetsOfTheLoopbackMayUseHTTP(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"http://127.0.0.1:9/k":       true,
		"http://[::1]/k":             true,
		"http://localhost/k":         true,
		"https://idp.example/k":      true,
		"http://localhost.evil/k":    false,
		"https://u:p@idp.example/k":  false,
		"ftp://idp.example/k":        false,
		"/k":                         false,
		"https://idp.example/%zz/%z": false,
	} {
		err := auth.Validate([]auth.Method{tokenMethod(func(m *auth.BearerJWT) { m.JWKSURL = address })})
		require.Equal(t, ok, err == nil, address)
	}
}
