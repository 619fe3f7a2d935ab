package provider_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// headerLimit is what a server takes of a request's header, in bytes.
const headerLimit = 32 << 10

// hostileHeader fills the header of a request up to the limit.
type hostileHeader struct {
	name string
	fill func(r *signature.Request, p *provider.Preset)
}

func hostileHeaders() []hostileHeader {
	return []hostileHeader{
		{"one long field", func(r *signature.Request, _ *provider.Preset) { r.Header.Set("X-Long", strings.Repeat("x", room(r))) }},
		{"many fields", func(r *signature.Request, _ *provider.Preset) {
			for i := range 200 {
				r.Header.Add("X-"+strconv.Itoa(i), strings.Repeat("x", 100))
			}
		}},
		{"many signatures", repeatSignatures},
		{"many groups", func(r *signature.Request, p *provider.Preset) {
			if p.Scheme.Group != "" {
				eachSignature(r, p, func(text string) string { return text + repeated(p.Scheme.Group+text, room(r)) })
			}
		}},
		{"many names", listNames},
		{"long values", func(r *signature.Request, p *provider.Preset) {
			for _, name := range locationsIn(p.Scheme.Msg)["header"] {
				r.Header.Set(name, strings.Repeat("x", room(r)/2))
			}
		}},
	}
}

// room is what the header has left, in bytes.
func room(r *signature.Request) int {
	left := headerLimit - len(r.RawQuery)
	for name, values := range r.Header {
		for _, value := range values {
			left -= len(name) + len(value) + 4
		}
	}
	return max(left-64, 1)
}

// eachSignature rewrites the header fields that signatures are in.
func eachSignature(r *signature.Request, p *provider.Preset, rewrite func(string) string) {
	for _, at := range p.Scheme.Sig {
		if name, is := strings.CutPrefix(at, "header:"); is {
			name = http.CanonicalHeaderKey(strings.Replace(name, "*", "1", 1))
			if text := r.Header.Get(name); text != "" {
				r.Header.Set(name, rewrite(text))
			}
		}
	}
}

// repeatSignatures offers as many signatures as are looked at, each of the right size.
func repeatSignatures(r *signature.Request, p *provider.Preset) {
	if p.Scheme.Sep == "" {
		return
	}
	const more = 30
	eachSignature(r, p, func(text string) string {
		entries := strings.Split(text, p.Scheme.Sep[:1])
		last := entries[len(entries)-1]
		return text + repeated(p.Scheme.Sep[:1]+last, min(room(r), more*(len(last)+1)))
	})
}

// listNames names header fields again and again, where the sender says what is signed.
func listNames(r *signature.Request, _ *provider.Preset) {
	const long = "X-Long"
	if r.Header.Get("X-Contentful-Signed-Headers") != "" {
		r.Header.Set("X-Contentful-Signed-Headers", repeated("x-a,", room(r)))
	}
	if head, sig, is := strings.Cut(r.Header.Get("Tl-Signature"), ".."); is && head != "" {
		named := `{"alg":"ES512","kid":"k1","tl_version":"2","tl_headers":"` + repeated(long+",", headerLimit/3) + `"}`
		r.Header.Set("Tl-Signature", base64.RawURLEncoding.EncodeToString([]byte(named))+".."+sig)
		r.Header.Set(long, strings.Repeat("x", room(r)))
	}
}

// size is what a request has, in bytes.
func size(r *signature.Request) int {
	return headerLimit - room(r) + len(r.Body)
}

// clone copies what a test changes.
func clone(r *signature.Request) *signature.Request {
	copied := *r
	copied.Header, copied.Body = r.Header.Clone(), slices.Clone(r.Body)
	return &copied
}
