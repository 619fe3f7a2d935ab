package signature_test

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/signature"
)

// symmetric is one scheme for each thing that Sign can do.
func symmetric() map[string]signature.Scheme {
	all := map[string]signature.Scheme{
		"simple": simple(), "stripe": stripe(), "github": github(), "jwt": tokens(),
		"standard webhooks": {
			Alg: "hmac-sha256", Sig: signature.Strings{"header:webhook-signature"}, Sep: " ", Items: signature.Strings{"v1,{sig}"}, Enc: "base64",
			Key: "base64", Msg: "{header:webhook-id}.{ts}.{body}", TS: &signature.Timestamp{From: "header:webhook-timestamp"},
		},
		"nonce": {
			Alg: "hmac-sha512", Sig: signature.Strings{"header:s"}, Sep: ";", Items: signature.Strings{"n={nonce}", "k={keyid}:{sig}"},
			Msg: "{nonce}.{keyid}.{body}", Enc: "hex>base64",
		},
		"form":      {Alg: "hmac-sha1", Sig: signature.Strings{"form:sig"}, Msg: "{form:payload}", Key: "sha1"},
		"form json": {Alg: "hmac-sha256", Sig: signature.Strings{"formjson:json/event.hash"}, Msg: "{formjson:json/event.time}", Key: "nfkd"},
		"json": {
			Alg: "hmac-sha384", Sig: signature.Strings{"json:signature.sig"}, Msg: "{json:signature.ts}{json:items.0.token}", Key: "sha256",
			TS: &signature.Timestamp{From: "json:signature.ts"},
		},
		"query": {Alg: "hmac-sha256", Sig: signature.Strings{"query:sig"}, Msg: "{query:id}{body}", Key: "suffix:&", Enc: "base64url"},
		"url":   {Alg: "hmac-sha1", Sig: signature.Strings{"header:s"}, Msg: "{method}{url}{form_sorted}"},
		"bare":  {Alg: "hash-sha384", Sig: signature.Strings{"header:s"}, Msg: "{secret}{cfg:app}{body}"},
	}
	for _, alg := range []string{"hash-md5", "hash-sha1", "hash-sha256", "hash-sha512"} {
		all[alg] = signature.Scheme{Alg: alg, Sig: signature.Strings{"header:s"}, Msg: "{body}{secret}"}
	}
	for _, unit := range []string{"s", "ms", "ns", "iso", "auto"} {
		all["unit "+unit] = signature.Scheme{
			Alg: "hmac-sha256", Sig: signature.Strings{"header:s"}, Msg: "{ts}{body}", TS: &signature.Timestamp{From: "header:t", Unit: unit},
		}
	}
	return all
}

func TestWhatIsSignedIsAcceptedUntilAnyPartOfItChanges(t *testing.T) {
	t.Parallel()
	for name, s := range symmetric() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupWith(t, s, "c2VjcmV0c2VjcmV0")
			if strings.Contains(strings.Join(s.Sig, "")+s.Msg, "form") {
				b.header("content-type", "application/x-www-form-urlencoded").body("payload=1")
			}
			b.request.Config = map[string]string{"app": "7"}
			b.signed().accepted()
			other, err := b.verifier.Keys("b3RoZXJvdGhlcg==")
			require.NoError(t, err)
			require.Equal(t, signature.Mismatch, b.verifier.Verify(b.request, other, b.now).Reason)
			tamper(t, b, s)
		})
	}
}

// tamper changes every header and the body, where they are covered, and expects a rejection.
func tamper(t *testing.T, b *bundle, s signature.Scheme) {
	t.Helper()
	for name, values := range b.request.Header {
		if name == "Content-Type" {
			continue
		}
		changed := *b.request
		changed.Header = b.request.Header.Clone()
		last := len(values[0]) - 5 // before any padding or trailing bits
		flipped := []byte(values[0])
		flipped[last] ^= 3
		changed.Header[name] = []string{string(flipped)}
		require.False(t, b.verifier.Verify(&changed, b.keys, b.now).OK, "%s: %s", name, flipped)
	}
	if strings.Contains(s.Msg, "{body}") || s.Msg == "" {
		changed := *b.request
		changed.Body = append([]byte("x"), b.request.Body...)
		require.False(t, b.verifier.Verify(&changed, b.keys, b.now).OK)
	}
	if strings.Contains(s.Msg, "{url}") {
		changed := *b.request
		changed.RawQuery += "&x"
		require.False(t, b.verifier.Verify(&changed, b.keys, b.now).OK)
	}
}

func TestEverySymmetricRowOfTheTableSignsWhatItAccepts(t *testing.T) {
	t.Parallel()
	for id, s := range table(t) {
		if strings.Contains(strings.Join(s.Sig, ""), "CONFIGURED") {
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			v, err := signature.Compile(s)
			require.NoError(t, err)
			keys, err := v.Keys("c0ffeec0ffee")
			if err != nil {
				t.Skip("a public key")
			}
			r := &signature.Request{
				Method: http.MethodPost, PublicURL: "https://hooks.example.com/in/" + id, Header: http.Header{"Content-Type": {"application/json"}},
				Config: map[string]string{},
			}
			for _, name := range v.ConfigNames() {
				r.Config[name] = "value"
			}
			if strings.Contains(strings.Join(s.Sig, "")+s.Msg, "form") {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			now := time.Unix(1_700_000_000, 0)
			require.NoError(t, v.Sign(r, keys, now))
			got := v.Verify(r, keys, now)
			require.True(t, got.OK, "%s %v %s", got.Reason, r.Header, r.Body)
		})
	}
}

func TestSignSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*signature.Scheme)
		body   string
		text   string
	}{
		"an absent setting":   {func(s *signature.Scheme) { s.Msg = "{cfg:app}{body}" }, "", "missing-value"},
		"a filtered location": {func(s *signature.Scheme) { s.Sig = signature.Strings{"header:a|b64json:b"} }, "", "through the filters"},
		"a filtered time":     {func(s *signature.Scheme) { s.TS = &signature.Timestamp{From: "header:a|lower"} }, "", "through filters"},
		"a deep location":     {func(s *signature.Scheme) { s.Sig = signature.Strings{"json:..a"} }, "", "any depth"},
		"a body of text":      {func(s *signature.Scheme) { s.Sig = signature.Strings{"json:a"} }, "hello", "not JSON"},
		"no room in a list":   {func(s *signature.Scheme) { s.Sig = signature.Strings{"json:a.1"} }, `{"a":[]}`, "no place"},
		"no room in a text":   {func(s *signature.Scheme) { s.Sig = signature.Strings{"json:a.b"} }, `{"a":"x"}`, "no place"},
		"the body":            {func(s *signature.Scheme) { s.Sig = signature.Strings{"body"} }, "", "cannot write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, with(tc.change)).body(tc.body)
			require.ErrorContains(t, b.verifier.Sign(b.request, b.keys, b.now), tc.text)
		})
	}
	b := setup(t, simple())
	require.ErrorContains(t, b.verifier.Sign(b.request, signature.Keys{}, b.now), "no key")
	b = setup(t, with(func(s *signature.Scheme) { s.Msg = "{url}" }))
	b.request.PublicURL = ""
	require.ErrorContains(t, b.verifier.Sign(b.request, b.keys, b.now), "public URL")
	b = setup(t, with(func(s *signature.Scheme) { s.Sig = signature.Strings{"form:a"} }))
	b.header("content-type", "multipart/form-data; boundary=B")
	require.ErrorContains(t, b.verifier.Sign(b.request, b.keys, b.now), "multipart")
	b = setup(t, with(func(s *signature.Scheme) {
		s.AlgHeader = &signature.AlgHeader{Header: "a", Map: map[string]string{"x": "hmac-sha1"}}
	}))
	require.ErrorContains(t, b.header("a", "y").verifier.Sign(b.request, b.keys, b.now), "names no algorithm")
}

func TestAnyFlippedBitRejects(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v, err := signature.Compile(stripe())
		require.NoError(t, err)
		keys, err := v.Keys(rapid.StringN(1, 64, -1).Draw(t, "secret"))
		require.NoError(t, err)
		now := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "now"), 0)
		r := &signature.Request{Body: rapid.SliceOfN(rapid.Byte(), 1, 2048).Draw(t, "body")}
		require.NoError(t, v.Sign(r, keys, now))
		require.True(t, v.Verify(r, keys, now).OK)

		body := slices.Clone(r.Body)
		r.Body[rapid.IntRange(0, len(body)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		require.Equal(t, signature.Mismatch, v.Verify(r, keys, now).Reason)

		r.Body = body
		text, mac, _ := strings.Cut(r.Header.Get("Stripe-Signature"), "v1=")
		sum, err := hex.DecodeString(mac)
		require.NoError(t, err)
		sum[rapid.IntRange(0, 31).Draw(t, "mac byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "mac bit")
		r.Header.Set("Stripe-Signature", text+"v1="+hex.EncodeToString(sum))
		require.Equal(t, signature.Mismatch, v.Verify(r, keys, now).Reason)
	})
}
