package provider

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// openWix reads an event of Wix: a JWT whose claim `data` is JSON as text, whose
// member `data` is JSON as text again.
func openWix(r *signature.Request, _ []string) []byte {
	var claims struct {
		Data string `json:"data"`
	}
	var event struct {
		Type     string `json:"eventType"`
		Instance string `json:"instanceId"`
		Data     string `json:"data"`
	}
	parts := strings.Split(string(r.Body), ".")
	if len(parts) != 3 {
		return r.Body
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil || json.Unmarshal([]byte(claims.Data), &event) != nil {
		return r.Body
	}
	opened := map[string]any{"eventType": event.Type, "instanceId": event.Instance}
	if json.Valid([]byte(event.Data)) {
		opened["data"] = json.RawMessage(event.Data)
	}
	text, err := json.Marshal(opened)
	if err != nil {
		return r.Body
	}
	return text
}
