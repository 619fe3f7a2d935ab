package diagnose

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxReencoded is the size in bytes up to which other encodings of a JSON body
// are tried; there are some hundreds.
const maxReencoded = 256 << 10

const rawBody = "Verify the raw bytes, before the framework parses them; most have a way to keep them."

// respelled is another spelling of the body.
type respelled struct {
	body   []byte
	cause  string
	remedy string
}

// bodySpellings returns what the body may have been before it was changed.
func bodySpellings(body []byte) []respelled {
	text := string(body)
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	list := []respelled{
		{[]byte(strings.TrimRight(text, "\r\n")), "The body has a line feed at its end that was not signed.", "An editor, echo or a here-document adds one: keep the exact bytes, for instance with curl --data-binary @file."},
		{[]byte(text + "\n"), "The body has lost the line feed at its end.", "Something trims it: " + rawBody},
		{[]byte(text + "\r\n"), "The body has lost the line end at its end.", "Something trims it: " + rawBody},
		{[]byte(unix), "The line ends of the body were changed to CR LF.", "Keep the exact bytes: no text mode, no autocrlf."},
		{[]byte(strings.ReplaceAll(unix, "\n", "\r\n")), "The line ends of the body were changed from CR LF to LF.", "Keep the exact bytes: no text mode, no autocrlf."},
		{bytes.TrimPrefix(body, []byte("\ufeff")), "The body has a byte order mark that was not signed.", "Save it as UTF-8 without BOM."},
		{[]byte(strings.TrimSpace(text)), "The body has white space around it that was not signed.", "Keep the exact bytes."},
		{nil, "The signature is that of an empty body.", "The sender signed before it had a body, or sent it otherwise than it signed it."},
		{fromBase64(text), "The body is still base64.", "Decode it first: AWS API Gateway and Lambda say isBase64Encoded."},
		{asForm(text), "The body is the payload of a form; the whole form is signed.", "Verify the form as it came, payload=… and all, and take the payload out of it afterwards."},
		{onlyLatin1(text), "The body was converted to UTF-8 from Latin-1.", "Read it as bytes, not as text."},
		{utf8FromLatin1(text), "The body was read as Latin-1, though it is UTF-8.", "Read it as bytes, not as text."},
	}
	if decoded, err := url.QueryUnescape(text); err == nil {
		list = append(list, respelled{[]byte(decoded), "The body is still URL-encoded.", "Decode it, or find what encodes it."})
	}
	if len(body) <= maxReencoded {
		list = append(list, jsonSpellings(body)...)
	}
	return slices.DeleteFunc(list, func(r respelled) bool { return bytes.Equal(r.body, body) })
}

func (d *detective) bodySlips() []trial {
	var trials []trial
	for _, r := range bodySpellings(d.c.Request.Body) {
		trials = append(trials, trial{d.c.withBody(r.body), r.cause, r.remedy})
	}
	return trials
}

// secretAndBodySlips are the two commonest slips at once.
func (d *detective) secretAndBodySlips() []trial {
	if len(d.c.Request.Body) > maxReencoded {
		return nil
	}
	var trials []trial
	for _, secret := range d.c.Options.Secrets {
		for _, v := range secretSpellings(secret) {
			for _, r := range bodySpellings(d.c.Request.Body)[:1] {
				trials = append(trials, trial{
					d.c.withSecrets(v.text).withBody(r.body), v.cause + " And: " + r.cause, v.remedy + " " + r.remedy,
				})
			}
		}
	}
	return trials
}

func fromBase64(text string) []byte {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return []byte(text)
	}
	return decoded
}

func asForm(text string) []byte {
	if !strings.HasPrefix(text, "{") {
		return []byte(text)
	}
	return []byte("payload=" + url.QueryEscape(text))
}

// onlyLatin1 encodes text in ISO 8859-1, if it can be and is no UTF-8 then.
func onlyLatin1(text string) []byte {
	if out := latin1(text); !utf8.Valid(out) {
		return out
	}
	return []byte(text)
}

// latin1 encodes text in ISO 8859-1, if it can be.
func latin1(text string) []byte {
	var out []byte
	for _, r := range text {
		if r > 0xff {
			return []byte(text)
		}
		out = append(out, byte(r))
	}
	return out
}

// utf8FromLatin1 undoes one round of reading UTF-8 as ISO 8859-1.
func utf8FromLatin1(text string) []byte {
	if out := latin1(text); utf8.Valid(out) {
		return out
	}
	return []byte(text)
}
