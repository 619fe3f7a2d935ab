package provider

import (
	"net/http"
	"strconv"
)

// Probe is a request of a provider's set-up, and what becomes of it. It is an example
// that the tests send to a gateway.
type Probe struct {
	// What says what it is, in words, such as "the button Test connection".
	What string `json:"what" yaml:"what"`
	// Method is the HTTP method. Empty: POST.
	Method string `json:"method,omitempty" yaml:"method"`
	// Query is the query, without the question mark.
	Query string `json:"query,omitempty" yaml:"query"`
	// Header holds header fields, by name.
	Header map[string]string `json:"header,omitempty" yaml:"header"`
	// Body is the body.
	Body string `json:"body,omitempty" yaml:"body"`
	// Signed says how it is signed.
	Signed Signing `json:"signed,omitempty" yaml:"signed"`
	// Status is the status that the provider wants. Zero means 200.
	Status int `json:"status,omitempty" yaml:"status"`
	// Event is set when the request is an event, which is delivered.
	Event bool `json:"event,omitempty" yaml:"event"`
}

// Outcome says in words what becomes of the probe, such as "200, not delivered".
func (p Probe) Outcome() string {
	status := p.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case p.Event:
		return strconv.Itoa(status) + ", delivered"
	case p.Signed == SignedWrong && status >= http.StatusBadRequest:
		return strconv.Itoa(status)
	default:
		return strconv.Itoa(status) + ", not delivered"
	}
}

// Signing says how a probe is signed.
type Signing string

// The ways. SignedNot is the zero value.
const (
	SignedNot   Signing = ""
	SignedRight Signing = "right" // as an event is
	SignedWrong Signing = "wrong" // with a signature that fits another secret
)

// Refusal returns what the provider wants to hear for a request that is not
// authentic. It is false when the gateway may answer in its own way.
func (s *Source) Refusal() (Answer, bool) {
	if s.preset == nil || s.preset.Refusal == nil {
		return Answer{}, false
	}
	wanted := s.preset.Refusal
	answer := Answer{Status: wanted.Status, ContentType: wanted.Type}
	if answer.Status == 0 {
		answer.Status = http.StatusUnauthorized
	}
	if wanted.Body != "" {
		answer.Body = []byte(wanted.Body)
	}
	return answer, true
}
