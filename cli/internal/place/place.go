package place

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// part is one location of an expression.
type part struct {
	kind, name string
	optional   bool
}

// Set changes r so that the expressions give text, by the first of them that
// can be written to. It fails when there is none.
func Set(r *signature.Request, exprs signature.Strings, text string) error {
	for _, expr := range exprs {
		for alternative := range strings.SplitSeq(expr, "??") {
			if set(r, strings.TrimSpace(alternative), text) {
				return nil
			}
		}
	}
	if len(exprs) == 0 {
		return fmt.Errorf("there is no place for %q", text)
	}
	return fmt.Errorf("cannot put %q to %s in this request", text, strings.Join(exprs, " or "))
}

// SetHeader writes text to every header field that the expressions may take
// the value from alone, unless the field is there, and reports whether one has it now.
func SetHeader(r *signature.Request, exprs signature.Strings, text string) bool {
	present := false
	for _, expr := range exprs {
		for alternative := range strings.SplitSeq(expr, "??") {
			p, ok := parse(strings.TrimSpace(alternative))
			if !ok || p.kind != "header" {
				continue
			}
			if r.Header.Get(p.name) == "" && !present {
				r.Header.Set(p.name, text)
			}
			present = true
		}
	}
	return present
}

// WantsForm reports whether the first expression reads a form.
func WantsForm(exprs signature.Strings) bool {
	return len(exprs) > 0 && strings.HasPrefix(exprs[0], "form:")
}

// set writes text to an alternative's parts, or to none of them.
func set(r *signature.Request, alternative, text string) bool {
	parts, ok := parseAll(alternative)
	if !ok {
		return false
	}
	words := strings.SplitN(text, ".", len(parts))
	changed := *r
	changed.Header = r.Header.Clone()
	for i, p := range parts {
		if i >= len(words) {
			if !p.optional {
				return false
			}
			continue
		}
		if !p.write(&changed, words[i]) {
			return false
		}
	}
	*r = changed
	return true
}

func parseAll(alternative string) ([]part, bool) {
	var parts []part
	for text := range strings.SplitSeq(alternative, "+") {
		p, ok := parse(strings.TrimSpace(text))
		if !ok {
			return nil, false
		}
		parts = append(parts, p)
	}
	return parts, true
}

func parse(text string) (part, bool) {
	text, optional := strings.CutSuffix(text, "?")
	kind, name, ok := strings.Cut(text, ":")
	return part{kind, name, optional}, ok && name != "" && !strings.ContainsAny(name, "|*+ ")
}

func (p part) write(r *signature.Request, text string) bool {
	switch p.kind {
	case "header":
		r.Header.Set(p.name, text)
	case "query":
		r.RawQuery = setPair(r.RawQuery, p.name, text)
	case "form":
		if !isForm(r) {
			return false
		}
		r.Body = []byte(setPair(string(r.Body), p.name, text))
	case "json":
		body, ok := setJSON(r.Body, strings.Split(p.name, "."), text)
		if !ok {
			return false
		}
		r.Body = body
	default:
		return false
	}
	return true
}

func isForm(r *signature.Request) bool {
	return len(r.Body) == 0 || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

// setPair replaces a parameter and leaves the others as they are written.
func setPair(encoded, name, text string) string {
	var kept []string
	for one := range strings.SplitSeq(encoded, "&") {
		if key, _, _ := strings.Cut(one, "="); one != "" && key != url.QueryEscape(name) {
			kept = append(kept, one)
		}
	}
	return strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(text)), "&")
}
