// Package template fills texts with values of an event.
//
//	t, err := template.Compile("/contacts/{body.id}")
//	…
//	path, present, err := t.Fill(ctx, e, template.PathSegment)
//
// Between braces is an expression of package expression. A value is text, a number or a truth
// value. Null, or an optional that is absent, is no value: a template that is one expression
// and nothing else is then not present, and any other one fails. A brace that is meant is
// written {"{"}.
//
// A value goes through an escape, so that it cannot end the place that it is put into.
package template
