package signature

import (
	"net/http"
	"slices"
	"strings"
)

// anyField is the name of all form fields.
const anyField = "*"

// fieldOf returns the form field that a location reads.
func fieldOf(location string) string {
	kind, name, _ := strings.Cut(location, ":")
	switch kind {
	case formSorted:
		return anyField
	case atForm:
		return name
	case atFormJSON:
		field, _, _ := strings.Cut(name, "/")
		return field
	}
	return ""
}

// SignsForm reports whether what the signature covers of the body is fields of a form, and whether
// the form may have other fields than those that the scheme names.
func (s Scheme) SignsForm() (signs, others bool) {
	for _, message := range s.allMessages() {
		sorted := holds(message, formSorted)
		if !holds(message, atBody) && (sorted || strings.Contains(message, "{"+atForm+":")) {
			signs, others = true, others || sorted || s.Partial
		}
	}
	return signs, others
}

// signedFields are the only form fields that a request may have, because the others are not covered
// by its signature. Nil: any.
type signedFields []string

// signedFieldsOf lists the form fields that the scheme reads, for a message that covers fields and
// not the body.
func (v *Verifier) signedFieldsOf(want *variant) signedFields {
	if v.scheme.Partial || !slices.ContainsFunc(want.messages, template.signsFields) {
		return nil
	}
	var read []*value
	for _, m := range want.messages {
		read = append(read, m.values()...)
	}
	for _, l := range v.locations {
		read = append(read, l.at)
	}
	if v.clock != nil {
		read = append(read, v.clock.at)
	}
	names := signedFields{}
	for _, one := range read {
		if one != nil && one.field != "" {
			names = append(names, one.field)
		}
	}
	return names
}

// signsFields reports whether what a message covers of the body is form fields. A value in the JSON
// of a field is not the field: a scheme that signs no more covers no form.
func (t template) signsFields() bool {
	whole := slices.ContainsFunc(t, func(o op) bool { return o.value != nil && o.value.body })
	return !whole && slices.ContainsFunc(t.values(), func(v *value) bool {
		return v.field != "" && !strings.HasPrefix(v.name, atFormJSON)
	})
}

// values lists what a message reads, in its optional segments too.
func (t template) values() []*value {
	var all []*value
	for _, o := range t {
		if o.value != nil {
			all = append(all, o.value)
		}
		all = append(all, template(o.segment).values()...)
	}
	return all
}

// check refuses a form that says more than its signed fields do, be it by saying one twice. A GET has no form: its signature
// is one of a request without a body.
func (s signedFields) check(c *view) Reason {
	if s == nil || len(c.req.Body) == 0 {
		return None
	}
	f := c.readForm()
	if !f.exact || c.req.Method == http.MethodGet || c.req.Method == http.MethodHead {
		return MalformedBody
	}
	if slices.Contains(s, anyField) {
		return None
	}
	seen := make(map[string]bool, len(s))
	for _, one := range f.fields {
		if seen[one.name] || !slices.Contains(s, one.name) {
			return MalformedBody
		}
		seen[one.name] = true
	}
	return None
}
