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

// holds reports whether a message has a placeholder for the location.
func holds(message, location string) bool {
	for part := range strings.SplitSeq(message, "{") {
		inside, _, closed := strings.Cut(part, "}")
		inside, _, _ = strings.Cut(strings.TrimSuffix(inside, "?"), "|")
		if name, isHeader := strings.CutPrefix(inside, "header:"); isHeader {
			inside = "header:" + textproto.CanonicalMIMEHeaderKey(name)
		}
		isQuery := strings.HasPrefix(location, "query:") && (inside == "url" || inside == "pathq")
		if closed && (inside == location || isQuery) {
			return true
		}
	}
	return false
}
