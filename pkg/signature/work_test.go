package signature_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// manyKeys is a source of keys of which the last one signs.
type manyKeys []crypto.PublicKey

func (k manyKeys) Keys(context.Context, string, *signature.Request) ([]crypto.PublicKey, error) {
	return k, nil
}

func strangers(t *testing.T, alg string, n int, last crypto.PublicKey) manyKeys {
	t.Helper()
	other := newPair(t, alg).signer.Public()
	var all manyKeys
	for range n {
		all = append(all, other)
	}
	return append(all, last)
}

func TestARequestIsHashedOnceForAllPublicKeys(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"ecdsa-sha256", "rsa-sha256", "rsa-pss-sha256"} {
		p := newPair(t, alg)
		v, err := signature.Compile(with(func(s *signature.Scheme) { s.Alg, s.KeySrc = alg, "jwks:https://keys.example" }))
		require.NoError(t, err)
		b := &bundle{t: t, verifier: v, request: setup(t, simple()).request}
		b.request.Body = bytes.Repeat([]byte("x"), 100_000)
		b.header("x-signature", hex.EncodeToString(p.sign(t, b.request.Body)))
		b.request.Work = &signature.Work{}
		require.True(t, v.VerifyFrom(t.Context(), b.request, strangers(t, alg, 5, p.signer.Public()), b.now).OK, alg)
		require.Equal(t, signature.Work{Hashed: 100_000, Operations: 6}, *b.request.Work, alg)
	}
}

func TestAHashedTokenIsHashedOnceForAllPublicKeys(t *testing.T) {
	t.Parallel()
	for alg, method := range map[string]jwt.SigningMethod{
		"ecdsa-sha256": jwt.SigningMethodES256, "rsa-sha256": jwt.SigningMethodRS256, "rsa-pss-sha256": jwt.SigningMethodPS256,
	} {
		p := newPair(t, alg)
		v, err := signature.Compile(signature.Scheme{
			Alg: "jwt", Sig: signature.Strings{"body"}, Algs: signature.Strings{method.Alg()}, KeySrc: "jwks:https://keys.example",
		})
		require.NoError(t, err)
		text := token(t, method, p.signer, jwt.MapClaims{"long": strings.Repeat("x", 100_000)}, nil)
		r := &signature.Request{Body: []byte(text), Work: &signature.Work{}}
		require.Equal(t, signature.None, v.VerifyFrom(t.Context(), r, strangers(t, alg, 5, p.signer.Public()), setup(t, simple()).now).Reason, alg)
		require.Equal(t, signature.Work{Hashed: strings.LastIndexByte(text, '.'), Operations: 6}, *r.Work, alg)
	}
}

func TestWhatTakesTooManyOperationsIsRefused(t *testing.T) {
	t.Parallel()
	p := newPair(t, "ed25519")
	v, err := signature.Compile(with(func(s *signature.Scheme) { s.Alg, s.KeySrc = "ed25519", "jwks:https://keys.example" }))
	require.NoError(t, err)
	b := &bundle{t: t, verifier: v, request: setup(t, simple()).request}
	b.header("x-signature", hex.EncodeToString(p.sign(t, b.request.Body)))
	last := func(n int) signature.Reason {
		b.request.Work = &signature.Work{}
		return v.VerifyFrom(t.Context(), b.request, strangers(t, "ed25519", n-1, p.signer.Public()), b.now).Reason
	}
	require.Equal(t, signature.None, last(signature.MaxOperations))
	require.Equal(t, signature.TooCostly, last(signature.MaxOperations+1))
	require.Equal(t, signature.MaxOperations, b.request.Work.Operations)
	b.request.Work = &signature.Work{Operations: signature.MaxOperations} // spent on what came before
	require.Equal(t, signature.TooCostly, v.VerifyFrom(t.Context(), b.request, manyKeys{p.signer.Public()}, b.now).Reason)
}

func TestTheWorkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, alg := range []string{"ed25519", "ecdsa-sha256", "rsa-sha256", "rsa-pss-sha256"} {
		p := newPair(t, alg)
		b := setupWith(t, with(func(s *signature.Scheme) { s.Alg = alg }), p.pem(t))
		b.header("x-signature", hex.EncodeToString(p.sign(t, b.request.Body))).accepted()
		b.request.Work = &signature.Work{}
		require.Equal(t, signature.Abandoned, b.verifier.VerifyContext(gone, b.request, b.keys, b.now).Reason, alg)
		require.Zero(t, b.request.Work.Operations, alg)
	}
}

func TestATokenIsNotCheckedForASenderThatIsGone(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	p := newPair(t, "rsa-sha256")
	s := signature.Scheme{Alg: "jwt", Sig: signature.Strings{"header:authorization"}, Algs: signature.Strings{"RS256"}}
	b := setupWith(t, s, p.pem(t)).header("authorization", token(t, jwt.SigningMethodRS256, p.signer, jwt.MapClaims{}, nil))
	require.Equal(t, signature.Abandoned, b.verifier.VerifyContext(gone, b.request, b.keys, b.now).Reason)
}
