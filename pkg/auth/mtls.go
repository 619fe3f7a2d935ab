package auth

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
)

type mtls struct {
	dns, uri, email []string
}

func newMTLS(c *MTLS) *mtls {
	return &mtls{dns: lower(c.DNS), uri: c.URI, email: c.Email}
}

// check looks only at a chain that the server verified: with a lax
// tls.ClientAuthType there can be peer certificates that nobody checked.
func (m *mtls) check(_ context.Context, r *http.Request) (string, Reason) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.VerifiedChains[0]) == 0 {
		return "", ReasonUnverifiedCertificate
	}
	name, found := m.find(r.TLS.VerifiedChains[0][0])
	if !found {
		return "", ReasonWrongName
	}
	return name, ReasonNone
}

func (m *mtls) find(leaf *x509.Certificate) (string, bool) {
	if name, ok := firstMatch(m.dns, lower(leaf.DNSNames), matchDNS); ok {
		return name, true
	}
	var uris []string
	for _, u := range leaf.URIs {
		uris = append(uris, u.String())
	}
	if name, ok := firstMatch(m.uri, uris, matchURI); ok {
		return name, true
	}
	return firstMatch(m.email, leaf.EmailAddresses, matchEmail)
}

func firstMatch(patterns, names []string, match func(pattern, name string) bool) (string, bool) {
	for _, name := range names {
		for _, pattern := range patterns {
			if match(pattern, name) {
				return cleanName(name), true
			}
		}
	}
	return "", false
}

// matchDNS compares lower-case names as RFC 6125, section 6.4.3 does: a "*"
// stands for the whole leftmost label. A wildcard in the certificate is just a
// name, which only the same pattern matches.
func matchDNS(pattern, name string) bool {
	if pattern == name {
		return true
	}
	domain, wild := strings.CutPrefix(pattern, "*.")
	label, rest, _ := strings.Cut(name, ".")
	return wild && label != "" && label != "*" && rest == domain
}

func matchURI(pattern, name string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return name == pattern || wild && len(name) > len(prefix) && strings.HasPrefix(name, prefix)
}

// matchEmail compares the part before the "@" exactly and the host without
// regard to case (RFC 5280, section 7.5).
func matchEmail(pattern, name string) bool {
	user, host, ok := cutLast(name, "@")
	wantUser, wantHost, _ := cutLast(pattern, "@")
	return ok && strings.EqualFold(host, wantHost) && (wantUser == "*" || wantUser == user)
}

func cutLast(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(s, sep)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}
