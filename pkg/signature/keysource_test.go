package signature_test

import (
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// source knows one key.
type source struct {
	kid string
	key crypto.PublicKey
	err error
}

func (s source) Keys(_ context.Context, kid string, _ *signature.Request) ([]crypto.PublicKey, error) {
	if s.err != nil {
		return nil, s.err
	}
	if kid != s.kid {
		return nil, signature.ErrUnknownKey
	}
	return []crypto.PublicKey{s.key}, nil
}

func TestKeysComeFromASourceByTheirID(t *testing.T) {
	t.Parallel()
	p := newPair(t, "ecdsa-sha256")
	s := with(func(s *signature.Scheme) {
		s.Alg, s.KeySrc = "ecdsa-sha256", "jwks:https://keys.example/jwks kid=header:x-kid"
	})
	v, err := signature.Compile(s)
	require.NoError(t, err)
	kind, argument := v.KeySource()
	require.Equal(t, "jwks", kind)
	require.Equal(t, "https://keys.example/jwks", argument)
	require.False(t, v.NeedsSecret())

	b := &bundle{t: t, verifier: v, request: setup(t, simple()).request}
	from := func(s source) signature.Reason { return v.VerifyFrom(t.Context(), b.request, s, b.now).Reason }
	require.Equal(t, signature.MissingSignature, from(source{err: errors.New("must not be asked")}))

	b.header("x-signature", hex.EncodeToString(p.sign(t, b.request.Body))).header("x-kid", "k1")
	require.Equal(t, signature.None, from(source{kid: "k1", key: p.signer.Public()}))
	require.Equal(t, signature.UnknownKey, from(source{kid: "k2", key: p.signer.Public()}))
	require.Equal(t, signature.UnknownKey, from(source{kid: "k1", key: newPair(t, "ed25519").signer.Public()}))
	require.Equal(t, signature.Mismatch, from(source{kid: "k1", key: newPair(t, "ecdsa-sha256").signer.Public()}))
	require.Equal(t, signature.KeyUnavailable, from(source{err: context.DeadlineExceeded}))
}

func TestTheKeyIDOfAJWTIsInItsHeader(t *testing.T) {
	t.Parallel()
	for alg, method := range map[string]jwt.SigningMethod{
		"ecdsa-sha256": jwt.SigningMethodES256, "rsa-sha256": jwt.SigningMethodRS256, "ed25519": jwt.SigningMethodEdDSA,
	} {
		p := newPair(t, alg)
		s := signature.Scheme{
			Alg: "jwt", Sig: signature.Strings{"header:x-token"}, Algs: signature.Strings{method.Alg()}, KeySrc: "jwks:https://keys.example/jwks",
		}
		v, err := signature.Compile(s)
		require.NoError(t, err)
		token := jwt.NewWithClaims(method, jwt.MapClaims{"sub": "x"})
		token.Header["kid"] = "k1"
		text, err := token.SignedString(p.signer)
		require.NoError(t, err)
		b := setup(t, simple()).header("x-token", text)
		require.True(t, v.VerifyFrom(t.Context(), b.request, source{kid: "k1", key: p.signer.Public()}, b.now).OK)
		require.Equal(t, signature.UnknownKey, v.VerifyFrom(t.Context(), b.request, source{kid: "k2"}, b.now).Reason)
		b.header("x-token", "no token")
		require.Equal(t, signature.UnknownKey, v.VerifyFrom(t.Context(), b.request, source{kid: "k2"}, b.now).Reason)
	}
}
