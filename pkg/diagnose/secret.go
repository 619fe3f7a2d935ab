package diagnose

import (
	"net/url"
	"slices"
	"strings"
)

// variant is another spelling of a value.
type variant struct {
	text   string
	cause  string
	remedy string
}

const fromProvider = "Take the secret exactly as the provider shows it."

// secretSpellings returns what the secret may have been before it was spoiled.
func secretSpellings(secret string) []variant {
	trimmed := strings.TrimSpace(secret)
	unquoted := trimmed
	if n := len(trimmed); n > 2 && trimmed[0] == trimmed[n-1] && strings.ContainsRune("'\"`", rune(trimmed[0])) {
		unquoted = trimmed[1 : n-1]
	}
	decoded, err := url.QueryUnescape(trimmed)
	if err != nil {
		decoded = trimmed
	}
	_, afterEqual, _ := strings.Cut(trimmed, "=")
	list := []variant{
		{trimmed, "The secret has white space around it.", "Remove it; a line feed at the end of a file or of an environment variable is the usual one."},
		{unquoted, "The secret has quotation marks around it.", "Remove them: the shell or the file that sets it keeps them."},
		{strings.TrimPrefix(trimmed, "whsec_"), "The secret should be without whsec_.", fromProvider},
		{"whsec_" + trimmed, "The secret should start with whsec_.", fromProvider},
		{decoded, "The secret is still URL-encoded.", "Decode it: %2B is +, %2F is /, %3D is =."},
		{strings.ReplaceAll(trimmed, `\n`, "\n"), `The secret has \n where a line feed belongs.`, "Let the file or the variable hold real line feeds."},
		{strings.ToLower(trimmed), "The secret should be in small letters.", fromProvider},
		{strings.ToUpper(trimmed), "The secret should be in capitals.", fromProvider},
		{trimmed + "=", "The secret has lost the = at its end.", fromProvider},
		{trimmed + "==", "The secret has lost the == at its end.", fromProvider},
		{trimmed + "\n", "The sender's secret ends with a line feed.", "Set it again at the sender, without one."},
		{afterEqual, "The secret has a NAME= before it.", "Keep only what follows the =."},
		{strings.TrimPrefix(trimmed, "Bearer "), "The secret has Bearer before it.", "Keep only what follows."},
	}
	return slices.DeleteFunc(list, func(v variant) bool { return v.text == secret || v.text == "" })
}

// secretSlips are spoiled secrets, and secrets that are read in another way.
func (d *detective) secretSlips() []trial {
	var trials []trial
	for _, secret := range d.c.Options.Secrets {
		for _, v := range secretSpellings(secret) {
			trials = append(trials, trial{d.c.withSecrets(v.text), v.cause, v.remedy})
		}
	}
	scheme := d.c.scheme()
	if !symmetric(scheme.Alg) {
		return trials
	}
	for _, kind := range []string{"utf8", "base64", "hex", "whsec", "sha256", "sha1"} {
		changed := scheme
		changed.Key = kind
		cause := "The signature fits when the secret is " + keyKinds()[kind] + "."
		remedy := "Set the scheme's key to " + kind + "."
		if d.c.Preset != nil {
			remedy = d.c.name() + " does not sign so: check that the secret is the one of this webhook, and that a tool in between does not sign anew."
		}
		trials = append(trials, trial{d.c.with(changed), cause, remedy})
	}
	return trials
}

func keyKinds() map[string]string {
	return map[string]string{
		"utf8":   "used as it is written",
		"base64": "decoded from base64",
		"hex":    "decoded from hexadecimal",
		"whsec":  "decoded from base64 without whsec_",
		"sha256": "hashed with SHA-256 first",
		"sha1":   "hashed with SHA-1 first",
	}
}

func symmetric(alg string) bool { return strings.HasPrefix(alg, "hmac-") }
