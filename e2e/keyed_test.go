package e2e

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
)

const keyedConfig = `
sources:
  ebay: {provider: ebay, secrets: ["${GITHUB_WEBHOOK_SECRET}"], config: {client_id: c, verification_token: t}}
  circle: {provider: circle, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  plaid: {provider: plaid, secrets: ["${GITHUB_WEBHOOK_SECRET}"], config: {client_id: c}}
  paypal: {provider: paypal, config: {webhook_id: W1}}
  amazon-sp: {provider: amazon-sp, config: {topics: "arn:aws:sns:eu-west-1:1:orders"}}
  shipengine: {provider: shipengine}
  google-pubsub: {provider: google-pubsub, config: {audience: penstock, service_account: push@example.com}}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [ebay, circle, plaid, paypal, amazon-sp, shipengine, google-pubsub], to: receiver}
`

// keyed writes a request that names the key it is signed with: the header's fields, and the body. The id is that of the
// event.
type keyed func(k *keyServer, name, id string) (fields map[string]string, body string)

// keyedRequests are those of the providers of every kind of key that is fetched, by source.
var keyedRequests = map[string]keyed{
	"ebay": func(k *keyServer, name, id string) (map[string]string, string) {
		body := fmt.Sprintf(`{"metadata":{"topic":"T"},"notification":{"notificationId":%q}}`, id)
		head := fmt.Sprintf(`{"alg":"ecdsa","kid":%q,"digest":"SHA1","signature":%q}`, name, k.signECDSA(name, crypto.SHA1, body))
		return map[string]string{"X-Ebay-Signature": base64.StdEncoding.EncodeToString([]byte(head))}, body
	},
	"circle": func(k *keyServer, name, id string) (map[string]string, string) {
		body := fmt.Sprintf(`{"notificationId":%q,"notificationType":"payments"}`, id)
		return map[string]string{"X-Circle-Key-Id": name, "X-Circle-Signature": k.signECDSA(name, crypto.SHA256, body)}, body
	},
	"plaid": func(k *keyServer, name, id string) (map[string]string, string) {
		body := fmt.Sprintf(`{"webhook_type":"ITEM","webhook_code":"ERROR","item_id":%q}`, id)
		sum := sha256.Sum256([]byte(body))
		claims := fmt.Sprintf(`{"iat":%d,"request_body_sha256":%q}`, time.Now().Unix(), hex.EncodeToString(sum[:]))
		return map[string]string{"Plaid-Verification": k.token("ES256", name, claims)}, body
	},
	"paypal": func(k *keyServer, name, id string) (map[string]string, string) {
		body := fmt.Sprintf(`{"id":%q}`, id)
		at := time.Now().UTC().Format(time.RFC3339)
		return map[string]string{
			"Paypal-Transmission-Id": id, "Paypal-Transmission-Time": at, "Paypal-Auth-Algo": "SHA256withRSA",
			"Paypal-Cert-Url":         "https://api.paypal.com/v1/notifications/certs/" + name,
			"Paypal-Transmission-Sig": k.signRSA(name, crypto.SHA256, fmt.Sprintf("%s|%s|W1|%d", id, at, crc32.ChecksumIEEE([]byte(body)))),
		}, body
	},
	"amazon-sp": func(k *keyServer, name, id string) (map[string]string, string) {
		fields := []string{"Message", "hello", "MessageId", id, "Timestamp", time.Now().UTC().Format(time.RFC3339), "TopicArn", "arn:aws:sns:eu-west-1:1:orders", "Type", "Notification"}
		var members strings.Builder
		for i := 0; i < len(fields); i += 2 {
			fmt.Fprintf(&members, "%q:%q,", fields[i], fields[i+1])
		}
		return map[string]string{"Content-Type": "text/plain"}, fmt.Sprintf(`{%s"SignatureVersion":"2","SigningCertURL":"https://sns.eu-west-1.amazonaws.com/%s.pem","Signature":%q}`,
			members.String(), name, k.signRSA(name, crypto.SHA256, strings.Join(fields, "\n")+"\n"))
	},
	"shipengine": func(k *keyServer, name, id string) (map[string]string, string) {
		body, at := fmt.Sprintf(`{"resource_url":%q}`, id), time.Now().UTC().Format(time.RFC3339)
		return map[string]string{
			"X-Shipengine-Timestamp": at, "X-Shipengine-Rsa-Sha256-Key-Id": name, "X-Shipengine-Rsa-Sha256-Signature": k.signRSA(name, crypto.SHA256, at+"."+body),
		}, body
	},
	"google-pubsub": func(k *keyServer, name, id string) (map[string]string, string) {
		claims := fmt.Sprintf(`{"iss":"https://accounts.google.com","aud":"penstock","email":"push@example.com","email_verified":true,"iat":%d,"exp":%d}`,
			time.Now().Unix(), time.Now().Add(time.Hour).Unix())
		return map[string]string{"Authorization": "Bearer " + k.token("RS256", name, claims)}, fmt.Sprintf(`{"message":{"messageId":%q}}`, id)
	},
}

// request is a request to the source that names the key.
func (k *keyServer) request(ctx context.Context, url, source, name, id string) (*http.Request, error) {
	fields, body := keyedRequests[source](k, name, id)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/in/"+source, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for field, value := range fields {
		req.Header.Set(field, value)
	}
	return req, nil
}

// signECDSA signs with the key, if it is that of the name: what other keys sign is never looked at.
func (k *keyServer) signECDSA(name string, hash crypto.Hash, text string) string {
	sig := make([]byte, 70)
	if name == "authentic" {
		sig, _ = k.key.Sign(rand.Reader, sumOf(hash, text), hash)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

func (k *keyServer) signRSA(name string, hash crypto.Hash, text string) string {
	sig := make([]byte, 256)
	if name == "authentic" {
		sig, _ = rsa.SignPKCS1v15(rand.Reader, k.rsa, hash, sumOf(hash, text))
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// token is a token that names its key.
func (k *keyServer) token(algorithm, name, claims string) string {
	text := inBase64URL(fmt.Appendf(nil, `{"alg":%q,"kid":%q}`, algorithm, name)) + "." + inBase64URL([]byte(claims))
	sig := make([]byte, 64)
	switch {
	case name != "authentic":
	case algorithm == "ES256":
		r, s, _ := ecdsa.Sign(rand.Reader, k.key, sumOf(crypto.SHA256, text))
		r.FillBytes(sig[:32])
		s.FillBytes(sig[32:])
	default:
		sig, _ = rsa.SignPKCS1v15(rand.Reader, k.rsa, crypto.SHA256, sumOf(crypto.SHA256, text))
	}
	return text + "." + inBase64URL(sig)
}

func sumOf(hash crypto.Hash, text string) []byte {
	h := hash.New()
	_, _ = h.Write([]byte(text))
	return h.Sum(nil)
}
