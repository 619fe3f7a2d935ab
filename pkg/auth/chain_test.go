package auth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/auth"
)

func hash(secret string) string {
	d := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(d[:])
}

func key(name, secret string) auth.Key { return auth.Key{Name: name, SHA256: hash(secret)} }

// request makes a request with header fields, given as name, value, name, value.
func request(target string, fields ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, http.NoBody)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	return r
}

func newChain(t *testing.T, methods ...auth.Method) *auth.Chain {
	t.Helper()
	chain, err := auth.New(t.Context(), methods, auth.Options{})
	require.NoError(t, err)
	return chain
}

func TestStaticCredentials(t *testing.T) {
	t.Parallel()
	header := auth.Method{APIKey: &auth.APIKey{Header: "x-api-key", Keys: []auth.Key{key("acme", "k1"), key("acme-next", "k2")}}}
	query := auth.Method{APIKey: &auth.APIKey{Query: "key", Keys: []auth.Key{key("acme", "k1")}}}
	bearer := auth.Method{Bearer: &auth.Bearer{Tokens: []auth.Key{key("ci", "t1"), key("cd", "t2")}}}
	basic := auth.Method{Basic: &auth.Basic{Users: []auth.Key{key("ann", "p1"), key("bob", "p2"), key("bob", "p3")}}}
	for name, tc := range map[string]struct {
		method auth.Method
		r      *http.Request
		match  string
		reason auth.Reason
	}{
		"a key in a header":          {header, request("/", "X-Api-Key", "k1"), "acme", ""},
		"the last of the keys":       {header, request("/", "x-api-key", "k2"), "acme-next", ""},
		"no key":                     {header, request("/"), "", auth.ReasonMissing},
		"an empty key":               {header, request("/", "X-Api-Key", ""), "", auth.ReasonMissing},
		"an unknown key":             {header, request("/", "X-Api-Key", "k3"), "", auth.ReasonUnknown},
		"the hash itself":            {header, request("/", "X-Api-Key", hash("k1")), "", auth.ReasonUnknown},
		"a key twice":                {header, request("/", "X-Api-Key", "k1", "X-Api-Key", "k1"), "", auth.ReasonAmbiguous},
		"a header's key in a query":  {header, request("/?X-Api-Key=k1"), "", auth.ReasonMissing},
		"a key in a query":           {query, request("/?a=b&key=k1"), "acme", ""},
		"a query's key twice":        {query, request("/?key=k1&key=k2"), "", auth.ReasonAmbiguous},
		"a broken query":             {query, request("/?key=%zz"), "", auth.ReasonMissing},
		"a bearer token":             {bearer, request("/", "Authorization", "bearer t2"), "cd", ""},
		"an unknown bearer token":    {bearer, request("/", "Authorization", "Bearer t3"), "", auth.ReasonUnknown},
		"a bearer without a token":   {bearer, request("/", "Authorization", "Bearer "), "", auth.ReasonMalformed},
		"a bearer with two tokens":   {bearer, request("/", "Authorization", "Bearer t1 t2"), "", auth.ReasonMalformed},
		"another scheme":             {bearer, request("/", "Authorization", "Basic t1"), "", auth.ReasonMissing},
		"a token without a scheme":   {bearer, request("/", "Authorization", "t1"), "", auth.ReasonMissing},
		"two Authorization headers":  {bearer, request("/", "Authorization", "Bearer t1", "Authorization", "Bearer t1"), "", auth.ReasonAmbiguous},
		"a password":                 {basic, basicAuth("ann", "p1"), "ann", ""},
		"a user's second password":   {basic, basicAuth("bob", "p3"), "bob", ""},
		"another user's password":    {basic, basicAuth("ann", "p2"), "", auth.ReasonUnknown},
		"an unknown user":            {basic, basicAuth("eve", "p1"), "", auth.ReasonUnknown},
		"basic that is no base64":    {basic, request("/", "Authorization", "Basic !"), "", auth.ReasonMalformed},
		"basic without a colon":      {basic, request("/", "Authorization", "Basic YW5u"), "", auth.ReasonMalformed},
		"a password with two colons": {basic, basicAuth("ann", "p1:x"), "", auth.ReasonUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := newChain(t, tc.method).Authenticate(t.Context(), tc.r)
			require.Equal(t, tc.reason, auth.ReasonOf(err))
			if tc.reason != "" {
				require.Empty(t, id.Matches)
				return
			}
			require.Len(t, id.Matches, 1)
			require.Equal(t, tc.match, id.Matches[0].Name)
		})
	}
}

func basicAuth(user, password string) *http.Request {
	r := request("/")
	r.SetBasicAuth(user, password)
	return r
}

func TestAChainNeedsAllOfItsMethods(t *testing.T) {
	t.Parallel()
	chain := newChain(t,
		auth.Method{APIKey: &auth.APIKey{Header: "X-API-Key", Keys: []auth.Key{key("acme", "k")}}},
		auth.Method{Bearer: &auth.Bearer{Tokens: []auth.Key{key("ci", "t")}}},
		auth.Method{APIKey: &auth.APIKey{Query: "key", Keys: []auth.Key{key("url", "q")}}},
	)
	id, err := chain.Authenticate(t.Context(), request("/?key=q", "X-API-Key", "k", "Authorization", "Bearer t"))
	require.NoError(t, err)
	require.Equal(t, "apiKey:acme,bearer:ci,apiKey:url", id.String())

	_, err = chain.Authenticate(t.Context(), request("/?key=q", "X-API-Key", "k"))
	require.EqualError(t, err, "authenticate by bearer: missing-credential")
}

func TestAMethodTellsWhereItsCredentialTravels(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method        auth.Method
		header, query string
	}{
		{auth.Method{APIKey: &auth.APIKey{Header: "X-API-Key"}}, "X-Api-Key", ""},
		{auth.Method{APIKey: &auth.APIKey{Query: "key"}}, "", "key"},
		{auth.Method{Bearer: &auth.Bearer{}}, "Authorization", ""},
		{auth.Method{Basic: &auth.Basic{}}, "Authorization", ""},
		{auth.Method{BearerJWT: &auth.BearerJWT{}}, "Authorization", ""},
		{auth.Method{MTLS: &auth.MTLS{}}, "", ""},
	} {
		header, query := tc.method.Credential()
		require.Equal(t, tc.header, header)
		require.Equal(t, tc.query, query)
	}
}

func TestAnEmptyChainAcceptsEverything(t *testing.T) {
	t.Parallel()
	chain := newChain(t)
	id, err := chain.Authenticate(t.Context(), request("/"))
	require.NoError(t, err)
	require.Empty(t, id.String())
}

func TestRefusalsHoldNothingThatWasPresented(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value"
	for _, m := range []auth.Method{
		{APIKey: &auth.APIKey{Header: "X-API-Key", Keys: []auth.Key{key("a", "b")}}},
		{Bearer: &auth.Bearer{Tokens: []auth.Key{key("a", "b")}}},
		{Basic: &auth.Basic{Users: []auth.Key{key("a", "b")}}},
	} {
		r := request("/", "X-API-Key", secret, "Authorization", "Bearer "+secret)
		if m.Basic != nil {
			r = basicAuth(secret, secret)
		}
		_, err := newChain(t, m).Authenticate(t.Context(), r)
		require.ErrorAs(t, err, new(*auth.Error))
		require.NotContains(t, err.Error(), secret)
	}
}

func TestErrorsOfOthersAreInternal(t *testing.T) {
	t.Parallel()
	require.Equal(t, auth.ReasonInternal, auth.ReasonOf(http.ErrServerClosed))
	require.Equal(t, auth.ReasonNone, auth.ReasonOf(nil))
}

func FuzzAuthenticate(f *testing.F) {
	f.Add("Bearer t", "key=k")
	f.Add("Basic YW5uOnAx", "key=%zz&key")
	f.Add("Bearer eyJhbGciOiJub25lIn0.e30.", "")
	chain, err := auth.New(f.Context(), []auth.Method{
		{APIKey: &auth.APIKey{Query: "key", Keys: []auth.Key{key("acme", "never")}}},
	}, auth.Options{})
	require.NoError(f, err)
	tokens, err := auth.New(f.Context(), []auth.Method{
		{BearerJWT: &auth.BearerJWT{Issuer: "i", Audience: "a", Keys: []auth.PublicKey{{PEM: newSigner(f).pem(f)}}}},
	}, auth.Options{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, authorization, query string) {
		r := request("/")
		r.URL.RawQuery = query
		r.Header["Authorization"] = []string{authorization}
		for _, c := range []*auth.Chain{chain, tokens} {
			_, err := c.Authenticate(t.Context(), r)
			require.Error(t, err)
			require.NotEqual(t, auth.ReasonInternal, auth.ReasonOf(err))
		}
	})
}
