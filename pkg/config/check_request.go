package config

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config/internal/strict"
	"github.com/penstock/penstock/pkg/template"
)

// request checks what requests are made of beside their body.
func (c *checker) request(path string, d *Destination) {
	r := d.Request
	if !slices.Contains(Methods(), r.Method) && !c.broken(path, "method") {
		c.failf(strict.Key(path, "method"), "expected POST, PUT, PATCH or DELETE")
	}
	if at := strict.Key(path, "path"); c.Has(at) && !c.brokenAt(at) {
		c.requestPath(at, r.Path)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		c.template(strict.Key(strict.Key(path, "query"), name), r.Query[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		c.requestField(strict.Key(strict.Key(path, "headers"), name), name, d)
	}
}

// requestPath checks a template of a path: what is fixed in it is written as in a URL.
func (c *checker) requestPath(path, text string) {
	t := c.template(path, text)
	if t == nil {
		return
	}
	filled := t.Shape("x")
	u, err := url.Parse(filled)
	switch {
	case !strings.HasPrefix(text, "/"):
		c.failf(path, "a path begins with a slash, as in /contacts/{body.id}")
	case err != nil || u.Host != "" || strings.Contains(filled, " ") || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(filled, "#"):
		c.failf(path, "the path has characters that are written as in a URL, such as %%20 for a space; a query is written with the key query")
	case template.CheckPath(filled) != nil:
		c.failf(path, "the path has a segment of dots, which leads elsewhere")
	}
}

// requestField checks a template of a header field. The host decides where a request ends up, so
// no event does.
func (c *checker) requestField(path, name string, d *Destination) {
	canonical := http.CanonicalHeaderKey(name)
	for other := range d.Headers {
		if http.CanonicalHeaderKey(other) == canonical {
			c.failf(path, "headers has this field already")
			return
		}
	}
	for other := range d.Request.Headers {
		if other < name && http.CanonicalHeaderKey(other) == canonical {
			c.failf(path, "%s and %s are the same field", other, name)
			return
		}
	}
	if canonical == "Host" {
		c.failf(path, "the host of a request is fixed; set it with headers")
		return
	}
	if !c.fieldName(path, name, d) {
		return
	}
	if t := c.template(path, d.Request.Headers[name]); t != nil {
		if _, err := template.Field(t.Shape("x")); err != nil {
			c.failf(path, "the template has characters that a header field cannot have, such as a line break")
		}
	}
}

// template compiles a template; nil when that fails.
func (c *checker) template(path, text string) *template.Template {
	if c.brokenAt(path) {
		return nil
	}
	t, err := template.Compile(text)
	if err != nil {
		c.failf(path, "%s", err)
		return nil
	}
	return t
}
