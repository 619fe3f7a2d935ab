package header

import (
	"net/http"
	"strings"
)

// OwnPrefix starts the canonical names of the fields that only Penstock may set.
const OwnPrefix = "Penstock-"

// Plain reports whether a name has letters, digits and hyphens only, so that no other plain
// name is the same to any receiver, but for the case of its letters.
func Plain(name string) bool { return !strings.ContainsFunc(name, odd) }

func odd(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// Fold returns the plain, canonical name that is the same as name to a receiver that turns
// header fields into variables.
func Fold(name string) string {
	if Plain(name) {
		return http.CanonicalHeaderKey(name)
	}
	return http.CanonicalHeaderKey(strings.Map(func(r rune) rune {
		if odd(r) {
			return '-'
		}
		return r
	}, name))
}

// Set is a set of names, as Fold returns them.
type Set map[string]bool

// NewSet makes a set of lists of names.
func NewSet(lists ...[]string) Set {
	s := Set{}
	for _, names := range lists {
		for _, name := range names {
			s[Fold(name)] = true
		}
	}
	return s
}

// Has reports whether the set has the name, or one that is the same to a receiver.
func (s Set) Has(name string) bool { return s[Fold(name)] }

// Disguised reports whether a field's name is not plain, and is to a receiver the same as
// one that Penstock or a proxy sets, or as another one of the request. A receiver could take
// the field for the other one. The names of h are canonical.
func Disguised(name string, h http.Header) bool {
	if Plain(name) {
		return false
	}
	folded := Fold(name)
	_, twice := h[folded]
	return twice || reserved[folded] || strings.HasPrefix(folded, OwnPrefix)
}

var reserved = NewSet(HopByHop(), Proxies(), Ours(), Signing(), []string{
	"Original-Webhook-Id", "Original-Webhook-Timestamp", "Original-Webhook-Signature",
})

// HopByHop lists the fields that concern one connection only (RFC 9110 section 7.6.1), and
// those that an HTTP client sets itself.
func HopByHop() []string {
	return []string{
		"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
		"TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
		"Host", "Content-Length", "Expect", "Accept-Encoding",
	}
}

// Proxies lists the fields that say how the request came to the gateway. A destination
// would take them for how it came to itself.
func Proxies() []string {
	return []string{
		"Forwarded", "Via", "X-Real-Ip", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port",
		"X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Client-Cert",
	}
}

// Ours lists the fields that Penstock sets besides those with OwnPrefix, or that
// authenticate to Penstock.
func Ours() []string { return []string{"Authorization", "Traceparent", "Tracestate"} }

// Signing lists the fields of a Standard Webhooks signature, which Penstock makes for
// destinations that want it.
func Signing() []string { return []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} }
