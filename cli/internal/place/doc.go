// Package place writes a text to where a provider has it: an event's id or type,
// so that a sample is identified as the provider's own events are.
//
//	err := place.Set(request, signature.Strings{"header:x-github-event + json:action?"}, "issues.opened")
//
// It is the reverse of signature.Expr for the expressions that are simple
// enough to be reversed.
package place
