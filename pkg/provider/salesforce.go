package provider

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// Limits on what is read of a SOAP envelope: what is looked at comes first, within some hundred
// bytes. An XML reader takes many times the memory of what it reads.
const (
	maxXMLHead   = 16 << 10 // bytes
	maxXMLTokens = 512
)

// salesforceMessage is the part of an outbound message that is looked at.
type salesforceMessage struct{ organization, id, typ string }

// readSalesforce reads the head of the envelope, up to the object of the first notification. It is
// false when that does not come soon.
func readSalesforce(body []byte) (m salesforceMessage, ok bool) {
	decoder := xml.NewDecoder(io.LimitReader(bytes.NewReader(body), maxXMLHead))
	var path []string
	for range maxXMLTokens {
		token, err := decoder.Token()
		if err != nil {
			return m, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if path = append(path, token.Name.Local); m.start(path, token.Attr) {
				return m, true
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			m.take(path, token)
		}
	}
	return m, false
}

// start looks at an element that begins. It is true at the last one of interest.
func (m *salesforceMessage) start(path []string, attributes []xml.Attr) bool {
	if !isAt(path, "Notification", "sObject") {
		return false
	}
	for _, a := range attributes {
		if a.Name.Space == "http://www.w3.org/2001/XMLSchema-instance" && a.Name.Local == "type" {
			m.typ = a.Value
		}
	}
	return true
}

func (m *salesforceMessage) take(path []string, text []byte) {
	switch {
	case isAt(path, "OrganizationId"):
		m.organization += string(text)
	case isAt(path, "Notification", "Id"):
		m.id += string(text)
	}
}

// isAt reports whether path leads to the names, as the innermost below the notifications.
func isAt(path []string, names ...string) bool {
	return len(path) > 0 && slices.Equal(path[1:], append([]string{"Body", "notifications"}, names...))
}

// salesforceJSON turns the SOAP envelope into the JSON that the preset speaks of.
func salesforceJSON(r *signature.Request) []byte {
	message, ok := readSalesforce(r.Body)
	if !ok {
		return nil
	}
	typ := message.typ
	if _, name, qualified := strings.Cut(typ, ":"); qualified {
		typ = name
	}
	text, err := json.Marshal(map[string]string{"organization": message.organization, "id": message.id, "type": typ})
	if err != nil {
		return nil // three strings always encode
	}
	return text
}

// salesforce verifies and identifies by that JSON.
type salesforce struct{ canonical }

func newSalesforce(p *Preset, o Options) (verifier, error) {
	inner, err := newPlainVerifier(p, o)
	if err != nil {
		return nil, err
	}
	return salesforce{canonical{verifier: inner, rewrite: func(r *signature.Request) *signature.Request {
		return withBody(r, salesforceJSON(r))
	}}}, nil
}

func (salesforce) unwrap(r *signature.Request) []byte { return salesforceJSON(r) }
