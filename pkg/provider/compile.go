package provider

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

const (
	firstBefore = "before"
	firstVerify = "verify"
)

// compiler gathers the problems of all that it compiles.
type compiler struct{ problems []error }

func (c *compiler) note(field string, err error) {
	if err != nil {
		c.problems = append(c.problems, fmt.Errorf("%s: %w", field, err))
	}
}

func (c *compiler) question(h Handshake) *question {
	q := &question{
		verified: h.First == firstVerify,
		method:   h.When.Method,
		has:      c.exprs("when.has", h.When.Has),
		lacks:    c.exprs("when.lacks", h.When.Lacks),
		is:       c.comparisons("when.is", h.When.Is),
		members:  slices.Sorted(slices.Values(h.When.Members)),
		match:    c.patterns("match", h.Match),
		check:    c.comparisons("check", h.Check),
		oneOf:    c.comparisons("oneOf", h.OneOf),
		refuse:   h.Refuse,
		reply:    c.reply("reply", h.Reply),
	}
	if q.refuse == 0 {
		q.refuse = http.StatusForbidden
	}
	if h.Store != "" {
		q.store = c.expr("store", h.Store)
	}
	if h.First != firstBefore && h.First != firstVerify {
		c.note("first", fmt.Errorf("%q is neither %q nor %q", h.First, firstBefore, firstVerify))
	}
	if h.When.Method == "" {
		c.note("when.method", errors.New("is missing"))
	}
	return q
}

func (c *compiler) reply(field string, r Reply) reply {
	compiled := reply{status: r.Status, contentType: r.Type, body: c.template(field+".body", r.Body)}
	if compiled.status == 0 {
		compiled.status = http.StatusOK
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		compiled.header = append(compiled.header, headerField{
			name:  http.CanonicalHeaderKey(name),
			value: c.template(field+".header", r.Header[name]),
		})
	}
	if (r.Body == "") != (r.Type == "") {
		c.note(field+".type", errors.New("a body has a type, and nothing else has"))
	}
	return compiled
}

func (c *compiler) expr(field, text string) *signature.Expr {
	expr, err := signature.CompileExpr(signature.Strings{text})
	c.note(field, err)
	return expr
}

func (c *compiler) exprs(field string, texts []string) []*signature.Expr {
	exprs := make([]*signature.Expr, 0, len(texts))
	for _, text := range texts {
		exprs = append(exprs, c.expr(field, text))
	}
	return exprs
}

func (c *compiler) template(field, text string) *signature.Template {
	template, err := signature.CompileTemplate(text)
	c.note(field, err)
	return template
}

func (c *compiler) comparisons(field string, wants map[string]string) []comparison {
	compared := make([]comparison, 0, len(wants))
	for _, text := range slices.Sorted(maps.Keys(wants)) {
		compared = append(compared, comparison{value: c.expr(field, text), want: c.template(field, wants[text])})
	}
	return compared
}

// allowed compiles the restrictions whose settings are set.
func (c *compiler) allowed(restrictions, settings map[string]string) []comparison {
	wants := make(map[string]string, len(restrictions))
	for text, name := range restrictions {
		if settings[name] != "" {
			wants[text] = "{cfg:" + name + "}"
		}
	}
	return c.comparisons("allow", wants)
}

func (c *compiler) patterns(field string, wants map[string]string) []pattern {
	patterns := make([]pattern, 0, len(wants))
	for _, text := range slices.Sorted(maps.Keys(wants)) {
		want, err := regexp.Compile(`\A(?:` + wants[text] + `)\z`)
		c.note(field, err)
		patterns = append(patterns, pattern{value: c.expr(field, text), want: want})
	}
	return patterns
}

// withSettings fills the settings into the parts of a scheme that name places
// and addresses. What is signed reads its settings by itself.
func withSettings(s signature.Scheme, settings map[string]string) signature.Scheme {
	var pairs []string
	for name, value := range settings {
		pairs = append(pairs, "{cfg:"+name+"}", value)
	}
	fill := strings.NewReplacer(pairs...)
	s.Sig = slices.Clone(s.Sig)
	for i := range s.Sig {
		s.Sig[i] = fill.Replace(s.Sig[i])
	}
	s.KeySrc = fill.Replace(s.KeySrc)
	s.Claims = maps.Clone(s.Claims)
	for name, value := range s.Claims {
		s.Claims[name] = fill.Replace(value)
	}
	return s
}
