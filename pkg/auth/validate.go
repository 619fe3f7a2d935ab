package auth

import (
	"crypto/sha256"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

// The kinds of methods, as the configuration names them.
const (
	kindAPIKey = "apiKey"
	kindBearer = "bearer"
	kindBasic  = "basic"
	kindJWT    = "bearerJWT"
	kindMTLS   = "mtls"
)

// Validate returns everything that is wrong with a list of methods: nil, or an
// error that joins a *Problem for each.
func Validate(methods []Method) error {
	ps := newProblems()
	taken := map[string]int{}
	for i, m := range methods {
		at := ps.atf("[%d]", i)
		m.validate(at)
		place := m.place()
		if first, twice := taken[place]; twice && place != "" {
			at.addf("needs the %s, as [%d] does: no request can satisfy both", place, first)
		} else {
			taken[place] = i
		}
	}
	return ps.join()
}

// place is where the method's credential travels. One place holds one credential.
func (m Method) place() string {
	switch header, query := m.Credential(); {
	case header != "":
		return "header " + header
	case query != "":
		return "query parameter " + query
	default:
		return ""
	}
}

func (m Method) validate(ps problems) {
	set := 0
	for _, is := range []bool{m.APIKey != nil, m.Bearer != nil, m.Basic != nil, m.BearerJWT != nil, m.MTLS != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		ps.addf("needs exactly one of %s, %s, %s, %s, %s", kindAPIKey, kindBearer, kindBasic, kindJWT, kindMTLS)
	}
	if m.APIKey != nil {
		m.APIKey.validate(ps.atf("." + kindAPIKey))
	}
	if m.Bearer != nil {
		validateKeys(ps.atf("."+kindBearer+".tokens"), m.Bearer.Tokens)
	}
	if m.Basic != nil {
		m.Basic.validate(ps.atf("." + kindBasic + ".users"))
	}
	if m.BearerJWT != nil {
		m.BearerJWT.validate(ps.atf("." + kindJWT))
	}
	if m.MTLS != nil {
		m.MTLS.validate(ps.atf("." + kindMTLS))
	}
}

func (a *APIKey) validate(ps problems) {
	if (a.Header == "") == (a.Query == "") {
		ps.addf("needs either header or query")
	}
	if a.Header != "" && !httpguts.ValidHeaderFieldName(a.Header) {
		ps.atf(".header").addf("%s is not a header name", quote(a.Header))
	}
	validateKeys(ps.atf(".keys"), a.Keys)
}

func (b *Basic) validate(ps problems) {
	validateKeys(ps, b.Users)
	for i, u := range b.Users {
		if strings.Contains(u.Name, ":") {
			ps.atf("[%d].name", i).addf("cannot contain a colon")
		}
	}
}

func validateKeys(ps problems, keys []Key) {
	if len(keys) == 0 {
		ps.addf("needs at least one entry")
	}
	for i, k := range keys {
		at := ps.atf("[%d]", i)
		if k.Name == "" || strings.ContainsFunc(k.Name, unicode.IsControl) {
			at.atf(".name").addf("must be a text without control characters")
		}
		d, err := parseDigest(k.SHA256)
		switch {
		case err != nil:
			at.atf(".sha256").addf("%v", err)
		case d == sha256.Sum256(nil):
			at.atf(".sha256").addf("is the hash of an empty secret")
		case slices.ContainsFunc(keys[:i], func(o Key) bool { return o.Name == k.Name && strings.EqualFold(o.SHA256, k.SHA256) }):
			at.addf("is there twice")
		}
	}
}

func (j *BearerJWT) validate(ps problems) {
	if j.Issuer == "" {
		ps.atf(".issuer").addf("is required")
	}
	if j.Audience == "" {
		ps.atf(".audience").addf("is required: without it, a token made for another service would do")
	}
	if (j.JWKSURL == "") == (len(j.Keys) == 0) {
		ps.addf("needs either jwksURL or keys")
	}
	if j.JWKSURL != "" {
		validateJWKSURL(ps.atf(".jwksURL"), j.JWKSURL)
	}
	for i, k := range j.Keys {
		if _, err := parsePublicKey(k.PEM); err != nil {
			ps.atf(".keys[%d].pem", i).addf("%v", err)
		}
	}
	for i, a := range j.Algorithms {
		if !slices.Contains(Algorithms(), a) {
			ps.atf(".algorithms[%d]", i).addf("%s is not one of %s", quote(a), strings.Join(Algorithms(), ", "))
		}
	}
	if j.Leeway < 0 || j.Leeway > MaxLeeway {
		ps.atf(".leeway").addf("must be from 0s to %s", MaxLeeway)
	}
}

func validateJWKSURL(ps problems, address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Port() != "" && !isPort(u.Port()):
		ps.addf("is not an absolute URL")
	case u.User != nil:
		ps.addf("must not hold a user name or a password")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
	default:
		ps.addf("must be https: whoever can change the answer can make tokens")
	}
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (m *MTLS) validate(ps problems) {
	if len(m.DNS)+len(m.URI)+len(m.Email) == 0 {
		ps.addf("needs at least one of dns, uri and email: else every client of the certificate authority would do")
	}
	checkPatterns(ps.atf(".dns"), m.DNS, validDNS, "a host name such as client.example.com or *.example.com")
	checkPatterns(ps.atf(".uri"), m.URI, validURI, `an absolute URI, with no "*" but one after its authority, at the end`)
	checkPatterns(ps.atf(".email"), m.Email, validEmail, "an address such as hooks@example.com or *@example.com")
}

func checkPatterns(ps problems, patterns []string, valid func(string) bool, want string) {
	for i, p := range patterns {
		if !valid(p) {
			ps.atf("[%d]", i).addf("%s is not %s", quote(p), want)
		}
	}
}

func validDNS(p string) bool {
	host := strings.TrimPrefix(p, "*.")
	return host != "" && httpguts.ValidHostHeader(host) && !strings.ContainsAny(host, "*:/@[]") &&
		!strings.HasPrefix(host, ".") && !strings.HasSuffix(host, ".") && (host == p || strings.Contains(host, "."))
}

func validURI(p string) bool {
	u, err := url.Parse(strings.TrimSuffix(p, "*"))
	if err != nil || u.Scheme == "" || strings.Contains(u.String(), "*") {
		return false
	}
	wild := strings.HasSuffix(p, "*")
	return !wild || u.Host != "" && u.Path != ""
}

func validEmail(p string) bool {
	user, host, ok := cutLast(p, "@")
	return ok && user != "" && (user == "*" || !strings.Contains(user, "*")) && validDNS(host) && !strings.HasPrefix(host, "*")
}

func quote(s string) string { return strconv.Quote(s) }
