package provider_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func ecdsaSign(t testing.TB, digest []byte) string {
	t.Helper()
	sig, err := ecdsa.SignASN1(rand.Reader, testPairs().p256, digest)
	require.NoError(t, err)
	return b64(sig)
}

func TestCircleKeysAreFetchedByTheirID(t *testing.T) {
	t.Parallel()
	der, err := x509.MarshalPKIXPublicKey(&testPairs().p256.PublicKey)
	require.NoError(t, err)
	world := serving(map[string]string{
		"GET https://api.circle.com/v2/notifications/publicKey/k-1": `{"data":{"id":"k-1","publicKey":"` + b64(der) + `"}}`,
	})
	source := online(t, "circle", world, provider.Options{Secrets: []string{"api-key"}})
	body := `{"notificationId":"n1","notificationType":"payments"}`
	sum := sha256.Sum256([]byte(body))
	request := func(kid string) *signature.Request {
		return post(body, "X-Circle-Signature", ecdsaSign(t, sum[:]), "X-Circle-Key-Id", kid)
	}
	for range 3 {
		require.Equal(t, signature.None, source.Verify(t.Context(), request("k-1"), time.Unix(now, 0)).Reason)
	}
	require.Equal(t, []string{"GET https://api.circle.com/v2/notifications/publicKey/k-1"}, world.requests())
	require.Equal(t, []string{"Bearer api-key"}, world.auth)

	for _, kid := range []string{"../secrets", "a?b", "a/b", "", "a b"} {
		require.Equal(t, signature.UnknownKey, source.Verify(t.Context(), request(kid), time.Unix(now, 0)).Reason, kid)
	}
	require.Len(t, world.requests(), 1, "an id that is none became an address")
}

func TestEbayKeysAreFetchedWithAToken(t *testing.T) {
	t.Parallel()
	key, err := json.Marshal(map[string]string{"key": publicPEM(t, &testPairs().p256.PublicKey)})
	require.NoError(t, err)
	world := serving(map[string]string{
		"POST https://api.ebay.com/identity/v1/oauth2/token":                `{"access_token":"app-token"}`,
		"GET https://api.ebay.com/commerce/notification/v1/public_key/kid1": string(key),
	})
	source := online(t, "ebay", world, provider.Options{Secrets: []string{"client-secret"}, Config: map[string]string{"client_id": "client"}})
	body := `{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION"},"notification":{"notificationId":"n1"}}`
	sum := sha1.Sum([]byte(body))
	head := base64.StdEncoding.EncodeToString([]byte(`{"alg":"ecdsa","kid":"kid1","signature":"` + ecdsaSign(t, sum[:]) + `","digest":"SHA1"}`))
	r := post(body, "X-Ebay-Signature", head)
	require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
	require.Equal(t, []string{"Basic Y2xpZW50OmNsaWVudC1zZWNyZXQ=", "Bearer app-token"}, world.auth)
	id, typ := source.Identify(r)
	require.Equal(t, []string{"n1", "MARKETPLACE_ACCOUNT_DELETION"}, []string{id, typ})
}

func TestKeysInTheConfigurationNeedNoNetwork(t *testing.T) {
	t.Parallel()
	world := serving(nil)
	source := online(t, "ebay", world, provider.Options{Secrets: []string{publicPEM(t, &testPairs().p256.PublicKey)}})
	sum := sha1.Sum([]byte(`{}`))
	head := b64([]byte(`{"kid":"any","signature":"` + ecdsaSign(t, sum[:]) + `"}`))
	require.True(t, source.Verify(t.Context(), post(`{}`, "X-Ebay-Signature", head), time.Unix(now, 0)).OK)
	require.Empty(t, world.requests())
}

func TestCredentialsThatCannotFetchAreAConfigurationError(t *testing.T) {
	t.Parallel()
	for id, o := range map[string]provider.Options{
		"ebay":   {Secrets: []string{"client-secret"}},
		"plaid":  {Secrets: []string{"s"}, Config: map[string]string{"client_id": "c", "environment": "elsewhere.example/"}},
		"kinde":  {Config: map[string]string{"domain": ""}},
		"circle": {},
	} {
		p, _ := provider.Lookup(id)
		_, err := provider.New(p, o)
		require.Error(t, err, id)
	}
}
