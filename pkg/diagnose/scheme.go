package diagnose

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// maxSchemes is the size in bytes up to which other schemes are tried.
const maxSchemes = 256 << 10

// urlSlips are other addresses, for signatures that cover it.
func (d *detective) urlSlips() []trial {
	if !coversURL(d.c.scheme()) {
		return nil
	}
	var trials []trial
	for _, address := range d.addresses() {
		trials = append(trials, trial{
			d.c.withURL(address),
			"The signature covers the address " + address + ", which is not the one that was given.",
			"Give the address exactly as the provider has it: publicURL in the configuration, --public-url here.",
		})
	}
	return trials
}

func coversURL(s signature.Scheme) bool {
	all := s.Msg + strings.Join(s.AltMsg, "")
	if s.JSONVariant != nil {
		all += s.JSONVariant.Msg
	}
	return strings.Contains(all, "{url")
}

// addresses returns spellings of the public URL, and of what the capture says.
func (d *detective) addresses() []string {
	given := d.c.Options.PublicURL
	var list []string
	for _, text := range []string{given, "https://" + d.c.Host + d.c.Request.Path} {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			continue
		}
		for _, scheme := range []string{"https", "http"} {
			for _, host := range []string{u.Host, u.Hostname(), d.c.Host} {
				for _, path := range []string{u.EscapedPath(), strings.TrimRight(u.EscapedPath(), "/"), u.EscapedPath() + "/"} {
					list = append(list, scheme+"://"+host+path)
				}
			}
		}
	}
	seen := map[string]bool{given: true}
	unique := list[:0]
	for _, address := range list {
		if !seen[address] && !strings.HasSuffix(address, "://") {
			seen[address] = true
			unique = append(unique, address)
		}
	}
	return unique
}

// schemeSlips are other algorithms, encodings and messages. A preset's are
// known, so they are tried for schemes of one's own alone.
func (d *detective) schemeSlips() []trial {
	s := d.c.scheme()
	if d.c.Preset != nil || !symmetric(s.Alg) || len(d.c.Request.Body) > maxSchemes {
		return nil
	}
	var trials []trial
	for _, alg := range []string{"hmac-sha256", "hmac-sha1", "hmac-sha512", "hmac-sha384"} {
		for _, enc := range []string{"hex", "base64"} {
			for _, msg := range messages(s) {
				for _, key := range []string{"utf8", "base64", "hex", "whsec"} {
					changed := s
					changed.Alg, changed.Enc, changed.Msg, changed.Key = alg, enc, msg, key
					changed.AltMsg, changed.JSONVariant, changed.AlgHeader = nil, nil, nil
					trials = append(trials, trial{
						d.c.with(changed),
						"The sender signs in another way than the scheme says.",
						"Change the scheme to: " + differences(s, changed) + ".",
					})
				}
			}
		}
	}
	return trials
}

// messages are what senders sign, the scheme's own first.
func messages(s signature.Scheme) []string {
	own := s.Msg
	if own == "" {
		own = "{body}"
	}
	list := []string{own}
	candidates := []string{"{body}"}
	if s.TS != nil {
		candidates = append(candidates, "{ts}.{body}", "{ts}{body}", "{ts}:{body}", "{body}{ts}", "{body}.{ts}", "v0:{ts}:{body}")
	}
	candidates = append(candidates, "{url}{body}", "{method}{url}{body}", "{method}{path}{body}", "{body|sha256}")
	for _, c := range candidates {
		if c != own {
			list = append(list, c)
		}
	}
	return list
}

func differences(from, to signature.Scheme) string {
	var parts []string
	differ := func(name, a, b, unset string) {
		if a == "" {
			a = unset
		}
		if a != b {
			parts = append(parts, fmt.Sprintf("%s: %q", name, b))
		}
	}
	differ("alg", from.Alg, to.Alg, "")
	differ("enc", from.Enc, to.Enc, "hex")
	differ("msg", from.Msg, to.Msg, "{body}")
	differ("key", from.Key, to.Key, "utf8")
	return strings.Join(parts, ", ")
}
