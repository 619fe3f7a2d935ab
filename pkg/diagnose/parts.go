package diagnose

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// lookedAt lists what the verification is about, for comparison with the sender.
func lookedAt(c Case) []string {
	sum := sha256.Sum256(c.Request.Body)
	s := c.scheme()
	list := []string{fmt.Sprintf("body of %d bytes, SHA-256 %s", len(c.Request.Body), hex.EncodeToString(sum[:]))}
	if len(s.Sig) > 0 {
		list = append(list, "signature in "+strings.Join(places(s.Sig), " or ")+", by "+s.Alg)
	}
	if s.Msg != "" && s.Msg != "{body}" {
		list = append(list, "signed is "+s.Msg)
	}
	if coversURL(s) {
		list = append(list, "address "+c.Options.PublicURL)
	}
	return list
}

// missingParts names the parts of the message that are not there.
func (d *detective) missingParts() []Finding {
	s := d.c.scheme()
	locations := placeholders(s.Msg)
	if s.TS != nil {
		locations = append(locations, s.TS.From)
	}
	var absent []string
	for _, l := range locations {
		expr, err := signature.CompileExpr(signature.Strings{l})
		if err == nil && expr.Eval(d.c.Request) == "" {
			absent = append(absent, l)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return []Finding{{
		Cause:  "Missing: " + strings.Join(places(absent), ", ") + ".",
		Remedy: "The capture may be incomplete, or the request is of another version of the provider's webhooks.",
	}}
}

var placeholder = regexp.MustCompile(`\{((?:header|query|form|json|formjson):[^}|?]+)\}`)

// placeholders returns the locations in a template that must be there.
func placeholders(template string) []string {
	var list []string
	for _, match := range placeholder.FindAllStringSubmatch(template, -1) {
		list = append(list, match[1])
	}
	return list
}

// malformed compares what is there with how it should be written.
func (d *detective) malformed() []Finding {
	s := d.c.scheme()
	items := s.Items
	if len(items) == 0 {
		items = signature.Strings{"{sig}"}
	}
	enc := s.Enc
	if enc == "" {
		enc = "hex"
	}
	f := Finding{
		Cause:  fmt.Sprintf("It should be written as %s, in %s%s.", strings.Join(items, " or "), enc, separated(s)),
		Remedy: "It may have been cut or altered on its way, or be of another version of the provider's webhooks.",
	}
	if text := d.signatureText(); text != "" {
		f.Cause += " What is there: " + shape(text) + "."
	}
	return []Finding{f}
}

func separated(s signature.Scheme) string {
	if s.Sep == "" {
		return ""
	}
	return fmt.Sprintf(", separated by %q", s.Sep)
}

// signatureText returns the first signature field's value.
func (d *detective) signatureText() string {
	for _, l := range d.c.scheme().Sig {
		if name, ok := strings.CutPrefix(l, "header:"); ok {
			if values := d.c.Request.Header[http.CanonicalHeaderKey(name)]; len(values) > 0 {
				return values[0]
			}
		}
	}
	return ""
}

var (
	hexadecimal = regexp.MustCompile(`^[0-9a-fA-F]+$`)
	base64Text  = regexp.MustCompile(`^[0-9A-Za-z+/_-]+={0,2}$`)
	tag         = regexp.MustCompile(`^[a-z0-9]{1,10}[=,:]`)
)

// shape describes a value without showing it.
func shape(text string) string {
	prefix := tag.FindString(text)
	if hexadecimal.MatchString(text) {
		prefix = ""
	}
	rest := text[len(prefix):]
	kind := "characters that are neither hexadecimal nor base64"
	switch {
	case rest == "":
		return "nothing but " + prefix
	case hexadecimal.MatchString(rest):
		kind = "hexadecimal digits" + digestName(len(rest)/2)
	case base64Text.MatchString(rest):
		kind = "characters of base64" + digestName(len(strings.TrimRight(rest, "="))*3/4)
	}
	described := fmt.Sprintf("%d %s", len(rest), kind)
	if prefix != "" {
		described += fmt.Sprintf(" after %q", prefix)
	}
	return described
}

func digestName(bytes int) string {
	names := map[int]string{16: "MD5", 20: "SHA-1", 32: "SHA-256", 48: "SHA-384", 64: "SHA-512"}
	if name, ok := names[bytes]; ok {
		return ", as many as " + name + " has"
	}
	return ""
}

// oddities are what looks wrong without proof.
func (d *detective) oddities() []Finding {
	var list []Finding
	r := d.c.Request
	if len(r.Body) == 0 && !slices.Contains([]string{http.MethodGet, http.MethodHead}, r.Method) {
		list = append(list, Finding{
			Cause:  "The request has no body.",
			Remedy: "If the sender sent one, the capture lost it: something read it before.",
		})
	}
	if want, got := digestSize(d.c.scheme().Alg), d.signatureSize(); want > 0 && got > 0 && want != got {
		list = append(list, Finding{
			Cause:  fmt.Sprintf("The signature has %d bytes%s; %s makes %d.", got, digestName(got), d.c.scheme().Alg, want),
			Remedy: "It was made in another way, or cut.",
		})
	}
	if d.c.Request.Header.Get("Content-Encoding") != "" {
		list = append(list, Finding{
			Cause:  "The body is, or was, compressed: there is a Content-Encoding.",
			Remedy: "Most providers sign what they compressed, some the plain body: try the other form of it.",
		})
	}
	return list
}

func digestSize(alg string) int {
	return map[string]int{"hmac-sha1": 20, "hmac-sha256": 32, "hmac-sha384": 48, "hmac-sha512": 64}[alg]
}

// signatureSize guesses the size of a signature that stands alone in its field.
func (d *detective) signatureSize() int {
	text := d.signatureText()
	if d.c.scheme().Sep != "" {
		return 0
	}
	text = strings.TrimPrefix(text, tag.FindString(text))
	switch {
	case hexadecimal.MatchString(text):
		return len(text) / 2
	case base64Text.MatchString(text):
		return len(strings.TrimRight(text, "=")) * 3 / 4
	default:
		return 0
	}
}
