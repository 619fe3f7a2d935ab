package deliver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/header"
)

// The header fields of Standard Webhooks, and what the provider's own ones become.
const (
	headerWebhookID        = "Webhook-Id"
	headerWebhookTimestamp = "Webhook-Timestamp"
	headerWebhookSignature = "Webhook-Signature"
	originalPrefix         = "Original-"
)

// signer signs requests as Standard Webhooks has it
// (https://www.standardwebhooks.com), once with each of its keys, so that a
// receiver that knows either key of a rotation accepts them.
type signer struct{ keys [][]byte }

// newSigner returns nil for a destination without signing.
func newSigner(s *config.Signing) (*signer, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // no signer is what is asked for
	}
	out := &signer{keys: make([][]byte, len(s.Secrets))}
	for i, secret := range s.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret.Reveal(), "whsec_"))
		if err != nil || len(key) == 0 { // the error would quote the secret
			return nil, fmt.Errorf("signing secret %d is not base64", i+1)
		}
		out.keys[i] = key
	}
	return out, nil
}

// sign moves the provider's own trio out of the way and sets the destination's.
func (s *signer) sign(h http.Header, id string, body []byte, now time.Time) {
	for _, name := range header.Signing() {
		h.Del(originalPrefix + name) // only this process may say what was original
		if values, ok := h[name]; ok {
			h[originalPrefix+name] = values
		}
	}
	timestamp := strconv.FormatInt(now.Unix(), 10)
	h.Set(headerWebhookID, id)
	h.Set(headerWebhookTimestamp, timestamp)
	h.Set(headerWebhookSignature, s.signatures(id, timestamp, body))
}

func (s *signer) signatures(id, timestamp string, body []byte) string {
	out := make([]string, len(s.keys))
	for i, key := range s.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		out[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(out, " ")
}
