package transform_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/transform"
)

// unreadable is an event whose body no rule can read: who reads it fails.
func unreadable() *event.Event {
	e := sample("\x80\x81")
	e.Request.Header = append(e.Request.Header, event.Field{Name: "X-Id", Value: "7"})
	return e
}

func TestAProgramThatTakesNothingOfTheBodyLeavesItUnread(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		`{$type}`:                                  `{"type":"invoice.paid"}`,
		`{id: $headers["x-id"], $source}`:          `{"id":"7","source":"github"}`,
		`$headers."x-id" | tonumber | . + 1`:       `8`,
		`[$type, -1, "of \($source)", null, true]`: `["invoice.paid",-1,"of github",null,true]`,
		`$headers["x-id"] as $id | {($type): $id}`: `{"invoice.paid":"7"}`,
		`if $type == "a" then 1 else 2 end`:        `2`,
		`@base64 "\($type)"`:                       `"aW52b2ljZS5wYWlk"`,
		`($headers["x-none"] // "none")`:           `"none"`,
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			compiled, err := transform.Compile(program)
			require.NoError(t, err)
			got, err := compiled.Apply(t.Context(), unreadable())
			require.NoError(t, err)
			require.Equal(t, want, string(got.Body))
		})
	}
}

func TestAProgramThatMayLookAtTheBodyReadsIt(t *testing.T) {
	t.Parallel()
	for _, program := range []string{
		`.`, `..`, `.a`, `.[0]`, `.["a"]`, `{a}`, `{"a"}`, `{(.a): 1}`, `{$form}`, `$form.a`, `$type | $form`, `$headers[.a]`, `$headers[.a:]`, `"\(.)"`, `@json`,
		`@text "\(.a)"`, `-.a`, `[.]`, `(.)`, `$type + .a`, `.a // 1`, `length`, `keys`, `now`, `if . then 1 else 2 end`, `if $type then 1 end`, `if 1 then . else 2 end`,
		`if 1 then 2 elif .a then 3 else 4 end`, `try .a`, `try error catch .`, `reduce .[] as $x (0; . + $x)`, `foreach 1 as $x (.; .)`, `label $l | .`, `def f: .; f`, `. as $x | 1`,
		`{"a": 1} as {a: $x} | .`, `{a: 1} as {(.a): $x} | $x`, `.a = 1`, `.a |= 1`, `.a += 1`, `1, .`, `1 | (., 2)` + ` | $form`, `$type as $x | .`, `"a" as $x | length`,
	} {
		compiled, err := transform.Compile(program)
		require.NoError(t, err, program)
		_, err = compiled.Apply(t.Context(), unreadable())
		require.Equal(t, fault.ReasonUnreadable, fault.ReasonOf(err), program)
	}
}
