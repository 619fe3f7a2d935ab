package provider

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// hygraphForm is the JSON text that Hygraph signs: the body as a string, the
// environment and the time of the signature field, as ECMAScript writes them.
func hygraphForm(r *signature.Request) *signature.Request {
	parts := map[string]string{}
	for entry := range strings.SplitSeq(r.Header.Get("Gcms-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(entry), "=")
		if _, twice := parts[name]; twice {
			return nil
		}
		parts[name] = value
	}
	if parts["t"] == "" || strings.Trim(parts["t"], "0123456789") != "" {
		return nil
	}
	text := `{"Body":` + quoteECMAScript(string(r.Body)) +
		`,"EnvironmentName":` + quoteECMAScript(parts["env"]) + `,"TimeStamp":` + parts["t"] + `}`
	return withBody(r, []byte(text))
}

// quoteECMAScript is JSON.stringify of a string. It leaves alone what package
// json escapes for the sake of HTML and of old script engines. An escaped
// backslash goes first, so that what follows it is not taken for an escape.
func quoteECMAScript(text string) string {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return "" // a string always encodes
	}
	return strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029", "\n", "").Replace(quoted.String())
}
