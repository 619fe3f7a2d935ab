package signature

import (
	"errors"
	"fmt"
	"strings"
)

// Expr finds a text, such as an event's id or type, in a request.
type Expr struct {
	views        views
	alternatives [][]*value
}

// CompileExpr compiles expressions, of which the first with a result counts. An expression is made
// of locations with filters as in [Scheme]:
//
//	header:x-event-id              a location
//	header:a ?? json:b             the second when the first is absent or empty
//	json:resource + json:action    both, with a dot between them: "invoice.paid"
//	header:event + json:action?    the second part only when it is there
//	sha256(body)                   the same as body|sha256
//	header:authorization|jwt:jti   a claim of a JWT, for a request that is verified
//
// No expression at all is fine: it never has a result.
func CompileExpr(exprs Strings) (*Expr, error) {
	e := &Expr{}
	e.views.paths = newPathTree()
	c := &compiler{paths: &e.views.paths, captures: nothingCaptured()}
	var errs []error
	for _, text := range exprs {
		for alternative := range strings.SplitSeq(text, "??") {
			terms, err := c.terms(alternative)
			if err != nil {
				errs = append(errs, fmt.Errorf("%q: %w", text, err))
				continue
			}
			e.alternatives = append(e.alternatives, terms)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return e, nil
}

func nothingCaptured() map[string]bool {
	return map[string]bool{captureTS: false, captureNonce: false, captureKeyID: false}
}

func (c *compiler) terms(text string) ([]*value, error) {
	var terms []*value
	for part := range strings.SplitSeq(text, "+") {
		part = strings.TrimSpace(part)
		if part == "sha256(body)" {
			part = "body|sha256"
		}
		v, err := c.value(part)
		if err != nil {
			return nil, err
		}
		terms = append(terms, v)
	}
	return terms, nil
}

// Eval returns the first result, or "" when there is none. A value that is there twice, with
// different texts, counts as absent, and so does a field of a form that cannot be read wholly.
func (e *Expr) Eval(r *Request) string {
	if e == nil || len(e.alternatives) == 0 {
		return ""
	}
	c := e.views.get(r)
	defer e.views.put(c)
	for _, terms := range e.alternatives {
		if text := join(c, terms); text != "" {
			return text
		}
	}
	return ""
}

// join evaluates the terms of one alternative. It is empty when one that is not optional is.
func join(c *view, terms []*value) string {
	var parts []string
	for _, v := range terms {
		text, st := v.text(c)
		if st != found || text == "" {
			if v.optional && st <= found {
				continue
			}
			return ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ".")
}
