package provider

import (
	"encoding/json"
	"encoding/xml"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// salesforceMessage is the part of an outbound message that is looked at.
type salesforceMessage struct {
	Organization string `xml:"Body>notifications>OrganizationId"`
	Notification []struct {
		ID     string `xml:"Id"`
		Object struct {
			Type string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
		} `xml:"sObject"`
	} `xml:"Body>notifications>Notification"`
}

// salesforceJSON turns the SOAP envelope into the JSON that the preset speaks of.
func salesforceJSON(r *signature.Request) []byte {
	var message salesforceMessage
	if xml.Unmarshal(r.Body, &message) != nil || len(message.Notification) == 0 {
		return nil
	}
	first := message.Notification[0]
	typ := first.Object.Type
	_, name, qualified := strings.Cut(typ, ":")
	if qualified {
		typ = name
	}
	text, err := json.Marshal(map[string]string{"organization": message.Organization, "id": first.ID, "type": typ})
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
