package e2e

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
)

// keyHosts are the hosts whose keys the tests fetch.
var keyHosts = []string{
	"api.ebay.com", "api.circle.com", "production.plaid.com", "api.paypal.com", "sns.eu-west-1.amazonaws.com", "api.shipengine.com", "www.googleapis.com",
}

// keyName is the name of the key that a gateway asks for. Who asks for a whole set names none.
func keyName(r *http.Request) string {
	switch r.Host {
	case "production.plaid.com":
		var question struct {
			Name string `json:"key_id"`
		}
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, &question)
		return question.Name
	case "api.shipengine.com", "www.googleapis.com":
		return "authentic"
	default:
		return strings.TrimSuffix(path.Base(r.URL.Path), ".pem")
	}
}

// document is the key as the host publishes it.
func (k *keyServer) document(host string) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.key.PublicKey)
	if err != nil {
		return "", err
	}
	switch host {
	case "api.ebay.com":
		return asJSON(map[string]string{"key": writePEM("PUBLIC KEY", der)})
	case "api.circle.com":
		return asJSON(map[string]any{"data": map[string]string{"publicKey": base64.StdEncoding.EncodeToString(der)}})
	case "production.plaid.com":
		point, err := k.key.PublicKey.Bytes()
		if err != nil {
			return "", err
		}
		return asJSON(map[string]any{"key": map[string]string{
			"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "authentic", "x": inBase64URL(point[1:33]), "y": inBase64URL(point[33:]),
		}})
	case "api.shipengine.com", "www.googleapis.com":
		return asJSON(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "authentic", "n": inBase64URL(k.rsa.N.Bytes()), "e": "AQAB",
		}}})
	default:
		certificate, err := certify(k.rsa, "sns.amazonaws.com", "messageverificationcerts.paypal.com")
		return writePEM("CERTIFICATE", certificate), err
	}
}

func asJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func inBase64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
