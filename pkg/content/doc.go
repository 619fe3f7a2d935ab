// Package content reads what an HTTP body holds, whichever way it was written: with a
// content coding (RFC 9110, section 8.4), in another character set than UTF-8, or as a form.
//
//	plain, err := content.Decode(header.Get("Content-Encoding"), body, limit)
//	text, ok := content.Text(header.Get("Content-Type"), plain)
//	fields, isForm, err := content.Form(header.Get("Content-Type"), text)
//	payload, ok := content.Payload(fields)
//
// [Read] is for people who look at a body. The body itself is never changed. What a body may cost is bounded: a decoder stops at the
// limit that it is given, a form has at most [MaxFields] fields, and a JSON document is
// measured by [Measure] before [Parse] builds its values.
//
// No error holds anything of the body. All functions are safe for concurrent use.
package content
