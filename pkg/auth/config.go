package auth

import (
	"net/http"
	"time"
)

// Method is one way to authenticate. Exactly one of its fields is set.
type Method struct {
	APIKey    *APIKey    `yaml:"apiKey,omitempty"`    // a key in a header or a query parameter
	Bearer    *Bearer    `yaml:"bearer,omitempty"`    // a static token, "Authorization: Bearer …"
	Basic     *Basic     `yaml:"basic,omitempty"`     // a name and a password, RFC 7617
	BearerJWT *BearerJWT `yaml:"bearerJWT,omitempty"` // a signed token, RFC 7519
	MTLS      *MTLS      `yaml:"mtls,omitempty"`      // a verified client certificate
}

// Credential returns where the method's credential travels: the canonical name of a header
// field, or the name of a query parameter, or neither for a client certificate. It is to be
// taken out of an event before that is published.
func (m Method) Credential() (header, query string) {
	switch {
	case m.Bearer != nil || m.Basic != nil || m.BearerJWT != nil:
		return authorization, ""
	case m.APIKey != nil:
		return http.CanonicalHeaderKey(m.APIKey.Header), m.APIKey.Query
	default:
		return "", ""
	}
}

// Key is a named secret, known by its hash alone. Two keys may share a name,
// while one replaces the other.
type Key struct {
	Name   string `yaml:"name"`   // what logs and identities call it; required
	SHA256 string `yaml:"sha256"` // the SHA-256 of the secret, 64 hexadecimal digits
}

// APIKey accepts a request that carries one of the keys. It is looked for in
// exactly one place: Header or Query.
type APIKey struct {
	Header string `yaml:"header,omitempty"` // header field with the bare key, such as X-API-Key
	Query  string `yaml:"query,omitempty"`  // query parameter with the key; headers are safer, as URLs end up in logs
	Keys   []Key  `yaml:"keys"`             // any of them may match
}

// Bearer accepts a request with one of the tokens in its Authorization header.
type Bearer struct {
	Tokens []Key `yaml:"tokens"` // any of them may match
}

// Basic accepts a request with the name and password of one of the users in
// its Authorization header.
type Basic struct {
	Users []Key `yaml:"users"` // user name, and SHA-256 of the password in UTF-8
}

// BearerJWT accepts a request with a signed token in its Authorization header.
// The token must hold an expiry, the issuer and the audience. The keys come
// either from JWKSURL or from Keys.
type BearerJWT struct {
	Issuer     string            `yaml:"issuer"`               // the exact "iss" claim; required
	Audience   string            `yaml:"audience"`             // one of the "aud" claim; required
	JWKSURL    string            `yaml:"jwksURL,omitempty"`    // an RFC 7517 key set; https, or http on a loopback address
	Keys       []PublicKey       `yaml:"keys,omitempty"`       // static keys
	Algorithms []string          `yaml:"algorithms,omitempty"` // allowed "alg" values; empty: RS, PS and ES with 256, 384 or 512, and EdDSA
	Leeway     time.Duration     `yaml:"leeway,omitempty"`     // clock difference allowed, at most 5m; 30s when it is left out
	Claims     map[string]string `yaml:"claims,omitempty"`     // further claims, each with the exact text it must be or, if it is a list, hold
}

// PublicKey is a static key that verifies tokens.
type PublicKey struct {
	ID  string `yaml:"id,omitempty"` // the "kid" of the tokens it verifies; empty: also tokens of any other or no kid
	PEM string `yaml:"pem"`          // a public key (PKIX) or a certificate (X.509): RSA from 2048 bits, ECDSA or Ed25519
}

// MTLS accepts a request over TLS with a client certificate that the server
// verified against its certificate authorities and that has at least one
// subject alternative name (RFC 5280, section 4.2.1.6) matching a pattern.
// The common name is never looked at.
type MTLS struct {
	DNS   []string `yaml:"dns,omitempty"`   // "client.example.com", or "*.example.com" for exactly one more label
	URI   []string `yaml:"uri,omitempty"`   // "spiffe://example.org/ns/shop/sa/hooks"; a final "*" stands for any rest
	Email []string `yaml:"email,omitempty"` // "hooks@example.com", or "*@example.com"
}
