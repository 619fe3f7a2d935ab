package provider_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

const at = now * 1000 // in milliseconds

func hmac256(text string) []byte {
	h := hmac.New(sha256.New, []byte(textSecret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func bridgeRequest(t testing.TB) *signature.Request {
	t.Helper()
	body := `{"event_id":"e1","event_category":"transfer","event_type":"updated"}`
	digest := sha256.Sum256([]byte(strconv.Itoa(at) + "." + body))
	return post(body, "X-Webhook-Signature", fmt.Sprintf("t=%d,v0=%s", at, b64(rsaSign(t, crypto.SHA256, digest[:]))))
}

func contentfulRequest() *signature.Request {
	body := `{"sys":{}}`
	fields := "x-contentful-signed-headers:x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic;" +
		"x-contentful-timestamp:" + strconv.Itoa(at) + ";x-contentful-topic:ContentManagement.Entry.publish"
	sig := hmac256("POST\n/in/source?a%253D1%2526b%253D%252520\n" + fields + "\n" + body)
	r := post(body, "X-Contentful-Signature", hex.EncodeToString(sig), "X-Contentful-Timestamp", strconv.Itoa(at),
		"X-Contentful-Signed-Headers", "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic",
		"X-Contentful-Topic", "ContentManagement.Entry.publish")
	r.RawQuery = "a=1&b=%20"
	return r
}

func hygraphRequest() *signature.Request {
	sig := hmac256(`{"Body":"{\"a\":\"<&>\\u2028` + "\u2028" + `\"}","EnvironmentName":"master","TimeStamp":17}`)
	return post(`{"a":"<&>\u2028`+"\u2028"+`"}`, "Gcms-Signature", "sign="+b64(sig)+", env=master, t=17")
}

func neonRequest() *signature.Request {
	body := `{"event_type":"user.created"}`
	head := b64url([]byte(`{"alg":"EdDSA","kid":"k1"}`))
	input := head + "." + b64url([]byte(strconv.Itoa(at)+"."+b64url([]byte(body))))
	return post(body, "X-Neon-Signature", head+".."+b64url(ed25519.Sign(testPairs().ed, []byte(input))), "X-Neon-Signature-Kid", "k1",
		"X-Neon-Timestamp", strconv.Itoa(at), "X-Neon-Event-Id", "e1", "X-Neon-Event-Type", "user.created")
}

func paddleClassicRequest(t testing.TB) *signature.Request {
	t.Helper()
	text := `a:3:{s:8:"alert_id";s:1:"7";s:10:"alert_name";s:17:"payment_succeeded";s:4:"city";s:7:"Zürich";}` // PHP counts bytes
	sig := strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(b64(rsaSign(t, crypto.SHA1, []byte(text))))
	return post("alert_name=payment_succeeded&city=Z%C3%BCrich&alert_id=7&p_signature="+sig, "Content-Type", "application/x-www-form-urlencoded")
}

func plivoRequest() *signature.Request {
	sig := b64(hmac256("https://hooks.example.com/in/source?a=1&a=3&b=2.CallUUIDc1Digits1Digits2EventHangup.nonce"))
	r := post("Event=Hangup&CallUUID=c1&Digits=2&Digits=1", "Content-Type", "application/x-www-form-urlencoded",
		"X-Plivo-Signature-V3", "b3RoZXI=,"+sig, "X-Plivo-Signature-V3-Nonce", "nonce")
	r.RawQuery = "b=2&a=3&a=1"
	return r
}

func salesforceRequest() *signature.Request {
	return post(`<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001EAA</OrganizationId>
<Notification><Id>04l1</Id><sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><sf:Id>001</sf:Id></sObject></Notification></notifications>
</soapenv:Body></soapenv:Envelope>`, "Content-Type", "text/xml")
}

func truelayerRequest(t testing.TB) *signature.Request {
	t.Helper()
	body := `{"event_id":"e1","event_type":"payment_executed"}`
	head := b64url([]byte(`{"alg":"ES512","kid":"k1","tl_version":"2","tl_headers":"X-Tl-Webhook-Timestamp"}`))
	payload := "POST /in/source\nX-Tl-Webhook-Timestamp: 2023-11-14T22:13:20Z\n" + body
	digest := sha512.Sum512([]byte(head + "." + b64url([]byte(payload))))
	r, s, err := ecdsa.Sign(rand.Reader, testPairs().p521, digest[:])
	require.NoError(t, err)
	sig := append(fixed(r), fixed(s)...)
	return post(body, "Tl-Signature", head+".."+b64url(sig), "X-Tl-Webhook-Timestamp", "2023-11-14T22:13:20Z")
}

// fixed is a number of P-521 as JWS writes it.
func fixed(n *big.Int) []byte { return n.FillBytes(make([]byte, 66)) }

func wixRequest(t testing.TB) *signature.Request {
	t.Helper()
	return post(token(t, jwt.SigningMethodRS256, testPairs().rsa, nil, jwt.MapClaims{
		"data": `{"eventType":"wix.orders.created","instanceId":"i1","data":"{\"id\":\"o1\"}"}`, "iat": now, "exp": now + 60,
	}), "Content-Type", "text/plain")
}

func falRequest() *signature.Request {
	body := `{"status":"OK"}`
	digest := sha256.Sum256([]byte(body))
	text := "r1\nu1\n" + strconv.Itoa(now) + "\n" + hex.EncodeToString(digest[:])
	return post(body, "X-Fal-Webhook-Signature", hex.EncodeToString(ed25519.Sign(testPairs().ed, []byte(text))),
		"X-Fal-Webhook-Request-Id", "r1", "X-Fal-Webhook-User-Id", "u1", "X-Fal-Webhook-Timestamp", strconv.Itoa(now))
}

func constantContactRequest(t testing.TB) *signature.Request {
	t.Helper()
	body := `{"event":"x"}`
	head := b64url(fmt.Appendf(nil, `{"alg":"RS256","ts":%d,"b64":false,"crit":["b64"]}`, now))
	return post(body, "X-Ctct-Webhook-Sig", head+".."+b64url(rsaSign(t, crypto.SHA256, []byte(head+"."+body))))
}

// larkRequest is encrypted, and signed over what is encrypted.
func larkRequest(t testing.TB) *signature.Request {
	t.Helper()
	body := `{"encrypt":"` + larkSeal(t, `{"header":{"event_id":"e1","event_type":"im.message.receive_v1"}}`) + `"}`
	sum := sha256.Sum256([]byte(strconv.Itoa(now) + "nonce" + textSecret + body))
	return post(body, "X-Lark-Signature", hex.EncodeToString(sum[:]), "X-Lark-Request-Timestamp", strconv.Itoa(now), "X-Lark-Request-Nonce", "nonce")
}

func larkSeal(t testing.TB, text string) string {
	t.Helper()
	key := sha256.Sum256([]byte(textSecret))
	block, err := aes.NewCipher(key[:])
	require.NoError(t, err)
	padding := aes.BlockSize - len(text)%aes.BlockSize
	padded := []byte(text + strings.Repeat(string(rune(padding)), padding))
	sealed := make([]byte, aes.BlockSize+len(padded))
	cipher.NewCBCEncrypter(block, sealed[:aes.BlockSize]).CryptBlocks(sealed[aes.BlockSize:], padded)
	return b64(sealed)
}
