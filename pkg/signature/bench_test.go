package signature_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

const benchSecret = "It's a Secret to Everybody"

func github() signature.Scheme {
	return signature.Scheme{
		Alg: "hmac-sha256", Sig: signature.Strings{"header:x-hub-signature-256"}, Items: signature.Strings{"sha256={sig}"},
	}
}

func stripe() signature.Scheme {
	return signature.Scheme{
		Alg: "hmac-sha256", Sig: signature.Strings{"header:stripe-signature"}, Sep: ",",
		Items: signature.Strings{"t={ts}", "v1={sig}"}, Msg: "{ts}.{body}",
		TS: &signature.Timestamp{From: "sig", Unit: "s"},
	}
}

// BenchmarkGitHub measures a signature over the body beside the same check written by hand.
func BenchmarkGitHub(b *testing.B) { beside(b, github(), "") }

// BenchmarkStripe measures a signature over the time and the body in the same way.
func BenchmarkStripe(b *testing.B) { beside(b, stripe(), "1700000000.") }

// beside measures the engine, the bare hash, and how many times the one is the other.
func beside(b *testing.B, s signature.Scheme, prefix string) {
	b.Helper()
	for _, size := range []int{1 << 10, 64 << 10} {
		body := bytes.Repeat([]byte("x"), size)
		ours, theirs := engine(b, s, body, time.Unix(1_700_000_000, 0)), bare(prefix, body)
		b.Run(fmt.Sprintf("%dKiB/engine", size>>10), func(b *testing.B) { repeat(b, ours, size) })
		b.Run(fmt.Sprintf("%dKiB/bare", size>>10), func(b *testing.B) { repeat(b, theirs, size) })
		b.Run(fmt.Sprintf("%dKiB/ratio", size>>10), func(b *testing.B) { compare(b, ours, theirs) })
	}
}

func repeat(b *testing.B, check func() bool, size int) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if !check() {
			b.Fatal("not verified")
		}
	}
}

// compare reports the ratio of the fastest of many interleaved rounds: it hardly depends on what
// else the machine does.
func compare(b *testing.B, ours, theirs func() bool) {
	b.Helper()
	best := [2]time.Duration{time.Hour, time.Hour}
	for b.Loop() {
		for i, check := range []func() bool{ours, theirs} {
			start := time.Now()
			for range 8 {
				if !check() {
					b.Fatal("not verified")
				}
			}
			best[i] = min(best[i], time.Since(start))
		}
	}
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
	b.ReportMetric(float64(best[0])/float64(best[1]), "engine/bare")
}

// engine returns a verification of a signed request.
func engine(t testing.TB, s signature.Scheme, body []byte, now time.Time) func() bool {
	t.Helper()
	v, err := signature.Compile(s)
	require.NoError(t, err)
	keys, err := v.Keys(benchSecret)
	require.NoError(t, err)
	r := &signature.Request{Method: http.MethodPost, Body: body}
	require.NoError(t, v.Sign(r, keys, now))
	return func() bool { return v.Verify(r, keys, now).OK }
}

// bare is the least that anybody could do.
func bare(prefix string, body []byte) func() bool {
	compute := func() []byte {
		mac := hmac.New(sha256.New, []byte(benchSecret))
		if prefix != "" {
			mac.Write([]byte(prefix))
		}
		mac.Write(body)
		return mac.Sum(nil)
	}
	header := hex.EncodeToString(compute())
	return func() bool {
		want, err := hex.DecodeString(header)
		return err == nil && hmac.Equal(want, compute())
	}
}

// BenchmarkHostile shows that time is linear in the size of the request: ns/byte stays the same
// (or falls) from 64 KiB to 1 MiB of the worst header and body that we can think of.
func BenchmarkHostile(b *testing.B) {
	for name, h := range hostile() {
		v, err := signature.Compile(h.scheme)
		require.NoError(b, err)
		keys, err := v.Keys(benchSecret)
		require.NoError(b, err)
		for _, size := range []int{64 << 10, 256 << 10, 1 << 20} {
			r := h.request(size)
			b.Run(fmt.Sprintf("%s/%dKiB", name, size>>10), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					v.Verify(r, keys, time.Unix(0, 0))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/byte")
			})
		}
	}
}

// TestHostileRequestsDoNotHang would take many minutes, were anything quadratic.
func TestHostileRequestsDoNotHang(t *testing.T) {
	t.Parallel()
	for name, h := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, h.scheme)
			b.request = h.request(1 << 20)
			require.Eventually(t, func() bool { return !b.verify().OK }, time.Minute, time.Millisecond)
		})
	}
}

type attack struct {
	scheme  signature.Scheme
	request func(size int) *signature.Request
}

func hostile() map[string]attack {
	persona := stripe()
	persona.Group = " "
	deep := signature.Scheme{
		Alg: "hmac-sha256", Sig: signature.Strings{"header:s"}, Msg: "{json:a.b}{json:a.c?}{json:..z?}{json:x..y..z?}{body}",
	}
	form := signature.Scheme{Alg: "hmac-sha1", Sig: signature.Strings{"form:s"}, Msg: "{url}{form_sorted}"}
	token := signature.Scheme{Alg: "jwt", Algs: signature.Strings{"HS256"}, Sig: signature.Strings{"header:s"}}
	header := func(name, unit string) func(int) *signature.Request {
		return func(size int) *signature.Request {
			return &signature.Request{
				Header: http.Header{name: {strings.Repeat(unit, size/len(unit))}},
				Body:   bytes.Repeat([]byte(unit), size/len(unit)),
			}
		}
	}
	body := func(head, unit string) func(int) *signature.Request {
		return func(size int) *signature.Request {
			r := header("S", "ab")(size)
			r.PublicURL = "https://hooks.example"
			r.Body = append([]byte(head), bytes.Repeat([]byte(unit), size/len(unit))...)
			return r
		}
	}
	return map[string]attack{
		"separators": {stripe(), header("Stripe-Signature", ",")},
		"signatures": {stripe(), header("Stripe-Signature", "v1=00,")},
		"timestamps": {stripe(), header("Stripe-Signature", "t=1,")},
		"groups":     {persona, header("Stripe-Signature", "t=1,v1=00 ")},
		"brackets":   {deep, body("", "[")},
		"nesting":    {deep, body("", `{"z":`)},
		"keys":       {deep, body(`{"a":{`, `"b":1,`)},
		"elements":   {deep, body(`{"x":[`, `{"y":{"z":1}},`)},
		"escapes":    {deep, body(`{"`, `\u0061`)},
		"fields":     {form, body("s=00&", "a=b&")},
		"long field": {form, body("s=00&", "%61")},
		"dots":       {token, header("S", ".")},
		"token":      {token, header("S", "e30")},
	}
}
