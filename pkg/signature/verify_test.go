package signature_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

func TestASignedRequestIsAcceptedAndATamperedOneIsNot(t *testing.T) {
	t.Parallel()
	setup(t, simple()).signed().accepted()
	setup(t, simple()).signed().body("other").rejected(signature.Mismatch)
	setup(t, simple()).signed().header("x-signature", strings.Repeat("00", 32)).rejected(signature.Mismatch)
}

func TestASignatureThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		values []string
		why    signature.Reason
	}{
		"absent":             {nil, signature.MissingSignature},
		"empty":              {[]string{""}, signature.MalformedSignature},
		"not hexadecimal":    {[]string{"zz"}, signature.MalformedSignature},
		"odd":                {[]string{"abc"}, signature.MalformedSignature},
		"too short":          {[]string{"ab"}, signature.Mismatch},
		"too long":           {[]string{strings.Repeat("ab", 33)}, signature.Mismatch},
		"twice, different":   {[]string{"aa", "bb"}, signature.AmbiguousSignature},
		"twice, but equal":   {[]string{"aa", "aa"}, signature.Mismatch},
		"one hundred KiB":    {[]string{strings.Repeat("ab", 50<<10)}, signature.Mismatch},
		"a list, not wanted": {[]string{"aa,bb"}, signature.MalformedSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simple())
			b.request.Header["X-Signature"] = tc.values
			b.rejected(tc.why)
		})
	}
}

func TestHexadecimalIsReadInEitherCase(t *testing.T) {
	t.Parallel()
	b := setup(t, simple()).signed()
	b.header("x-signature", strings.ToUpper(b.request.Header.Get("X-Signature"))).accepted()
}

func TestBase64IsReadInBothAlphabetsAndWithoutPadding(t *testing.T) {
	t.Parallel()
	for range 20 { // enough for every alphabet to differ at least once
		b := setup(t, with(func(s *signature.Scheme) { s.Enc, s.Msg = "base64", "{header:id}{body}" })).signed()
		text := b.request.Header.Get("X-Signature")
		b.header("x-signature", strings.TrimRight(text, "=")).accepted()
		b.header("x-signature", strings.NewReplacer("+", "-", "/", "_").Replace(text)).accepted()
	}
}

func TestEveryKeyMayMatchAndTheResultSaysWhich(t *testing.T) {
	t.Parallel()
	b := setupWith(t, simple(), "old", "new", "next")
	second, err := b.verifier.Keys("next")
	require.NoError(t, err)
	require.NoError(t, b.verifier.Sign(b.request, second, b.now))
	require.Equal(t, 2, b.verify().Key)
	b.body("other")
	require.Equal(t, -1, b.verify().Key)
}

func TestEveryItemMayMatch(t *testing.T) {
	t.Parallel()
	b := setup(t, stripe()).signed()
	good := b.request.Header.Get("Stripe-Signature")
	for _, text := range []string{
		good, "v0=zz," + good, "v1=not-hex," + good, "v1=00," + good, good + ",v1=00", " , " + good + " ,", "unknown," + good,
		strings.ReplaceAll(good, ",", " , "),
	} {
		b.header("stripe-signature", text).accepted()
	}
	b.header("stripe-signature", "t=1700000000").rejected(signature.MalformedSignature)
	b.header("stripe-signature", strings.SplitN(good, ",", 2)[1]).rejected(signature.MissingTimestamp)
	b.header("stripe-signature", good+",t=1700000001").rejected(signature.AmbiguousSignature)
	b.header("stripe-signature", good+strings.Repeat(",v1=00", 40)).rejected(signature.MalformedSignature)
}

func TestEachGroupHasItsOwnTimestamp(t *testing.T) {
	t.Parallel()
	s := stripe()
	s.Group = " "
	b := setup(t, s).signed()
	good := b.request.Header.Get("Stripe-Signature")
	b.header("stripe-signature", "t=1,v1=00 "+good).accepted()
	b.header("stripe-signature", good+"  t=1,v1=00").accepted()
	parts := strings.SplitN(good, ",", 2)
	b.header("stripe-signature", parts[0]+" "+parts[1]).rejected(signature.MissingTimestamp)
	b.header("stripe-signature", strings.Repeat("t=1,v1=00 ", 8)+good).rejected(signature.MalformedSignature)
}

func TestPositionalItems(t *testing.T) {
	t.Parallel()
	s := stripe()
	s.Positional, s.Items = true, signature.Strings{"{ts}", "{sig}"}
	b := setup(t, s).signed()
	good := b.request.Header.Get("Stripe-Signature")
	require.True(t, strings.HasPrefix(good, "1700000000,"), good)
	b.accepted()
	b.header("stripe-signature", good+",00").accepted()
	b.header("stripe-signature", good[11:]).rejected(signature.MalformedSignature)
}

func TestNumberedHeadersAreAllLookedAt(t *testing.T) {
	t.Parallel()
	b := setup(t, with(func(s *signature.Scheme) { s.Sig = signature.Strings{"header:x-signature-*"} })).signed()
	b.accepted()
	good := b.request.Header.Get("X-Signature-1")
	require.NotEmpty(t, good)
	b.header("x-signature-1", "00").header("x-signature-7", good).accepted()
	b.request.Header.Del("X-Signature-7")
	b.rejected(signature.Mismatch)
	b.request.Header.Del("X-Signature-1")
	b.rejected(signature.MissingSignature)
}

func TestSeveralLocations(t *testing.T) {
	t.Parallel()
	b := setup(t, with(func(s *signature.Scheme) { s.Sig = signature.Strings{"header:primary", "header:secondary"} })).signed()
	good := b.request.Header.Get("Primary")
	b.header("primary", "00").header("secondary", good).accepted()
	b.request.Header.Del("Primary")
	b.accepted()
}

func TestAnEmptySecretIsRefused(t *testing.T) {
	t.Parallel()
	for kind, secrets := range map[string][]string{
		"": {""}, "whsec": {"whsec_", "whsec_*"}, "base64": {"=", "*"}, "hex": {"", "xyz"}, "sha1": {""}, "sha256": {""}, "suffix:&": {""}, "nfkd": {""},
	} {
		v, err := signature.Compile(with(func(s *signature.Scheme) { s.Key = kind }))
		require.NoError(t, err)
		for _, secret := range secrets {
			_, err = v.Keys("fine", secret)
			require.ErrorContains(t, err, "secret 2:")
		}
		_, err = v.Keys()
		require.ErrorContains(t, err, "a secret is needed")
	}
}

func TestKeysDoNotPrintTheirSecrets(t *testing.T) {
	t.Parallel()
	b := setupWith(t, simple(), "hunter2")
	require.Equal(t, "1 keys [redacted]", b.keys.String())
	require.NotContains(t, b.keys.GoString(), "hunter2")
}

func TestVerifyingIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := stripe()
	s.Msg = "{ts}.{header:id}.{json:id}.{body}"
	first := setup(t, s).signed()
	second := setup(t, s).body(`{"id":"two"}`).signed()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				for _, b := range []*bundle{first, second} {
					if !first.verifier.Verify(b.request, first.keys, b.now).OK {
						t.Error("rejected")
					}
				}
			}
		})
	}
	all.Wait()
}

func TestTheTimestampIsLookedAtAfterTheSignature(t *testing.T) {
	t.Parallel()
	b := setup(t, stripe()).signed()
	b.now = b.now.Add(300 * time.Second)
	b.accepted()
	require.Equal(t, 300*time.Second, b.verify().Skew)
	b.now = b.now.Add(time.Millisecond)
	b.rejected(signature.Stale)
	b.now = b.now.Add(-600*time.Second - time.Millisecond)
	b.accepted()
	b.now = b.now.Add(-time.Millisecond)
	b.rejected(signature.Stale)
	require.Equal(t, -300*time.Second-time.Millisecond, b.verify().Skew)
	b.body("forged").rejected(signature.Mismatch)
}

func TestReasonsAreAClosedSet(t *testing.T) {
	t.Parallel()
	seen := map[signature.Reason]bool{}
	for _, r := range signature.Reasons() {
		require.Regexp(t, "^[a-z-]+$", string(r))
		require.False(t, seen[r], r)
		seen[r] = true
	}
	require.False(t, seen[signature.None])
}

func TestAnEmptyRequestIsRejectedByEveryAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512", "token"} {
		b := setup(t, with(func(s *signature.Scheme) { s.Alg = alg }))
		b.request = &signature.Request{Method: http.MethodGet}
		b.rejected(signature.MissingSignature)
	}
}
