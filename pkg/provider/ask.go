package provider

import (
	"crypto/subtle"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/signature"
)

// maxEcho caps, in bytes, what of a request may come back in an answer.
const maxEcho = 1 << 10

// maxQuestion is how long the body of a question can be that comes before verification, in bytes:
// what anyone can send is not searched through.
const maxQuestion = 64 << 10

// question is a compiled handshake.
type question struct {
	verified bool // asked after verification
	method   string
	has      []*signature.Expr
	lacks    []*signature.Expr
	is       []comparison
	members  []string // sorted
	match    []pattern
	check    []comparison
	oneOf    []comparison
	refuse   int
	store    *signature.Expr // nil: nothing is stored
	reply    reply
}

// scope is what a question and its answer are looked up in.
type scope struct {
	request *signature.Request
	key     []byte // of the keyed filters; may be nil
}

type comparison struct {
	value *signature.Expr
	want  *signature.Template
}

type pattern struct {
	value *signature.Expr
	want  *regexp.Regexp
}

// asked reports whether the request is this question.
func (q *question) asked(s scope) bool {
	has := func(e *signature.Expr) bool { return e.Eval(s.request) != "" }
	return s.request.Method == q.method &&
		all(q.has, has) &&
		!slices.ContainsFunc(q.lacks, has) &&
		all(q.is, func(c comparison) bool { return c.equal(s) }) &&
		(len(q.members) == 0 || slices.Equal(members(s.request.Body), q.members))
}

// allowed reports whether a question that was asked may be answered.
func (q *question) allowed(s scope) bool {
	return all(q.match, func(p pattern) bool { return p.matches(s.request) }) &&
		all(q.check, func(c comparison) bool { return c.equal(s) }) &&
		all(q.oneOf, func(c comparison) bool { return c.amongWords(s) })
}

func (p pattern) matches(r *signature.Request) bool { return p.want.MatchString(p.value.Eval(r)) }

// equal compares in constant time. Nothing equals what is not configured.
func (c comparison) equal(s scope) bool {
	want, err := c.want.Render(s.request, s.key)
	return err == nil && want != "" && same(c.value.Eval(s.request), want)
}

func (c comparison) amongWords(s scope) bool {
	list, err := c.want.Render(s.request, s.key)
	if err != nil {
		return false
	}
	value := c.value.Eval(s.request)
	return slices.ContainsFunc(words(list), func(word string) bool { return same(value, word) })
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// words splits a list in a setting: by spaces and commas.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' })
}

func all[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}

// members lists the member names of a small JSON object, sorted.
func members(body []byte) []string {
	var object map[string]json.RawMessage
	if len(body) > maxEcho || json.Unmarshal(body, &object) != nil {
		return nil
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
