package provider_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func TestAKeyOfAPublishedSetVerifies(t *testing.T) {
	t.Parallel()
	world := serving(map[string]string{"GET https://api.shipengine.com/jwks": keySet(t, "k1", &testPairs().rsa.PublicKey)})
	source := online(t, "shipengine", world, provider.Options{})
	at := "2023-11-14T22:13:20Z"
	signedBy := func(kid string) *signature.Request {
		return post(`{"resource_url":"u"}`, "X-ShipEngine-Timestamp", at, "X-ShipEngine-Rsa-Sha256-Key-Id", kid,
			"X-ShipEngine-Rsa-Sha256-Signature", b64(rsaSign(t, crypto.SHA256, []byte(at+`.{"resource_url":"u"}`))))
	}
	clock := time.Unix(now, 0)
	require.True(t, source.Verify(t.Context(), signedBy("k1"), clock).OK)
	require.True(t, source.Verify(t.Context(), signedBy("k1"), clock).OK)
	require.Equal(t, signature.UnknownKey, source.Verify(t.Context(), signedBy("k2"), clock).Reason)
	require.Len(t, world.requests(), 1, "the set was fetched more often than needed")

	forged := signedBy("k1")
	forged.Body = []byte(`{"resource_url":"v"}`)
	require.Equal(t, signature.Mismatch, source.Verify(t.Context(), forged, clock).Reason)
}

func TestAnUnreachableKeyIsNotAForgery(t *testing.T) {
	t.Parallel()
	source := online(t, "fal", serving(nil), provider.Options{})
	r := post(`{}`, "X-Fal-Webhook-Signature", strings.Repeat("00", 64), "X-Fal-Webhook-Request-Id", "r",
		"X-Fal-Webhook-User-Id", "u", "X-Fal-Webhook-Timestamp", strconv.Itoa(now))
	require.Equal(t, signature.KeyUnavailable, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
}

func TestNobodyIsAskedAboutARequestWithoutASignature(t *testing.T) {
	t.Parallel()
	world := serving(nil)
	source := online(t, "shipengine", world, provider.Options{})
	require.Equal(t, signature.MissingSignature, source.Verify(t.Context(), post(`{}`), time.Unix(now, 0)).Reason)
	require.Empty(t, world.requests())
}

func TestGooglePubSubTokensAreForOneAudience(t *testing.T) {
	t.Parallel()
	world := serving(map[string]string{"GET https://www.googleapis.com/oauth2/v3/certs": keySet(t, "g", &testPairs().rsa.PublicKey)})
	source := online(t, "google-pubsub", world, provider.Options{Config: map[string]string{
		"audience": "penstock", "service_account": "push@example.iam.gserviceaccount.com",
	}})
	push := func(audience, issuer string) *signature.Request {
		return post(`{"message":{"messageId":"m1","attributes":{"eventType":"made"}}}`, "Authorization", "Bearer "+
			token(t, jwt.SigningMethodRS256, testPairs().rsa, map[string]any{"kid": "g"}, jwt.MapClaims{
				"iss": issuer, "aud": audience, "email": "push@example.iam.gserviceaccount.com", "email_verified": true,
				"iat": now, "exp": now + 3600,
			}))
	}
	r := push("penstock", "https://accounts.google.com")
	require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
	id, typ := source.Identify(r)
	require.Equal(t, []string{"m1", "made"}, []string{id, typ})
	require.Equal(t, signature.BadToken, source.Verify(t.Context(), push("other", "https://accounts.google.com"), time.Unix(now, 0)).Reason)
	require.Equal(t, signature.BadToken, source.Verify(t.Context(), push("penstock", "https://evil.example"), time.Unix(now, 0)).Reason)
}

func TestPlaidKeysAreAskedForWithCredentials(t *testing.T) {
	t.Parallel()
	body := `{"webhook_type":"ITEM","webhook_code":"ERROR"}`
	sum := sha256.Sum256([]byte(body))
	request := func(issued int64) *signature.Request {
		return post(body, "Plaid-Verification", token(t, jwt.SigningMethodES256, testPairs().p256, map[string]any{"kid": "k1"},
			jwt.MapClaims{"iat": issued, "request_body_sha256": hex.EncodeToString(sum[:])}))
	}
	answer := func(expired any) string {
		text, err := json.Marshal(map[string]any{"key": func() map[string]any {
			raw, _ := json.Marshal(keyOf(t, "k1", &testPairs().p256.PublicKey))
			fields := map[string]any{}
			_ = json.Unmarshal(raw, &fields)
			fields["expired_at"] = expired
			return fields
		}()})
		require.NoError(t, err)
		return string(text)
	}
	options := provider.Options{Secrets: []string{"api-secret"}, Config: map[string]string{"client_id": "c"}}
	const address = "POST https://production.plaid.com/webhook_verification_key/get"

	source := online(t, "plaid", serving(map[string]string{address: answer(nil)}), options)
	r := request(now - 10)
	require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
	_, typ := source.Identify(r)
	require.Equal(t, "ITEM.ERROR", typ)
	require.Equal(t, signature.Stale, source.Verify(t.Context(), request(now-301), time.Unix(now, 0)).Reason)

	expired := online(t, "plaid", serving(map[string]string{address: answer(now)}), options)
	require.Equal(t, signature.UnknownKey, expired.Verify(t.Context(), request(now), time.Unix(now, 0)).Reason)
}

func TestPayPalCertificatesComeFromPayPalAlone(t *testing.T) {
	t.Parallel()
	root := certify(t, nil, "root")
	const address = "https://api.paypal.com/v1/notifications/certs/CERT-1"
	body := `{"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED"}`
	text := "t1|2023-11-14T22:13:20Z|WEBHOOK|" + strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10)
	request := func(certURL string) *signature.Request {
		return post(body, "PayPal-Transmission-Id", "t1", "PayPal-Transmission-Time", "2023-11-14T22:13:20Z",
			"PayPal-Transmission-Sig", b64(rsaSign(t, crypto.SHA256, []byte(text))), "PayPal-Cert-Url", certURL,
			"PayPal-Auth-Algo", "SHA256withRSA")
	}
	named := func(name string) (*network, *provider.Source) {
		certificate := certificateOf(t, &root, name, nil, &testPairs().rsa.PublicKey)
		world := serving(map[string]string{"GET " + address: certificatePEM(certificate)})
		return world, online(t, "paypal", world, provider.Options{Config: map[string]string{"webhook_id": "WEBHOOK"}})
	}
	world, source := named("messageverificationcerts.paypal.com")
	require.Equal(t, signature.None, source.Verify(t.Context(), request(address), time.Unix(now, 0)).Reason)
	asked := len(world.requests())
	for _, elsewhere := range []string{
		"https://api.paypal.com.evil.example/cert", "http://api.paypal.com/v1/notifications/certs/CERT-1", "https://evil.example/cert",
		"https://api.paypal.com:8443/cert", "https://a@api.paypal.com/cert", "file:///etc/passwd", "https://169.254.169.254/cert", "",
	} {
		require.Equal(t, signature.UnknownKey, source.Verify(t.Context(), request(elsewhere), time.Unix(now, 0)).Reason, elsewhere)
	}
	require.Len(t, world.requests(), asked, "somebody else was asked")

	_, stranger := named("www.example.com")
	require.Equal(t, signature.UnknownKey, stranger.Verify(t.Context(), request(address), time.Unix(now, 0)).Reason)
}

func TestTravisPublishesItsKeyInADocument(t *testing.T) {
	t.Parallel()
	document, err := json.Marshal(map[string]any{"config": map[string]any{"notifications": map[string]any{
		"webhook": map[string]any{"public_key": publicPEM(t, &testPairs().rsa.PublicKey)},
	}}})
	require.NoError(t, err)
	source := online(t, "travis", serving(map[string]string{"GET https://api.travis-ci.com/config": string(document)}), provider.Options{})
	payload := `{"id":7,"state":"passed"}`
	r := post("payload=%7B%22id%22%3A7%2C%22state%22%3A%22passed%22%7D", "Content-Type", "application/x-www-form-urlencoded",
		"Signature", b64(rsaSign(t, crypto.SHA1, []byte(payload))))
	require.Equal(t, signature.None, source.Verify(t.Context(), r, time.Unix(now, 0)).Reason)
	id, typ := source.Identify(r)
	require.Equal(t, []string{"7.passed", "passed"}, []string{id, typ})
}
