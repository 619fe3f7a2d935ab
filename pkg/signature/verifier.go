package signature

import "slices"

// Verifier is a compiled [Scheme].
type Verifier struct {
	scheme     Scheme
	views      views
	uses       uses
	algs       []algorithm // the first is the default
	algHeader  string      // canonical, or empty
	algChoice  map[string]int
	locations  []sigLocation
	grammar    *grammar
	encoding   *encoding
	forms      []bool // of the body that may be signed: whether it is decoded
	keyKind    string
	publicKeys bool
	plain      variant
	special    *variant // for requests with specialWhen
	when       *value
	urls       []respell
	clock      *clock
	tokens     *tokenRules
	source     keySource
	alts       []*Verifier
}

// variant is what must be signed, and what must be equal.
type variant struct {
	messages []template
	also     [][2]*value
	fields   signedFields
}

// Scheme returns what the verifier was compiled from.
func (v *Verifier) Scheme() Scheme { return v.scheme }

// Open reports whether the scheme lets unsigned requests through: with the algorithm none, or when
// the signature is optional. A source must say that it is open to use such a scheme alone.
func (v *Verifier) Open() bool { return v.scheme.Alg == algNone || v.scheme.Optional }

// NeedsSecret reports whether a source must have a secret.
func (v *Verifier) NeedsSecret() bool { return v.scheme.Alg != algNone && v.scheme.KeySrc == "" }

// NeedsPublicURL reports whether Request.PublicURL must be set.
func (v *Verifier) NeedsPublicURL() bool {
	return v.uses.url || slices.ContainsFunc(v.alts, (*Verifier).NeedsPublicURL)
}

// ConfigNames lists the settings that {cfg:NAME} refers to.
func (v *Verifier) ConfigNames() []string {
	names := slices.Clone(v.uses.config)
	for _, alt := range v.alts {
		names = append(names, alt.ConfigNames()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
