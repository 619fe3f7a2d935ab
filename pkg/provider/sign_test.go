package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestASourceAcceptsWhatItSigned(t *testing.T) {
	t.Parallel()
	for id, o := range map[string]provider.Options{
		"github":            {Secrets: []string{"new", "old"}},
		"standard-webhooks": {Secrets: []string{"whsec_c2VjcmV0"}},
		"twilio":            {Secrets: []string{"s"}, PublicURL: "https://hooks.example.com/in/twilio"},
	} {
		preset, known := provider.Lookup(id)
		require.True(t, known, id)
		source, err := provider.New(preset, o)
		require.NoError(t, err, id)
		r := &signature.Request{Method: "POST", Body: []byte(`a=b`)}
		now := time.Unix(1_700_000_000, 0)
		require.NoError(t, source.Sign(r, now), id)
		require.Equal(t, signature.Result{OK: true}, source.Verify(t.Context(), r, now), id)
		r.Body = append(r.Body, 'x')
		require.Equal(t, signature.Mismatch, source.Verify(t.Context(), r, now).Reason, id)
	}
}

func TestWhatOnlyTheProviderCanSignIsAnError(t *testing.T) {
	t.Parallel()
	preset, known := provider.Lookup("discord")
	require.True(t, known)
	source, err := provider.New(preset, provider.Options{Secrets: []string{"4d0b4a3e3d3b6bd4e9f2d7a3a3e1d0a9f2f1b7cbb0e0e5f0a1b2c3d4e5f60718"}})
	require.NoError(t, err)
	require.ErrorIs(t, source.Sign(&signature.Request{}, time.Now()), signature.ErrPublicKey)

	coded, known := provider.Lookup("amazon-sp")
	require.True(t, known)
	source, err = provider.New(coded, provider.Options{Config: map[string]string{"topics": "arn:aws:sns:us-east-1:1:t"}})
	require.NoError(t, err)
	require.ErrorIs(t, source.Sign(&signature.Request{}, time.Now()), provider.ErrNoSigner)
}
