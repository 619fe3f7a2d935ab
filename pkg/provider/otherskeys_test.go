package provider_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// largeRSA is a key that takes a thousand times as long as a usual one, and is nobody's.
func largeRSA() *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), 32767)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}

// TestKeysThatAreTooLargeAreNeverUsed serves such a key by every way that keys come from others.
func TestKeysThatAreTooLargeAreNeverUsed(t *testing.T) {
	t.Parallel()
	large := largeRSA()
	root := certify(t, nil, "root")
	certified := func(name string) string {
		return certificatePEM(certificateOf(t, &root, name, nil, large, leafMark(), intermediateMark()))
	}
	object := func(name, text string) string {
		out, err := json.Marshal(map[string]string{name: text})
		require.NoError(t, err)
		return string(out)
	}
	bare := strings.ReplaceAll(strings.TrimSuffix(strings.SplitAfterN(publicPEM(t, large), "\n", 2)[1], "-----END PUBLIC KEY-----\n"), "\n", "")
	sig := base64.StdEncoding.EncodeToString(make([]byte, 32768/8))
	jws := token(t, jwt.SigningMethodRS256, testPairs().rsa, map[string]any{"kid": "k"}, jwt.MapClaims{"iat": now})
	secret := provider.Options{Secrets: []string{"s"}, Config: map[string]string{"client_id": "c"}}
	for name, tc := range map[string]struct {
		preset    string
		options   provider.Options
		documents map[string]string
		request   *signature.Request
	}{
		"a set by key id": {
			"shipengine", provider.Options{}, map[string]string{"GET https://api.shipengine.com/jwks": keySet(t, "k", large)},
			post(`{}`, "X-ShipEngine-Timestamp", "2023-11-14T22:13:20Z", "X-ShipEngine-Rsa-Sha256-Key-Id", "k", "X-ShipEngine-Rsa-Sha256-Signature", sig),
		},
		"a set without key ids": {
			"constant-contact", provider.Options{}, map[string]string{"GET https://developer.constantcontact.com/.well-known/jwks.json": keySet(t, "k", large)},
			post(`{}`, "X-Ctct-Webhook-Sig", "e30.."+base64.RawURLEncoding.EncodeToString(make([]byte, 4096))),
		},
		"a set for tokens": {
			"google-pubsub", provider.Options{Config: map[string]string{"audience": "a", "service_account": "b"}},
			map[string]string{"GET https://www.googleapis.com/oauth2/v3/certs": keySet(t, "k", large)}, post(`{}`, "Authorization", "Bearer "+jws),
		},
		"a certificate of SNS": {
			"amazon-sp", provider.Options{Config: map[string]string{"topics": snsTopic}},
			map[string]string{"GET " + snsCertificate: certified("sns.amazonaws.com")}, notification(t, "2", snsTopic),
		},
		"a certificate of PayPal": {
			"paypal", provider.Options{Config: map[string]string{"webhook_id": "w"}},
			map[string]string{"GET https://api.paypal.com/c": certified("paypal.com")},
			post(`{}`, "PayPal-Transmission-Id", "t", "PayPal-Transmission-Time", "2023-11-14T22:13:20Z", "PayPal-Transmission-Sig", sig,
				"PayPal-Cert-Url", "https://api.paypal.com/c", "PayPal-Auth-Algo", "SHA256withRSA"),
		},
		"a key in a document": {
			"travis", provider.Options{}, map[string]string{
				"GET https://api.travis-ci.com/config": `{"config":{"notifications":{"webhook":` + object("public_key", publicPEM(t, large)) + `}}}`,
			}, post("payload=%7B%7D", "Content-Type", urlencodedType, "Signature", sig),
		},
		"a key of eBay": {
			"ebay", secret, map[string]string{
				"POST https://api.ebay.com/identity/v1/oauth2/token":             object("access_token", "t"),
				"GET https://api.ebay.com/commerce/notification/v1/public_key/k": object("key", publicPEM(t, large)),
			}, post(`{}`, "X-Ebay-Signature", b64([]byte(`{"kid":"k","signature":"`+sig+`"}`))),
		},
		"a key of Circle": {
			"circle", provider.Options{Secrets: []string{"s"}}, map[string]string{"GET https://api.circle.com/v2/notifications/publicKey/k": `{"data":` + object("publicKey", bare) + `}`},
			post(`{}`, "X-Circle-Key-Id", "k", "X-Circle-Signature", sig),
		},
		"a key of Plaid": {
			"plaid", secret, map[string]string{"POST https://production.plaid.com/webhook_verification_key/get": `{"key":` + jwkText(t, large) + `}`},
			post(`{}`, "Plaid-Verification", token(t, jwt.SigningMethodES256, testPairs().p256, map[string]any{"kid": "k"}, jwt.MapClaims{"iat": now})),
		},
		"certificates that the request brings": {
			"apple-appstore", provider.Options{Config: map[string]string{"bundle_ids": "b"}}, nil, post(`{"signedPayload":"` + chained(t, certified("a"), certified("b")) + `"}`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := online(t, tc.preset, serving(tc.documents), tc.options)
			tc.request.Work = &signature.Work{}
			why := source.Verify(t.Context(), tc.request, time.Unix(now, 0)).Reason
			require.Contains(t, []signature.Reason{signature.UnknownKey, signature.KeyUnavailable}, why)
			require.Zero(t, tc.request.Work.Operations)
		})
	}
}

// TestPinnedKeysThatAreTooLargeAreErrors says so to the operator.
func TestPinnedKeysThatAreTooLargeAreErrors(t *testing.T) {
	t.Parallel()
	for id, secret := range map[string]string{"wix": publicPEM(t, largeRSA()), "fireblocks": publicPEM(t, largeRSA())} {
		preset, known := provider.Lookup(id)
		require.True(t, known)
		_, err := provider.New(preset, provider.Options{Secrets: []string{secret}})
		require.ErrorContains(t, err, "at most 4096", id)
	}
}

// chained is a token with a chain of certificates, which are PEM.
func chained(t testing.TB, certificates ...string) string {
	t.Helper()
	var ders [][]byte
	for _, text := range certificates {
		block, _ := pem.Decode([]byte(text))
		ders = append(ders, block.Bytes)
	}
	head, err := json.Marshal(map[string]any{"alg": "ES256", "x5c": ders})
	require.NoError(t, err)
	return b64url(head) + ".e30." + b64url(make([]byte, 64))
}

func jwkText(t testing.TB, key *rsa.PublicKey) string {
	t.Helper()
	text, err := json.Marshal(keyOf(t, "k", key))
	require.NoError(t, err)
	return string(text)
}
