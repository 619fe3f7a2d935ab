package signature_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestASchemeKnowsWhatItsSignatureCovers(t *testing.T) {
	t.Parallel()
	list := func(s ...string) signature.Strings { return s }
	hmac := signature.Scheme{Alg: "hmac-sha256", Sig: list("header:x-sig")}
	with := func(change func(*signature.Scheme)) signature.Scheme {
		s := hmac
		change(&s)
		return s
	}
	standard := with(func(s *signature.Scheme) { s.Msg = "{header:webhook-id}.{ts}.{body}" })
	for name, tc := range map[string]struct {
		scheme signature.Scheme
		exprs  signature.Strings
		want   bool
	}{
		"a value in a signed body":            {hmac, list("json:id"), true},
		"the digest of a signed body":         {hmac, list("sha256(body)"), true},
		"a header beside a signed body":       {hmac, list("header:x-id"), false},
		"a header that comes first":           {hmac, list("header:x-id ?? json:id"), false},
		"a header that is one part":           {hmac, list("json:id + header:x-id?"), false},
		"a second expression":                 {hmac, list("json:id", "header:x-id"), false},
		"two values in a signed body":         {hmac, list("json:a + json:b?", "json:c"), true},
		"a signed header, in another case":    {standard, list("header:Webhook-ID"), true},
		"another header":                      {standard, list("header:webhook-idx"), false},
		"a query under a signed URL":          {with(func(s *signature.Scheme) { s.Msg = "{url}{body}" }), list("query:id"), true},
		"a query beside a signed body":        {hmac, list("query:id"), false},
		"a body that is not signed":           {with(func(s *signature.Scheme) { s.Msg = "{ts}" }), list("json:id"), false},
		"a value that is signed alone":        {with(func(s *signature.Scheme) { s.Msg = "{json:id}{ts}" }), list("json:id"), true},
		"beside a value that is signed alone": {with(func(s *signature.Scheme) { s.Msg = "{json:id}{ts}" }), list("json:other"), false},
		"a message that leaves it out":        {with(func(s *signature.Scheme) { s.AltMsg = list("{ts}") }), list("json:id"), false},
		"a weaker alternative":                {with(func(s *signature.Scheme) { s.Alt = []signature.Scheme{{Alg: "token"}} }), list("json:id"), false},
		"a signature that may be missing":     {with(func(s *signature.Scheme) { s.Optional = true }), list("json:id"), false},
		"a token":                             {signature.Scheme{Alg: "token", Sig: list("header:x-token")}, list("json:id"), false},
		"a claim of the JWT":                  {signature.Scheme{Alg: "jwt", Sig: list("header:authorization")}, list("header:authorization|jwt:jti"), true},
		"a body beside a JWT":                 {signature.Scheme{Alg: "jwt", Sig: list("header:authorization")}, list("json:id"), false},
		"a body that the JWT is bound to":     {signature.Scheme{Alg: "jwt", Sig: list("header:a"), Bind: []signature.Bind{{Claim: "h"}}}, list("json:id"), true},
		"no expression":                       {hmac, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, tc.scheme.Covers(tc.exprs))
		})
	}
}
