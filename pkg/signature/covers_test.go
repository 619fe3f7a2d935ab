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
		"a body of which the checksum is":     {with(func(s *signature.Scheme) { s.Msg = "{body|crc32}" }), list("json:id"), false},
		"a body of which the digest is":       {with(func(s *signature.Scheme) { s.Msg = "{body|sha256}" }), list("json:id"), true},
		"a digest of a checksum":              {with(func(s *signature.Scheme) { s.Msg = "{body|crc32|sha256}" }), list("json:id"), false},
		"a value whose case is not signed":    {with(func(s *signature.Scheme) { s.Msg = "{query:id|lower}" }), list("query:id"), false},
		"a part of a signed header":           {with(func(s *signature.Scheme) { s.Msg = "{header:a|b64json:x}" }), list("header:a"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, tc.scheme.Covers(tc.exprs))
		})
	}
}

func TestASchemeKnowsWhetherItsTimeIsSigned(t *testing.T) {
	t.Parallel()
	at := func(from string) *signature.Timestamp { return &signature.Timestamp{From: from} }
	for name, tc := range map[string]struct {
		scheme signature.Scheme
		want   bool
	}{
		"no time":                    {signature.Scheme{Alg: "hmac-sha256"}, true},
		"any time":                   {signature.Scheme{Alg: "hmac-sha256", TS: &signature.Timestamp{From: "header:t", Tol: new(int)}}, true},
		"a header in the message":    {signature.Scheme{Alg: "hmac-sha256", Msg: "{ts}{body}", TS: at("header:t")}, true},
		"the same, by its name":      {signature.Scheme{Alg: "hmac-sha256", Msg: "{header:T}{body}", TS: at("header:t")}, true},
		"a header beside the body":   {signature.Scheme{Alg: "hmac-sha256", TS: at("header:t")}, false},
		"one message leaves it out":  {signature.Scheme{Alg: "hmac-sha256", Msg: "{ts}{body}", AltMsg: signature.Strings{"{body}"}, TS: at("header:t")}, false},
		"in the signature, unsigned": {signature.Scheme{Alg: "hmac-sha256", TS: at("sig")}, false},
		"in the signature, signed":   {signature.Scheme{Alg: "hmac-sha256", Msg: "{ts}.{body}", TS: at("sig")}, true},
		"in the body":                {signature.Scheme{Alg: "hmac-sha256", TS: at("json:t")}, true},
		"in a body of a checksum":    {signature.Scheme{Alg: "hmac-sha256", Msg: "{body|crc32}", TS: at("json:t")}, false},
		"beside a token":             {signature.Scheme{Alg: "token", TS: at("header:t")}, false},
		"a claim":                    {signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:a"}, TS: at("header:a|jwt:iat")}, true},
		"beside a JWT":               {signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:a"}, TS: at("header:t")}, false},
		"an alternative":             {signature.Scheme{Alg: "hmac-sha256", Alt: []signature.Scheme{{Alg: "hmac-sha1", TS: at("header:t")}}}, false},
	} {
		require.Equal(t, tc.want, tc.scheme.SignsTime(), name)
	}
}
