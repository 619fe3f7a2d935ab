package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

// DefaultWindow is how long an event is remembered that a preset says nothing
// about: few providers try for longer than three days.
const DefaultWindow = 72 * time.Hour

// RaceWindow is how long a repetition is a duplicate if the provider sends an event again
// only because a person asks for it. Copies that race each other come within it.
const RaceWindow = 30 * time.Second

// Window returns how long after it was accepted an event of the source makes a repetition
// a duplicate: as long as it is remembered, or RaceWindow.
func (s *Source) Window() time.Duration {
	if s.preset != nil && s.preset.NoRetry {
		return RaceWindow
	}
	return s.Memory()
}

// Memory returns how long an event of the source is remembered, so that a repetition is
// recognised. Zero: not at all, because nothing shows that two requests are the same
// event, as with a custom scheme without an id.
func (s *Source) Memory() time.Duration {
	switch {
	case s.preset == nil && !s.identifies:
		return 0
	case s.preset != nil && s.preset.Window > 0:
		return s.preset.Window
	default:
		return DefaultWindow
	}
}

// Fingerprint returns what is the same in two verified requests only if they are
// the same event; id is what Identify returned for the request. It rests on what
// the provider signed: on the id alone where the signature covers it, and else on
// the id together with the body. Of a form whose fields are signed that is what they say, however they
// are written. So nobody can have a future event taken for a
// known one by sending its id along with a body that was signed before. It is
// false when the request cannot be told from other events.
func (s *Source) Fingerprint(r *signature.Request, id string) (string, bool) {
	if s.unlike(r) {
		return "", false
	}
	sum := sha256.New()
	if s.signsID && id != "" {
		sum.Write([]byte("id\x00" + id))
	} else {
		sum.Write([]byte("body\x00" + id + "\x00"))
		if !s.signsForm || !signature.WriteForm(sum, r, s.signedIn...) {
			sum.Write(r.Body)
		}
	}
	var digest [sha256.Size]byte
	var text [2 * sha256.Size]byte
	return string(hex.AppendEncode(text[:0], sum.Sum(digest[:0]))), true
}

// unlike reports whether Identify made up an id, because nothing in the request is
// one.
func (s *Source) unlike(r *signature.Request) bool {
	alike := s.preset != nil && s.preset.Alike || len(r.Body) == 0 && r.RawQuery == ""
	return alike && s.id.Eval(s.unwrapped(r)) == ""
}

// signs reports whether what verifies a source of the preset covers the id. What
// code alone verifies covers the body.
func (p *Preset) signs(settings map[string]string) bool {
	if p.Code != "" && p.Scheme.Alg == "" {
		return signature.Scheme{Alg: "hmac-sha256"}.Covers(p.EventID)
	}
	scheme, err := p.scheme(settings)
	return err == nil && scheme.Covers(p.EventID)
}

// form says of a source of the preset whether the fields of a form are what is signed, and not how they are
// written, and in which of them the signature is.
func (p *Preset) form() (signed bool, in []string) {
	signed, _ = p.Scheme.SignsForm()
	for _, at := range p.Scheme.Sig {
		if name, is := strings.CutPrefix(at, "form:"); is {
			name, _, _ = strings.Cut(name, "|")
			in = append(in, name)
		}
	}
	return signed || p.Code == "plivo", in
}
