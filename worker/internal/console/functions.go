package console

import (
	"html/template"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// functions are what templates call. None makes HTML: what they return is escaped.
func (c *Console) functions() template.FuncMap {
	return template.FuncMap{
		"asset":        c.assets.path,
		"base":         func() string { return Base },
		"link":         link,
		"ago":          func(t time.Time) string { return ago(t, c.now()) },
		"stamp":        func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"moment":       func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" },
		"hour":         func(t time.Time) string { return t.UTC().Format("15:04") },
		"since":        func(t time.Time) string { return length(c.now().Sub(t)) },
		"took":         took,
		"bytes":        sizeOf,
		"count":        count,
		"count64":      func(n int) string { return count(int64(n)) },
		"verdictClass": verdictClass,
		"rate":         rate,
		"percent":      percent,
		"explain":      func(r any) string { return explain(fault.Reason(text(r))) },
		"refused":      refused,
		"happened":     happened,
		"goesOn":       goesOn,
		"trouble":      trouble,
		"share":        share,
		"jobTitle":     jobTitle,
		"text":         text,
		"healthBadge":  healthBadge,
		"percentOf":    percentOf,
		"milliseconds": milliseconds,
		"join":         strings.Join,
		"yes":          func(b *bool) bool { return b != nil && *b },
		"tail":         tail,
		"digest":       event.IsDigest,
		"parts":        func(typ string) []string { return strings.SplitAfter(typ, ".") },
		"add":          add,
		"periods":      func() any { return periods },
		"dict":         dict,
	}
}

// link makes the address of a page, with a query of pairs; empty values are left out.
func link(path string, pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := text(pairs[i+1]); value != "" {
			q.Set(text(pairs[i]), value)
		}
	}
	if len(q) == 0 {
		return Base + path
	}
	return Base + path + "?" + q.Encode()
}

// text returns a string of any type that is one, or what a pointer to one points to.
func text(v any) string {
	value := reflect.Indirect(reflect.ValueOf(v))
	if !value.IsValid() || value.Kind() != reflect.String {
		return ""
	}
	return value.String()
}

// tail returns the end of an id, by which people tell it from others.
func tail(id string) string {
	const n = 8
	if len(id) <= n {
		return id
	}
	return id[len(id)-n:]
}

func add(all ...int64) int64 {
	var sum int64
	for _, n := range all {
		sum += n
	}
	return sum
}

// dict makes the argument of a template that takes several.
func dict(pairs ...any) map[string]any {
	all := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[text(pairs[i])] = pairs[i+1]
	}
	return all
}
