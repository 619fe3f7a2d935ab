package provider

import "github.com/penstock/penstock/pkg/signature"

// Handshake is one question that a provider asks before, or between, events,
// and its answer. All text on the right side of a colon is a template: literal
// text with placeholders like {json:challenge}; see the package comment.
type Handshake struct {
	// When tells the question from an event.
	When When `json:"when" yaml:"when"`
	// First is "verify" when the question is signed and only an authentic one is
	// answered, and "before" when it comes unsigned.
	First string `json:"first" yaml:"first"`
	// Match holds, by expression, a pattern that the whole value must match. It
	// keeps an unsigned question from having arbitrary text signed.
	Match map[string]string `json:"match,omitempty" yaml:"match"`
	// Check holds, by expression, a template that must equal the value. An empty
	// expected value never matches. Compared in constant time.
	Check map[string]string `json:"check,omitempty" yaml:"check"`
	// OneOf holds, by expression, a template whose words, separated by spaces or
	// commas, the value must be one of.
	OneOf map[string]string `json:"oneOf,omitempty" yaml:"oneOf"`
	// Refuse is the status when Match, Check or OneOf fail. Zero means 403.
	Refuse int `json:"refuse,omitempty" yaml:"refuse"`
	// Store is an expression whose value is the secret of all that follows. Such
	// a handshake is answered only while the source is pending.
	Store string `json:"store,omitempty" yaml:"store"`
	// Reply is the answer.
	Reply Reply `json:"reply" yaml:"reply"`
}

// When is a set of conditions; all that are stated must hold.
type When struct {
	// Method is the request's method.
	Method string `json:"method" yaml:"method"`
	// Has lists expressions that have a value.
	Has signature.Strings `json:"has,omitempty" yaml:"has"`
	// Lacks lists expressions that have none.
	Lacks signature.Strings `json:"lacks,omitempty" yaml:"lacks"`
	// Is holds, by expression, the exact value.
	Is map[string]string `json:"is,omitempty" yaml:"is"`
	// Members, when not empty, are all members of a JSON object that is the body.
	Members signature.Strings `json:"members,omitempty" yaml:"members"`
}

// Reply is the template of an answer.
type Reply struct {
	// Status is the HTTP status. Zero means 200.
	Status int `json:"status,omitempty" yaml:"status"`
	// Type is the media type of the body; empty without a body.
	Type string `json:"type,omitempty" yaml:"type"`
	// Header holds additional fields, by name.
	Header map[string]string `json:"header,omitempty" yaml:"header"`
	// Body is the body.
	Body string `json:"body,omitempty" yaml:"body"`
}

// Answer is a reply that is ready to be sent as it stands.
type Answer struct {
	// Status is the HTTP status, never zero.
	Status int
	// ContentType is empty without a body.
	ContentType string
	// Header holds further fields by their canonical names. It may be nil.
	Header map[string]string
	// Body may be nil.
	Body []byte
	// Secret is what the provider handed over with the question, while the source
	// is pending; it is not part of the answer and must not be logged. Empty: none.
	Secret string
}
