package transform_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/transform"
)

func compileCEL(t *testing.T, program string) *transform.Transformation {
	t.Helper()
	compiled, err := transform.CompileCEL(program)
	require.NoError(t, err)
	return compiled
}

func TestTheResultOfAnExpressionIsTheNewBody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ program, body, want string }{
		"a part":                   {`{"id": body.id, "total": body.data.amount}`, `{"id":"a","data":{"amount":12.5}}`, `{"id":"a","total":12.5}`},
		"source, type and headers": {`[source, type, headers["x-region"]]`, `{}`, `["github","invoice.paid","eu"]`},
		"as it is":                 {`body`, ` {"b": 1, "a": [true, null]} `, `{"a":[true,null],"b":1}`},
		"a large number":           {`body.id`, `{"id":18446744073709551615}`, `18446744073709551615`},
		"a list that is made":      {`body.lines.map(l, {"sku": l.sku, "n": l.n * 2})`, `{"lines":[{"sku":"a","n":1}]}`, `[{"n":2,"sku":"a"}]`},
		"a field that is absent":   {`{?"region": body.?region, "id": body.id}`, `{"id":1}`, `{"id":1}`},
		"an absent value":          {`{"region": body.?region.orValue(null)}`, `{}`, `{"region":null}`},
		"bytes":                    {`bytes("hi")`, ``, `"aGk="`},
		"a time":                   {`timestamp("2026-01-02T03:04:05Z")`, ``, `"2026-01-02T03:04:05Z"`},
		"a duration":               {`duration("90s")`, ``, `"1m30s"`},
		"what HTML would escape":   {`body`, `"<a>&amp;"`, `"<a>&amp;"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sample(tc.body)
			got, err := compileCEL(t, tc.program).Apply(t.Context(), e)
			require.NoError(t, err)
			require.Equal(t, tc.want, string(got.Body))
			require.Equal(t, sample(tc.body), e, "the event itself was changed")
			require.Contains(t, got.Request.Header, event.Field{Name: "Content-Type", Value: "application/json"})
		})
	}
}

func TestAFailureOfAnExpressionShowsNothingOfTheEvent(t *testing.T) {
	t.Parallel()
	const body = `{"key":"s3cr3t","list":[1]}`
	for program, want := range map[string]string{
		`body.none`:                  "the transformation fails on this event: no such key: none",
		`{body.key: body[body.key]}`: "the transformation fails on this event: no such key",
		`int(body.key)`:              "the transformation fails on this event: it cannot be evaluated for this event",
		`{1: body.key}`:              transform.ErrNotJSON.Error(),
		`type(body)`:                 transform.ErrNotJSON.Error(),
		`body.?none`:                 transform.ErrNotJSON.Error(),
		`1.0 / 0.0`:                  transform.ErrNotJSON.Error(),
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			_, err := compileCEL(t, program).Apply(t.Context(), sample(body))
			require.EqualError(t, err, want)
		})
	}
}

func TestWhatAnExpressionMayCostIsBounded(t *testing.T) {
	t.Parallel()
	long := "[" + strings.Repeat("1,", 2000) + "1]"
	for program, tc := range map[string]struct {
		body string
		want error
	}{
		`body.map(a, body.map(b, body.map(c, a + b + c)))`: {long, transform.ErrTooCostly},
		`[` + strings.Repeat("body,", 90) + `body]`:        {`"` + strings.Repeat("x", 400_000) + `"`, transform.ErrTooLarge},
	} {
		_, err := compileCEL(t, program).Apply(t.Context(), sample(tc.body))
		require.ErrorIs(t, err, tc.want, program)
	}
}

func TestABrokenExpressionIsRefused(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{`{"a": bdy}`: "1:7: undeclared reference to 'bdy'", `{`: "Syntax error"} {
		_, err := transform.CompileCEL(program)
		require.ErrorContains(t, err, want)
	}
}

func FuzzExpression(f *testing.F) {
	f.Add(`{"id": body.id, "all": body.list.map(x, x)}`, `{"id":1e400,"list":[-0,{}]}`)
	f.Fuzz(func(t *testing.T, program, body string) {
		compiled, err := transform.CompileCEL(program)
		if err != nil {
			return
		}
		got, err := compiled.Apply(t.Context(), sample(body))
		if err == nil && !json.Valid(got.Body) {
			t.Fatalf("%q of %q is not JSON: %q", program, body, got.Body)
		}
	})
}
