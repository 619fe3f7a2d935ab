package diagnose

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// maxNamed is how many providers a finding names.
const maxNamed = 4

// otherProviders looks for presets that the request is authentic for, with the
// same secret, or that at least sign at a place where this request has something.
func (d *detective) otherProviders() []Finding {
	var authentic, similar []string
	for _, p := range provider.All() {
		if d.ctx.Err() != nil || d.c.Preset != nil && p.ID == d.c.Preset.ID {
			continue
		}
		d.tried++
		switch {
		case d.authenticFor(p):
			authentic = append(authentic, p.ID)
		case d.has(p) && !d.hasOwn():
			similar = append(similar, p.ID)
		}
	}
	if len(authentic) > 0 {
		d.rank(authentic)
		return []Finding{{
			Proven: true,
			Cause:  "It is authentic with this secret, but for another provider: " + some(authentic) + ".",
			Remedy: "Say provider: " + authentic[0] + ".",
		}}
	}
	if len(similar) > 0 {
		return []Finding{{
			Cause:  "It has the signature header of " + some(similar) + ".",
			Remedy: "Is it from there? Then name that provider instead.",
		}}
	}
	return nil
}

// rank puts those first whose id and type of an event are in the request too.
func (d *detective) rank(ids []string) {
	score := map[string]int{}
	for _, id := range ids {
		preset, _ := provider.Lookup(id)
		for _, exprs := range []signature.Strings{preset.EventID, preset.EventType} {
			if expr, err := signature.CompileExpr(exprs); err == nil && expr.Eval(d.c.Request) != "" {
				score[id]++
			}
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int { return score[b] - score[a] })
}

// authenticFor leaves out presets that would fetch something.
func (d *detective) authenticFor(p *provider.Preset) bool {
	if p.Code != "" || p.Scheme.KeySrc != "" || p.Online != "" || len(d.c.Options.Secrets) == 0 {
		return false
	}
	c := d.c
	c.Preset = p
	return c.fits(d.ctx)
}

// has reports whether the request has a header field that the preset signs in
// and that tells something: an Authorization field does not.
func (d *detective) has(p *provider.Preset) bool {
	return slices.ContainsFunc(p.Scheme.Sig, func(location string) bool {
		name, ok := strings.CutPrefix(location, "header:")
		return ok && !strings.EqualFold(name, "authorization") && d.c.Request.Header.Get(name) != ""
	})
}

// hasOwn reports whether it also has the one that it should have.
func (d *detective) hasOwn() bool {
	return slices.ContainsFunc(d.c.scheme().Sig, func(location string) bool {
		name, ok := strings.CutPrefix(location, "header:")
		return ok && d.c.Request.Header.Get(name) != ""
	})
}

func some(ids []string) string {
	if len(ids) > maxNamed {
		return fmt.Sprintf("%s and %d others", strings.Join(ids[:maxNamed], ", "), len(ids)-maxNamed)
	}
	return strings.Join(ids, " or ")
}

// missingSignature says where the signature should be, and what is near.
func (d *detective) missingSignature() []Finding {
	wanted := places(d.c.scheme().Sig)
	f := Finding{
		Cause:  "Looked for it in " + strings.Join(wanted, " and ") + ".",
		Remedy: "If the provider has no secret set for this webhook, it signs nothing. If it has, something between drops the field: a proxy, or the tool that captured the request.",
	}
	if spelled := d.respelledHeader(); spelled != "" {
		f.Cause += " There is " + spelled + ", which is the same name spelled in another way."
		f.Remedy = "Whatever captured the request changed the names of its fields: restore them."
		return []Finding{f}
	}
	if near := d.suspects(); len(near) > 0 {
		f.Cause += " There is " + strings.Join(near, ", ") + "."
		f.Remedy = "If that is the signature, this is another provider, or another version of its signature: see 'penstock providers search'."
	}
	return []Finding{f}
}

// suspects are the header fields that look like a signature.
func (d *detective) suspects() []string {
	var names []string
	for name := range d.c.Request.Header {
		lower := strings.ToLower(name)
		for _, word := range []string{"signature", "hmac", "digest", "sha1", "sha256", "webhook-secret", "token"} {
			if strings.Contains(lower, word) {
				names = append(names, name)
				break
			}
		}
	}
	slices.Sort(names)
	return names
}

// respelledHeader finds X_HUB_SIGNATURE and HTTP_X_HUB_SIGNATURE.
func (d *detective) respelledHeader() string {
	for _, location := range d.c.scheme().Sig {
		want, ok := strings.CutPrefix(location, "header:")
		if !ok {
			continue
		}
		for name := range d.c.Request.Header {
			dashed := strings.ReplaceAll(strings.ToLower(name), "_", "-")
			if strings.TrimPrefix(dashed, "http-") == strings.ToLower(want) && dashed != strings.ToLower(name) {
				return name
			}
		}
	}
	return ""
}

// places puts locations into words.
func places(locations []string) []string {
	words := map[string]string{
		"header": "the header ", "query": "the query parameter ", "form": "the form field ", "json": "the body at ", "formjson": "the form's JSON at ",
	}
	var out []string
	for _, l := range locations {
		kind, name, _ := strings.Cut(l, ":")
		switch {
		case kind == "header":
			out = append(out, words[kind]+http.CanonicalHeaderKey(name))
		case words[kind] != "":
			out = append(out, words[kind]+name)
		default:
			out = append(out, "the "+kind)
		}
	}
	return out
}
