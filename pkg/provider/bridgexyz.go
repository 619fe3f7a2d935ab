package provider

import (
	"crypto/sha256"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// bridgeForm is what bridge.xyz signs: the SHA-256 of "time.body", which is then
// hashed once more as RSA signatures are.
func bridgeForm(r *signature.Request) *signature.Request {
	var times []string
	for entry := range strings.SplitSeq(r.Header.Get("X-Webhook-Signature"), ",") {
		if at, ok := strings.CutPrefix(strings.TrimSpace(entry), "t="); ok {
			times = append(times, at)
		}
	}
	if len(times) != 1 { // of two times one could be signed and the other be looked at
		return nil
	}
	h := sha256.New()
	h.Write([]byte(times[0] + "."))
	h.Write(r.Body)
	return withBody(r, h.Sum(nil))
}
