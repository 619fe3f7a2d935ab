package signature_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestAnAbsentPartOfTheMessageRejects(t *testing.T) {
	t.Parallel()
	b := setup(t, with(func(s *signature.Scheme) { s.Msg = "{header:id}{body}" })).signed()
	b.accepted()
	id := b.request.Header.Get("Id")
	b.request.Header.Del("Id")
	b.rejected(signature.MissingValue)
	b.request.Header["Id"] = []string{id, "other"}
	b.rejected(signature.AmbiguousValue)
}

func TestOneOfSeveralMessagesIsEnough(t *testing.T) {
	t.Parallel()
	other := setup(t, with(func(s *signature.Scheme) { s.Msg = "{body}\n" })).signed()
	b := setup(t, with(func(s *signature.Scheme) { s.Msg, s.AltMsg = "{header:absent}", signature.Strings{"{body}\n"} }))
	b.header("x-signature", other.request.Header.Get("X-Signature")).accepted()
	b.body("other").rejected(signature.Mismatch)
}

func TestAStrongerSignatureIsNeverPassedOver(t *testing.T) {
	t.Parallel()
	s := simple()
	s.Alt = []signature.Scheme{{Alg: "token", Sig: signature.Strings{"header:x-token"}}}
	b := setupWith(t, s, "first", "second")
	b.rejected(signature.MissingSignature)

	b.header("x-token", "second")
	require.Equal(t, signature.Result{OK: true, Key: 1}, b.verify())
	b.header("x-token", "third").rejected(signature.Mismatch)

	b.header("x-token", "second").header("x-signature", "00").rejected(signature.Mismatch)
	b.header("x-signature", "").rejected(signature.MalformedSignature)
	b.signed().accepted()
}

func TestASecretMustSuitOneOfTheAlternates(t *testing.T) {
	t.Parallel()
	s := with(func(s *signature.Scheme) { s.Key = "hex" })
	s.Alt = []signature.Scheme{{Alg: "token", Sig: signature.Strings{"header:x-token"}}}
	b := setupWith(t, s, "not hexadecimal", "c0ffee")
	require.Equal(t, 1, b.keys.Len())
	b.header("x-token", "not hexadecimal").accepted()
	b.signed()
	require.Equal(t, 1, b.verify().Key)
}

func TestATokenIsComparedAsItIs(t *testing.T) {
	t.Parallel()
	s := signature.Scheme{Alg: "token", Sig: signature.Strings{"header:authorization"}, Items: signature.Strings{"Bearer {sig}"}}
	b := setup(t, s).signed()
	require.Equal(t, "Bearer secret", b.request.Header.Get("Authorization"))
	b.accepted()
	b.header("authorization", "Bearer Secret").rejected(signature.Mismatch)
	b.header("authorization", "Bearer secret2").rejected(signature.Mismatch)
	b.header("authorization", "Basic secret").rejected(signature.MalformedSignature)

	s.Items, s.Enc = signature.Strings{"Basic {sig}"}, "base64"
	b = setupWith(t, s, "user:password").signed()
	require.Equal(t, "Basic dXNlcjpwYXNzd29yZA==", b.request.Header.Get("Authorization"))
	b.accepted()
}

func TestTheHeaderChoosesAmongAllowedAlgorithmsOnly(t *testing.T) {
	t.Parallel()
	s := with(func(s *signature.Scheme) {
		s.AlgHeader = &signature.AlgHeader{Header: "x-alg", Map: map[string]string{"S1": "hmac-sha1", "S2": "hmac-sha256", "S5": "hmac-sha512"}}
	})
	for name, length := range map[string]int{"S1": 40, "S2": 64, "S5": 128} {
		b := setup(t, s).header("x-alg", name).signed()
		require.Len(t, b.request.Header.Get("X-Signature"), length)
		b.accepted()
		b.header("x-alg", "MD5").rejected(signature.UnsupportedAlgorithm)
	}
	b := setup(t, s).signed()
	require.Len(t, b.request.Header.Get("X-Signature"), 64)
	b.accepted()
	b.header("x-alg", "S1").rejected(signature.Mismatch)
}

func TestPairsThatMustBeEqual(t *testing.T) {
	t.Parallel()
	s := with(func(s *signature.Scheme) {
		s.Msg, s.Also = "{header:digest}", [][]string{{"body|sha256", "header:digest"}}
	})
	b := setup(t, s).header("digest", "df3bde3e9d8c4b8ec0e3a1d1a3d4a6b2").signed()
	b.rejected(signature.Altered)
	b = setup(t, s).body("").header("digest", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").signed()
	b.accepted()
	b.body("x").rejected(signature.Altered)
}

func TestAVariantReplacesTheMessageWhereItApplies(t *testing.T) {
	t.Parallel()
	s := signature.Scheme{
		Alg: "hmac-sha1", Sig: signature.Strings{"header:x-signature"}, Enc: "base64", Msg: "{url}{form_sorted}", URLVariants: signature.Strings{"default-port"},
		JSONVariant: &signature.Variant{When: "query:bodySHA256", Msg: "{url}", Also: [][]string{{"body|sha256", "query:bodySHA256"}}},
	}
	b := setup(t, s).header("content-type", "application/x-www-form-urlencoded").body("b=2&a=1&c=%2B").signed()
	b.accepted()
	b.body("c=%2B&a=1&b=2").accepted()
	b.request.PublicURL = "https://hooks.example.com:443/in/acme"
	b.accepted()
	b.request.PublicURL = "https://hooks.example.com:444/in/acme"
	b.rejected(signature.Mismatch)

	b = setup(t, s).body("{}")
	b.request.RawQuery = "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	b.signed().accepted()
	b.body("[]").rejected(signature.Altered)
}

func TestOptionalAndNoneLetUnsignedRequestsThrough(t *testing.T) {
	t.Parallel()
	b := setup(t, with(func(s *signature.Scheme) { s.Optional = true }))
	require.Equal(t, signature.Result{OK: true, Key: -1}, b.verify())
	b.header("x-signature", "00").rejected(signature.Mismatch)
	require.True(t, b.verifier.Open())

	none := setup(t, signature.Scheme{Alg: "none"})
	require.Equal(t, signature.Result{OK: true, Key: -1}, none.signed().verify())
}
