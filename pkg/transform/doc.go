// Package transform changes the body of an event before it is delivered.
//
//	t, err := transform.Compile(`{id: .id, total: .data.object.amount, from: $source}`)
//	…
//	changed, err := t.Apply(ctx, e) // a copy of e with another body
//
// A program is in jq, as here, or with [CompileCEL] in CEL:
//
//	t, err := transform.CompileCEL(`{"id": body.id, "total": body.data.object.amount, "from": source}`)
//
// Both see the body as package view reads it: without its content coding, in UTF-8, and
// unwrapped where a form carries it as its payload. A body that cannot be read is an
// error, and so is one that holds more values than the process may read: no null stands in
// for it.
//
// # jq
//
// The language is jq (https://jqlang.org/manual), as gojq implements it
// (https://github.com/itchyny/gojq). A program gets the body as its input: the parsed
// JSON, or text when it is other text. It also sees
//
//	$source   the source's name
//	$type     the event's type
//	$headers  an object with the first value of each header field, by lower-case name
//	$form     an object with the first value of each field of a form; else an empty one
//
// and nothing else: no environment, no file, no further input. A program that takes only
// the variables but $form, as {id: $headers["x-id"]} does, leaves the body unread, so that
// any body will do. Its one result is
// the new body, as JSON. Numbers that it passes on keep all their digits. A number of
// more than 1,024 characters is refused, in the body and in tonumber and fromjson.
//
// A program that gives no result, or several, or fails, is an error, and so is one
// that takes more than [MaxSteps] or [MaxCPU] or makes more than [MaxSize]. Not bounded, but
// for gojq's own limits, is what a program makes on its way within that: let
// no number of the event say how often to repeat a text, or how long a list is.
//
// # CEL
//
// Package expression says what an expression sees. Its result is written as JSON: bytes
// in base64, a timestamp as RFC 3339 has it, a duration as 1.5s. A field that may be
// absent is written {?"region": body.?region}. A number that it picks out and that is not
// whole keeps what a double can hold; objects that it passes on stay as they are. What the
// expression may cost is bounded, and by that also what it makes on its way.
//
// # Either
//
// As many transformations run at once as the process has processors; others wait. No limit
// depends on the load: on a busy machine a transformation comes later, and with the same
// result.
//
// The event that was given stays as it is. So does what is kept of it: a retry, a
// dead letter and the archive hold the body as it was received.
package transform
