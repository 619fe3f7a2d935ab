package provider

import (
	"slices"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// Preset is one provider as its file in presets/ describes it. It is data: a
// value that a caller got may be read by many goroutines, and changed by none.
type Preset struct {
	// ID is the name of the file without its extension, for instance "github".
	ID string `json:"id" yaml:"-"`
	// Name is what people call the provider.
	Name string `json:"name" yaml:"name"`
	// Category groups the presets in lists, for instance "Payments and finance".
	Category string `json:"category" yaml:"category"`
	// Like names a preset whose fields this one starts from. Each field that
	// the file states replaces the inherited one whole.
	Like string `json:"like,omitempty" yaml:"like"`

	// Scheme says how a request is verified. Its text may hold {cfg:NAME} in the
	// places where the signature is found. It is empty when Code verifies alone.
	Scheme signature.Scheme `json:"scheme" yaml:"scheme"`
	// Code names the Go code that verifies what no scheme can express, or that
	// fetches the key of one. Empty: the scheme alone decides.
	Code string `json:"code,omitempty" yaml:"code"`
	// Params are the settings of Code, such as the path of a list.
	Params map[string]string `json:"params,omitempty" yaml:"params"`
	// Online says what is fetched over the network to verify a request. Empty:
	// nothing is, and a captured request can be verified offline.
	Online string `json:"online,omitempty" yaml:"online"`
	// Secret tells the operator which value to configure as the source's secret.
	Secret string `json:"secret,omitempty" yaml:"secret"`
	// SecretUse says whether a source of this preset must have a secret.
	SecretUse SecretUse `json:"secretUse,omitempty" yaml:"secretUse"`
	// SecretAt lists where in the request the secret travels, where Code reads it from
	// another form of the request than the scheme speaks of. Else the scheme says it.
	SecretAt signature.Strings `json:"secretAt,omitempty" yaml:"secretAt"`
	// Config lists the settings that {cfg:NAME} and Code read, by name.
	Config map[string]Setting `json:"config,omitempty" yaml:"config"`

	// Allow holds, by expression, the name of a setting. An authentic request is
	// accepted only if the value is one of the words of the setting, where it is
	// set: what is signed by the provider may still be meant for somebody else.
	Allow map[string]string `json:"allow,omitempty" yaml:"allow"`

	// Require holds, by expression, a pattern that the whole value must match in an
	// authentic event. It tells events from the texts that a handshake signs for
	// anybody who asks.
	Require map[string]string `json:"require,omitempty" yaml:"require"`

	// EventID and EventType are tried in order; the first that has a value names
	// the event. Without a value the caller falls back: see [Source.Identify]. The
	// id must be one of the event, not of the thing that it is about: what has the
	// id of an earlier event is taken for it.
	EventID   signature.Strings `json:"eventID,omitempty" yaml:"eventID"`
	EventType signature.Strings `json:"eventType,omitempty" yaml:"eventType"`
	// Alike is set when two events can have the same body and have no id: then the
	// body does not tell an event that is sent again from another one.
	Alike bool `json:"alike,omitempty" yaml:"alike"`
	// Window is how long an event is remembered, so that a repetition is recognised.
	// Zero means DefaultWindow.
	Window time.Duration `json:"window,omitempty" yaml:"window"`

	// Methods are accepted besides POST and what the handshakes need.
	Methods signature.Strings `json:"methods,omitempty" yaml:"methods"`
	// Handshakes are tried in order; the first whose When holds answers.
	Handshakes []Handshake `json:"handshakes,omitempty" yaml:"handshakes"`
	// Setup lists what the provider sends while somebody sets a source up, besides
	// its handshakes: a test button, an empty event, a probe with a wrong signature.
	Setup []Probe `json:"setup,omitempty" yaml:"setup"`
	// Reply is what the provider wants to hear for an accepted event. The zero
	// value means 200 with an empty body.
	Reply Reply `json:"reply" yaml:"reply"`
	// Refusal is what the provider wants to hear for a request that is not
	// authentic; its texts are no templates. Nil: 401 with problem details.
	Refusal *Reply `json:"refusal,omitempty" yaml:"refusal"`

	// MaxBodyMiB is the largest body that the provider is known to send, in MiB. Zero:
	// not known.
	MaxBodyMiB int `json:"maxBodyMiB,omitempty" yaml:"maxBodyMiB"`
	// Deadline is how long the provider waits for the reply. Zero: not known.
	Deadline time.Duration `json:"deadline,omitempty" yaml:"deadline"`
	// Retries describes what the provider does after a failure, in words.
	Retries string `json:"retries,omitempty" yaml:"retries"`
	// NoRetry is set when the provider never sends an event a second time by
	// itself, so that what the gateway refuses is lost. It sends an event again only
	// because a person asks for it, who wants it delivered: see RaceWindow.
	NoRetry bool `json:"noRetry,omitempty" yaml:"noRetry"`
	// HabitsEvidence grades Deadline and Retries as Evidence grades the scheme.
	HabitsEvidence string `json:"habitsEvidence,omitempty" yaml:"habitsEvidence"`

	// Evidence says how far the scheme can be trusted: A, read in the provider's
	// own code or documentation; B, read in a catalogue of others; C, known but
	// not read again. Confirm B and C with one live delivery.
	Evidence string `json:"evidence" yaml:"evidence"`
	// Docs names the provider's own document on the subject.
	Docs string `json:"docs,omitempty" yaml:"docs"`
	// Notes hold what surprises people.
	Notes string `json:"notes,omitempty" yaml:"notes"`
}

// SecretUse says whether a source must have a secret.
type SecretUse string

const (
	// SecretRequired is the zero value: without a secret nothing can be verified.
	SecretRequired SecretUse = ""
	// SecretOptional means that the key is fetched, and that a configured one is
	// used instead.
	SecretOptional SecretUse = "optional"
	// SecretNone means that the provider signs nothing.
	SecretNone SecretUse = "none"
)

// Setting is one value of a source's `config` that a preset reads.
type Setting struct {
	// Help tells the operator where the value comes from.
	Help string `json:"help" yaml:"help"`
	// Default is used when the source sets no value.
	Default string `json:"default,omitempty" yaml:"default"`
	// Required makes a missing value an error of the configuration.
	Required bool `json:"required,omitempty" yaml:"required"`
}

// Verifies reports whether requests of this preset are verified at all. A few
// providers sign nothing; a source of theirs must say `open: true`.
func (p *Preset) Verifies() bool {
	return p.Scheme.Alg != "none" && !p.Scheme.Optional
}

// Captures reports whether the provider hands the secret over in a handshake. Only
// a source of such a preset can be pending.
func (p *Preset) Captures() bool {
	return slices.ContainsFunc(p.Handshakes, func(h Handshake) bool { return h.Store != "" })
}
