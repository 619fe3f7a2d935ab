// Package expression evaluates CEL, the Common Expression Language
// (https://github.com/google/cel-spec), over events. Filters, ordering keys and
// transformations are expressions; what a result means is up to their packages.
//
//	x, err := expression.Compile(`body.data.amount > 0`)
//	…
//	out, err := x.Eval(ctx, e)
//
// An expression has CEL's optional values and its string functions, and sees:
//
//	source   string              the source's name
//	type     string              the event's type
//	headers  map(string, string) the first value of each header field, by lower-case name
//	query    map(string, string) the first value of each parameter of the request's query
//	body     dyn                 the parsed JSON, or text when it is other text
//	form     map(string, string) the first value of each field of a form; of no other body any
//
// Package view says how a body is read: without its content coding, in UTF-8, and, where a
// form carries JSON in its field payload, as that JSON. It is read only for an expression
// that looks at it. A body that cannot be read is an error there, and no null. A whole
// number in it is an int where it fits, so that large ids compare exactly; any other
// number is a double.
//
// Reading a key that the event does not have is an error, not false. An
// expression says what it wants then:
//
//	has(body.refund) && body.refund.amount > 0
//	body.?refund.?amount.orValue(0) > 0
//	headers[?"x-region"].orValue("") == "eu"
//
// An [Expression] is safe for concurrent use. What it may cost is bounded, whatever
// the event holds.
package expression
