package deliver

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/template"
	"github.com/penstock/penstock/pkg/view"
)

// composer puts values of an event into path, query and header fields of its request. The
// scheme and the host are those of the destination's URL: no event decides where it goes.
type composer struct {
	path           *template.Template // nil: the path of the URL
	query, headers []named
}

// named is the template of a parameter or a field.
type named struct {
	name string
	*template.Template
}

// newComposer returns nil for a destination whose requests have no templates.
func newComposer(r *config.Request) (*composer, error) {
	if r == nil || r.Path == "" && len(r.Query)+len(r.Headers) == 0 {
		return nil, nil //nolint:nilnil // there is nothing to compose
	}
	c := new(composer)
	var err error
	if r.Path != "" {
		if c.path, err = template.Compile(r.Path); err != nil {
			return nil, fmt.Errorf("template of the path: %w", err)
		}
	}
	if c.query, err = compileAll(r.Query); err != nil {
		return nil, fmt.Errorf("template of the query: %w", err)
	}
	if c.headers, err = compileAll(r.Headers); err != nil {
		return nil, fmt.Errorf("template of a header field: %w", err)
	}
	return c, nil
}

func compileAll(texts map[string]string) ([]named, error) {
	out := make([]named, 0, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		t, err := template.Compile(texts[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, named{name, t})
	}
	return out, nil
}

// compose changes a request for the event. The body is read once for all templates. No retry
// mends what a template fails on.
func (c *composer) compose(req *http.Request, e *event.Event) error {
	ctx, done := view.Share(req.Context())
	defer done()
	for _, set := range []func(context.Context, *http.Request, *event.Event) error{c.setPath, c.setQuery, c.setHeaders} {
		if err := set(ctx, req, e); err != nil {
			return unfit(ctx, fmt.Errorf("fill in a template of the request: %w", err))
		}
	}
	return nil
}

// unfit gives a template's failure its reason. One that comes from the end of the attempt says
// nothing about the event.
func unfit(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fault.Because(reasonOf(ctx.Err()), err)
	case fault.ReasonOf(err) == fault.ReasonInternal:
		return fault.Permanent(fault.Because(fault.ReasonRequest, err))
	default:
		return fault.Permanent(err)
	}
}

func (c *composer) setPath(ctx context.Context, req *http.Request, e *event.Event) error {
	if c.path == nil {
		return nil
	}
	more, present, err := c.path.Fill(ctx, e, template.PathSegment)
	if err != nil || !present {
		return err
	}
	if err := template.CheckPath(more); err != nil {
		return err
	}
	escaped := strings.TrimSuffix(req.URL.EscapedPath(), "/") + more
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return fmt.Errorf("read the path: %w", err)
	}
	req.URL.Path, req.URL.RawPath = plain, escaped
	return nil
}

func (c *composer) setQuery(ctx context.Context, req *http.Request, e *event.Event) error {
	for _, parameter := range c.query {
		value, present, err := parameter.Fill(ctx, e, template.Plain)
		switch {
		case err != nil:
			return err
		case !present:
			continue
		case req.URL.RawQuery != "":
			req.URL.RawQuery += "&"
		}
		req.URL.RawQuery += url.QueryEscape(parameter.name) + "=" + url.QueryEscape(value)
	}
	return nil
}

func (c *composer) setHeaders(ctx context.Context, req *http.Request, e *event.Event) error {
	for _, field := range c.headers {
		value, present, err := field.Fill(ctx, e, template.Field)
		switch {
		case err != nil:
			return err
		case present:
			req.Header.Set(field.name, value)
		}
	}
	return nil
}
