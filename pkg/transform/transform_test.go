package transform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/transform"
	"github.com/penstock/penstock/pkg/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample(body string) *event.Event {
	return &event.Event{
		ID: "1", Source: "github", Type: "invoice.paid", Attempt: 2,
		Request: event.Request{Header: []event.Field{
			{Name: "X-Region", Value: "eu"}, {Name: "x-region", Value: "us"}, {Name: "content-type", Value: "text/plain"}, {Name: "Content-Encoding", Value: "identity"},
		}},
		Body: []byte(body),
	}
}

func compile(t *testing.T, program string) *transform.Transformation {
	t.Helper()
	compiled, err := transform.Compile(program)
	require.NoError(t, err)
	return compiled
}

func TestTheResultIsTheNewBody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ program, body, want string }{
		"as it is":                      {`.`, ` {"b": 1, "a": [true, null]} `, `{"a":[true,null],"b":1}`},
		"a part":                        {`{id, total: .data.amount}`, `{"id":"a","data":{"amount":12.50}}`, `{"id":"a","total":12.50}`},
		"source, type and headers":      {`[$source, $type, $headers["x-region"], $headers.none]`, `{}`, `["github","invoice.paid","eu",null]`},
		"a large number":                {`.id`, `{"id":12345678901234567890123}`, `12345678901234567890123`},
		"a large number reckoned with":  {`.id + 1`, `{"id":9007199254740993}`, `9007199254740994`},
		"text for a form":               {`split("&") | map(split("=") | {(.[0]): .[1]}) | add`, `a=1&b=2`, `{"a":"1","b":"2"}`},
		"what HTML would escape":        {`.`, `"<a href='x'>&amp;"`, `"<a href='x'>&amp;"`},
		"functions of its own":          {`def double: . * 2; map(double)`, `[1,2]`, `[2,4]`},
		"text of many languages":        {`.`, `"größe ποσό"`, `"größe ποσό"`},
		"nothing of the environment":    {`[env, $ENV]`, `1`, `[{},{}]`},
		"an error that it catches":      {`try error("x") catch "caught"`, `1`, `"caught"`},
		"a body without anything is ''": {`.`, ``, `""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := sample(tc.body)
			got, err := compile(t, tc.program).Apply(t.Context(), e)
			require.NoError(t, err)
			require.Equal(t, tc.want, string(got.Body))
			require.Equal(t, sample(tc.body), e, "the event itself was changed")
		})
	}
}

func TestTheRestOfTheEventStaysAndItsHeaderDescribesTheNewBody(t *testing.T) {
	t.Parallel()
	got, err := compile(t, `1`).Apply(t.Context(), sample(`{}`))
	require.NoError(t, err)
	want := sample(`1`)
	want.Request.Header = []event.Field{
		{Name: "X-Region", Value: "eu"}, {Name: "x-region", Value: "us"}, {Name: "Content-Type", Value: "application/json"},
	}
	require.Equal(t, want, got)
}

func TestAProgramIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ program, want string }{
		"that ends too early":         {"{a: ", "unexpected EOF"},
		"with a mistake":              {"{a: 1}\n| .b }", `2:6: unexpected token "}"`},
		"with an unknown function":    {`foo(1)`, "function not defined: foo/1"},
		"with an unknown variable":    {`$body`, "variable not defined: $body"},
		"with a module":               {`import "a" as a; a::f`, "cannot load module"},
		"that reads further inputs":   {`input`, "input"},
		"that is long":                {strings.Repeat(" ", 10_001) + ".", "more than 10000 bytes"},
		"that reads one of our files": {`$__prog_args`, "variable not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := transform.Compile(tc.program)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestAFailureShowsNothingOfTheEvent(t *testing.T) {
	t.Parallel()
	const body = `{"key":"s3cr3t","list":[1]}`
	for program, want := range map[string]string{
		`.key.inner`:                 "the transformation fails on this event: expected an object",
		`.key[]`:                     "the transformation fails on this event: cannot iterate over",
		`.key + 1`:                   "the transformation fails on this event: cannot add",
		`error("cannot add" + .key)`: "the transformation fails on this event",
		`error(.)`:                   "the transformation fails on this event",
		`.key | tonumber`:            "the transformation fails on this event",
		`.key | halt_error`:          "the transformation fails on this event",
		`.key | test("(")`:           "the transformation fails on this event",
		`1, error(.key)`:             "the transformation fails on this event",
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			_, err := compile(t, program).Apply(t.Context(), sample(body))
			require.EqualError(t, err, want)
		})
	}
}

func TestAProgramSeesAForm(t *testing.T) {
	t.Parallel()
	e := sample("payload=%7B%22id%22%3A7%7D&team=a+b&team=c")
	e.Request.Header[2].Value = "application/x-www-form-urlencoded"
	got, err := compile(t, `{id, team: $form.team}`).Apply(t.Context(), e)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":7,"team":"a b"}`, string(got.Body))
	got, err = compileCEL(t, `{"id": body.id, "team": form.team}`).Apply(t.Context(), e)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":7,"team":"a b"}`, string(got.Body))
}

func TestNoNullStandsInForABodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*event.Event{
		"binary":               sample("\x89PNG\r\n\x1a\n\x00"),
		"an unknown coding":    {Body: []byte("x"), Request: event.Request{Header: []event.Field{{Name: "Content-Encoding", Value: "rot13"}}}},
		"a number of 2 MB":     sample(`{"id":` + strings.Repeat("9", 2<<20) + `}`),
		"lists within a lists": sample(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)),
	} {
		_, err := compile(t, `{id: .id?, subject: .data?.subject?}`).Apply(t.Context(), e)
		require.ErrorIs(t, err, view.ErrUnreadable, name)
		_, err = compileCEL(t, `{"id": body.?id.orValue(null)}`).Apply(t.Context(), e)
		require.ErrorIs(t, err, view.ErrUnreadable, name)
	}
}

func TestALongNumberCostsNothing(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("9", 2<<20)
	for program, body := range map[string]string{
		`.n + 1`:             `{"n":` + digits + `}`,
		`.n | tonumber`:      `{"n":"` + digits + `"}`,
		`.n | fromjson`:      `{"n":"` + digits + `"}`,
		`.n | fromjson | .a`: `{"n":"{\"a\":` + digits + `}"}`,
		`.n | fromjson | .b`: `{"n":"[` + strings.Repeat("{},", 500_000) + `{}]"}`,
	} {
		_, err := compile(t, program).Apply(t.Context(), sample(body))
		require.Error(t, err, program)
	}
	got, err := compile(t, `[(.n | tonumber), (.j | fromjson.a), (1 | tonumber)]`).Apply(t.Context(), sample(`{"n":"12.5","j":"{\"a\":[1]}"}`))
	require.NoError(t, err)
	require.Equal(t, `[12.5,[1],1]`, string(got.Body))
}

func TestALargeBodyIsPassedOn(t *testing.T) {
	t.Parallel()
	body := `{"list":["` + strings.Repeat(`0123456789 and some more","`, 400_000) + `"]}`
	for name, program := range map[string]*transform.Transformation{"jq": compile(t, `.`), "CEL": compileCEL(t, `body`)} {
		got, err := program.Apply(t.Context(), sample(body))
		require.NoError(t, err, name)
		require.True(t, bytes.Equal([]byte(body), got.Body), name)
	}
}

func TestWhatItMayCostIsBounded(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]error{
		`last(range(1e12))`:  transform.ErrTooCostly,
		`def f: f; f`:        transform.ErrTooCostly,
		`"0123456789" * 1e7`: transform.ErrTooLarge,
		`empty`:              transform.ErrNotOne,
		`.[]?`:               transform.ErrNotOne,
		`1, 2`:               transform.ErrNotOne,
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			_, err := compile(t, program).Apply(t.Context(), sample(`null`))
			require.ErrorIs(t, err, want)
		})
	}
}

func TestTheEndOfTheContextIsNotTheProgramsFault(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compile(t, `last(range(1e12))`).Apply(ctx, sample(`1`))
	require.ErrorIs(t, err, transform.ErrCancelled)
	require.ErrorIs(t, err, context.Canceled)
}

func TestATransformationCanBeShared(t *testing.T) {
	t.Parallel()
	program := compile(t, `{n: (.n + 1), at: $headers["x-region"]}`)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 100 {
				got, err := program.Apply(t.Context(), sample(`{"n":`+strconv.Itoa(i)+`}`))
				if err != nil || string(got.Body) != `{"at":"eu","n":`+strconv.Itoa(i+1)+`}` {
					t.Errorf("for %d: %v, %v", i, got, err)
				}
			}
		})
	}
	all.Wait()
}

func FuzzTransformation(f *testing.F) {
	f.Add(`{id, total: .data.amount}`, `{"id":1e400,"data":{"amount":-0}}`)
	f.Add(`[.[] | tostring] | join("\n") | @base64`, `["\ud800",[],null]`)
	f.Fuzz(func(t *testing.T, program, body string) {
		if strings.ContainsAny(program, "*[") { // may make gigabytes, see the package's documentation
			return
		}
		compiled, err := transform.Compile(program)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("the error has several lines: %q", err)
			}
			return
		}
		got, err := compiled.Apply(t.Context(), sample(body))
		if err == nil && !json.Valid(got.Body) {
			t.Fatalf("%q of %q is not JSON: %q", program, body, got.Body)
		}
	})
}
