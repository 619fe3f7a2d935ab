package signature_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// bundle is a scheme that is ready to sign and to verify.
type bundle struct {
	t        *testing.T
	verifier *signature.Verifier
	keys     signature.Keys
	request  *signature.Request
	now      time.Time
}

// setup compiles the scheme with the secret "secret".
func setup(t *testing.T, s signature.Scheme) *bundle {
	t.Helper()
	return setupWith(t, s, "secret")
}

func setupWith(t *testing.T, s signature.Scheme, secrets ...string) *bundle {
	t.Helper()
	v, err := signature.Compile(s)
	require.NoError(t, err)
	keys, err := v.Keys(secrets...)
	require.NoError(t, err)
	return &bundle{
		t: t, verifier: v, keys: keys, now: time.Unix(1_700_000_000, 0),
		request: &signature.Request{
			Method: http.MethodPost, PublicURL: "https://hooks.example.com/in/acme", Path: "/in/acme",
			Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"id":"1","type":"paid"}`),
		},
	}
}

// signed signs the request.
func (b *bundle) signed() *bundle {
	b.t.Helper()
	require.NoError(b.t, b.verifier.Sign(b.request, b.keys, b.now))
	return b
}

func (b *bundle) header(name, value string) *bundle {
	b.request.Header.Set(name, value)
	return b
}

func (b *bundle) body(text string) *bundle {
	b.request.Body = []byte(text)
	return b
}

func (b *bundle) verify() signature.Result { return b.verifier.Verify(b.request, b.keys, b.now) }

func (b *bundle) accepted() {
	b.t.Helper()
	r := b.verify()
	require.True(b.t, r.OK, "rejected: %s", r.Reason)
	require.Equal(b.t, signature.None, r.Reason)
}

func (b *bundle) rejected(why signature.Reason) {
	b.t.Helper()
	r := b.verify()
	require.False(b.t, r.OK, "accepted")
	require.Equal(b.t, why, r.Reason)
}

// simple is the usual scheme: a hexadecimal HMAC of the body.
func simple() signature.Scheme {
	return signature.Scheme{Alg: "hmac-sha256", Sig: signature.Strings{"header:x-signature"}}
}

// with returns simple, changed.
func with(change func(*signature.Scheme)) signature.Scheme {
	s := simple()
	change(&s)
	return s
}
