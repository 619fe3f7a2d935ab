package signature

import (
	"net/textproto"
	"slices"
	"strings"
)

// Covers reports whether every signature that the scheme accepts covers what the
// expressions find, as far as the scheme's text tells: then nobody but the signer
// can have chosen it. It is false when in doubt, and for a scheme that signs
// nothing of the request, such as a token. See [CompileExpr] for the expressions.
func (s Scheme) Covers(exprs Strings) bool {
	if len(exprs) == 0 || s.Optional || s.AltScheme != "" {
		return false
	}
	for _, alternative := range s.Alt {
		if !alternative.Covers(exprs) {
			return false
		}
	}
	for _, expr := range exprs {
		for _, term := range strings.FieldsFunc(expr, func(r rune) bool { return r == '?' || r == '+' }) {
			if term = strings.TrimSpace(term); term != "" && !s.covers(term) {
				return false
			}
		}
	}
	return true
}

// covers reports whether one location, with or without filters, is signed.
func (s Scheme) covers(location string) bool {
	location, _, _ = strings.Cut(location, "|")
	kind, name, _ := strings.Cut(location, ":")
	if kind == "header" {
		location = kind + ":" + textproto.CanonicalMIMEHeaderKey(name)
	}
	inBody := slices.Contains([]string{"body", "sha256(body)", "json", "jsonraw", "form", "formjson"}, kind)
	switch {
	case s.Alg == "jwt":
		return inBody && s.bindsBody() || slices.Contains(s.Sig, kind+":"+name)
	case s.Alg == "token" || s.Alg == "none" || s.Alg == "":
		return false
	case inBody && s.alsoBody():
		return true
	}
	for _, message := range s.allMessages() {
		if !holds(message, location) && (!inBody || !holds(message, "body")) {
			return false
		}
	}
	return true
}

// bindsBody reports whether a claim of the JWT must be the body's digest.
func (s Scheme) bindsBody() bool {
	return slices.ContainsFunc(s.Bind, func(b Bind) bool {
		return !b.Optional && (b.Over == "" || b.Over == "{body}")
	})
}

// alsoBody reports whether a digest of the body must equal a part of the request
// that the message covers.
func (s Scheme) alsoBody() bool {
	return s.JSONVariant == nil && slices.ContainsFunc(s.Also, func(pair []string) bool {
		return len(pair) == 2 && strings.HasPrefix(pair[0], "body|sha") && s.covers(pair[1])
	})
}

func (s Scheme) allMessages() []string {
	first := s.Msg
	if first == "" {
		first = "{body}"
	}
	messages := append([]string{first}, s.AltMsg...)
	if s.JSONVariant != nil {
		messages = append(messages, s.JSONVariant.Msg)
	}
	return messages
}

// digests are the filters that say all of what they are given: none can find another text with the
// same result. A checksum is not one of them, nor is what drops a part or a difference of case.
var digests = []string{"sha256", "sha1", "sha512", "sha256b64", "md5", "md5b64", "b64", "b64url"} //nolint:gochecknoglobals // constant

// holds reports whether a message has a placeholder for the location that covers all of it.
func holds(message, location string) bool {
	for part := range strings.SplitSeq(message, "{") {
		inside, _, closed := strings.Cut(part, "}")
		inside, filters, filtered := strings.Cut(strings.TrimSuffix(inside, "?"), "|")
		if name, isHeader := strings.CutPrefix(inside, "header:"); isHeader {
			inside = "header:" + textproto.CanonicalMIMEHeaderKey(name)
		}
		isQuery := strings.HasPrefix(location, "query:") && (inside == "url" || inside == "pathq")
		if closed && (inside == location || isQuery) && (!filtered || allDigests(filters)) {
			return true
		}
	}
	return false
}

func allDigests(filters string) bool {
	for name := range strings.SplitSeq(filters, "|") {
		if !slices.Contains(digests, strings.TrimSuffix(name, "?")) {
			return false
		}
	}
	return true
}

// SignsTime reports whether the signature covers the time that the scheme looks at, as far as the
// scheme's text tells. It is true when the scheme looks at none.
func (s Scheme) SignsTime() bool {
	for _, alternative := range s.Alt {
		if !alternative.SignsTime() {
			return false
		}
	}
	switch {
	case s.TS == nil, s.TS.Tol != nil && *s.TS.Tol == 0:
		return true
	case s.Alg == "jwt", s.TS.From != captureSig && s.covers(s.TS.From):
		return s.covers(s.TS.From)
	case s.Alg == "token" || s.Alg == algNone:
		return false
	}
	return !slices.ContainsFunc(s.allMessages(), func(message string) bool { return !holds(message, captureTS) })
}
