package provider_test

import (
	"strings"
	"testing"

	"github.com/penstock/penstock/pkg/signature"
)

// costly names, for each family of algorithms, a preset whose requests take longest, and the body that takes most of it. What takes
// how long is logged by TestHostileRequestsCostEveryPresetInProportionToTheirSize.
var costly = []struct{ preset, body string }{
	{"github", "a body of members"},             // HMAC over the body
	{"exact-online", "a body of escapes"},       // HMAC over a part of a JSON document
	{"twilio", "a body of most fields"},         // HMAC over the sorted fields of a form
	{"hygraph", "a body of escapes"},            // HMAC over a body that is written anew
	{"lark", "a body of sealed"},                // a body that is decrypted
	{"hubspot-v2", "a body of members"},         // a plain hash
	{"salesforce", "a body of namespaces"},      // a token within XML
	{"gitlab-token", "a body of names"},         // a token in a header field
	{"sendgrid", "a body of members"},           // ECDSA
	{"discord", "a body of members"},            // Ed25519
	{"truelayer", "a header of many names"},     // JWS with a list of signed header fields
	{"wix", "a body of token"},                  // a JWT that is the body
	{"apple-appstore", "a body of tokens"},      // a JWT with a chain of certificates
	{"docusign", "a header of many signatures"}, // many signatures
}

// BenchmarkRequest is what a gateway does with a request of a preset before and after its signature has been checked: with
// an ordinary one, and with one of 5 MiB that is made to take long. No test asserts a time: it is the machine's.
func BenchmarkRequest(b *testing.B) {
	sources := hostileSources(b)
	for _, c := range costly {
		for _, s := range sources {
			if s.preset.ID != c.preset {
				continue
			}
			b.Run(c.preset+"/ordinary", func(b *testing.B) { s.bench(b, s.sample) })
			b.Run(c.preset+"/"+strings.ReplaceAll(c.body, " ", "-"), func(b *testing.B) { s.bench(b, s.named(b, c.body)) })
		}
	}
}

// named returns the hostile request of a name, at full size.
func (s hostileSource) named(b *testing.B, name string) *signature.Request {
	b.Helper()
	for which, r := range s.all(fullSize) {
		if which == name {
			return r
		}
	}
	b.Fatalf("%s: there is no request called %q", s.preset.ID, name)
	return nil
}

func (s hostileSource) bench(b *testing.B, r *signature.Request) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(size(r)))
	for b.Loop() {
		r.Work = &signature.Work{}
		s.handle(b, r)
	}
}
