package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrNoJSON is returned by Mask for a body that is no JSON.
var ErrNoJSON = errors.New("the body is no JSON, so what is personal in it cannot be found")

// Mask replaces personal data in a JSON body: what is under a key such as email, name or address, and
// texts that look like an address of mail or of a network, wherever they are. The same text becomes the same fake
// each time. All else stays as it is, byte for byte.
func Mask(body []byte) ([]byte, error) {
	if !json.Valid(body) {
		return nil, ErrNoJSON
	}
	m := masker{body: body, decoder: json.NewDecoder(bytes.NewReader(body))}
	m.decoder.UseNumber()
	if err := m.value(""); err != nil {
		return nil, fmt.Errorf("replace personal data: %w", err)
	}
	return append(m.out.Bytes(), body[m.copied:]...), nil
}

// masker goes through a document, and copies what it does not replace.
type masker struct {
	body    []byte
	decoder *json.Decoder
	out     bytes.Buffer
	copied  int
}

// value goes through one value, which is under the key.
func (m *masker) value(key string) error {
	before := int(m.decoder.InputOffset())
	token, err := m.decoder.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		return m.inside(key, v)
	case string:
		m.replace(before, fake(key, v))
	}
	return nil
}

// inside goes through what an object or a list holds. The values of a list are under its own key.
func (m *masker) inside(key string, open json.Delim) error {
	for m.decoder.More() {
		under := key
		if open == '{' {
			token, err := m.decoder.Token()
			if err != nil {
				return err
			}
			under, _ = token.(string)
		}
		if err := m.value(under); err != nil {
			return err
		}
	}
	_, err := m.decoder.Token()
	return err
}

// replace writes another text in the place of the string that was just read; of an empty one it stays.
func (m *masker) replace(before int, by string) {
	if by == "" {
		return
	}
	text, err := json.Marshal(by)
	if err != nil {
		return // it is text
	}
	start := before + bytes.IndexByte(m.body[before:], '"')
	m.out.Write(m.body[m.copied:start])
	m.out.Write(text)
	m.copied = int(m.decoder.InputOffset())
}

var (
	mail    = regexp.MustCompile(`[^\s<>"',;:()]+@[^\s<>"',;:()]+\.[^\s<>"',;:()]+`)
	network = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)

	phones   = []string{"phone", "mobile", "fax", "msisdn"}
	personal = []string{
		"name", "login", "address", "street", "line1", "line2", "city", "zip", "postal", "postcode", "birth", "dob",
		"iban", "ssn", "taxid", "passport", "avatar",
	}
	harmless = []string{"eventname", "typename", "filename", "hostname"}
)

// fake returns what to write in place of a text; empty: it may stay.
func fake(key, text string) string {
	folded := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	within := mail.ReplaceAllStringFunc(text, mailbox)
	within = network.ReplaceAllString(within, "192.0.2.1")
	switch {
	case text == "":
		return ""
	case containsAny(folded, phones):
		return "+1555" + digits(text) + "00"
	case within != text:
		return within
	case strings.Contains(folded, "email"):
		return mailbox(text)
	case containsAny(folded, personal) && !containsAny(folded, harmless):
		return "Fake " + digits(text)
	default:
		return ""
	}
}

// mailbox is the fake of an address of mail, however that is capitalised.
func mailbox(address string) string {
	return "person-" + digits(strings.ToLower(address)) + "@example.com"
}

func containsAny(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// digits are four digits of a text's digest: too few to tell the text from them.
func digits(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%04d", binary.BigEndian.Uint32(sum[:])%10_000)
}
