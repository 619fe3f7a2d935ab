package filter_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/filter"
)

func sample(body string) *event.Event {
	return &event.Event{
		Source: "github",
		Type:   "invoice.paid",
		Request: event.Request{Header: []event.Field{
			{Name: "X-Region", Value: "eu"}, {Name: "x-region", Value: "us"}, {Name: "Content-Type", Value: "application/json"},
		}},
		Body: []byte(body),
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		expr, body string
		want       bool
	}{
		"source and type":                         {`source == "github" && type.startsWith("invoice.")`, ``, true},
		"a false one":                             {`source == "gitlab"`, ``, false},
		"a header, by lower-case name":            {`headers["content-type"] == "application/json"`, ``, true},
		"the first of a repeated header":          {`headers["x-region"] == "eu"`, ``, true},
		"an optional header":                      {`headers[?"x-none"].orValue("") == ""`, ``, true},
		"a number in the body":                    {`body.data.object.amount > 0`, `{"data":{"object":{"amount":12.5}}}`, true},
		"a whole number against a double":         {`body.amount >= 1.5`, `{"amount":2}`, true},
		"a whole number beyond a double's digits": {`body.id == 9007199254740993`, `{"id":9007199254740993}`, true},
		"its neighbour is another one":            {`body.id == 9007199254740992`, `{"id":9007199254740993}`, false},
		"an unsigned number":                      {`body.id == 18446744073709551615u`, `{"id":18446744073709551615}`, true},
		"a number beyond all types":               {`body.id > 1.0`, `{"id":1e999}`, true},
		"a list":                                  {`body.items.exists(i, i.sku == "a")`, `{"items":[{"sku":"b"},{"sku":"a"}]}`, true},
		"a key that is asked for first":           {`has(body.refund) && body.refund.amount > 0`, `{}`, false},
		"an optional key":                         {`body.?refund.?amount.orValue(0) > 0`, `{}`, false},
		"a truth value in the body":               {`body.active`, `{"active":true}`, true},
		"string functions":                        {`body.name.lowerAscii().matches("^a.c$")`, `{"name":"ABC"}`, true},
		"a form is text":                          {`body.contains("event=paid")`, `a=b&event=paid`, true},
		"two JSON values are text":                {`body == "1 2"`, `1 2`, true},
		"no body is empty text":                   {`body == ""`, ``, true},
		"a byte order mark alone is empty text":   {`body == ""`, "\xff\xfe", true},
		"JSON null is null":                       {`body == null`, `null`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := filter.Compile(tc.expr)
			require.NoError(t, err)
			got, err := f.Match(t.Context(), sample(tc.body))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ expr, want string }{
		"nothing":               {"", "1:"},
		"a syntax error":        {"source ==", "1:10: Syntax error"},
		"an unknown name":       {"source == 'a' &&\n bdy.x > 1", "2:2: undeclared reference to 'bdy'"},
		"an unknown function":   {"source.startWith('a')", "1:17: undeclared reference to 'startWith'"},
		"types that never meet": {"source > 1", "1:8: found no matching overload"},
		"text":                  {"type", "the result must be a bool, it is a string"},
		"a number":              {"1 + 1", "the result must be a bool, it is a int"},
		"a long expression":     {strings.Repeat(" ", 20_000) + "true", "size exceeds limit"},
		"every mistake at once": {"a == b", "1:6: undeclared reference to 'b'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := filter.Compile(tc.expr)
			require.ErrorContains(t, err, tc.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestMatchFailsWithoutShowingTheEvent(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	body := `{"key":"` + secret + `","list":[1],"map":{}}`
	for expr, want := range map[string]string{
		`body.none > 0`:               "filter: no such key: none",
		`body.map[body.key] == 1`:     "filter: no such key",
		`int(body.key) > 0`:           "filter: it cannot be evaluated for this event",
		`timestamp(body.key) != null`: "filter: it cannot be evaluated for this event",
		`body.key > 1`:                "filter: no such overload",
		`body.list[5] == 1`:           "filter: index out of bounds: 5",
		`body.key`:                    "filter: the result is not a bool",
	} {
		t.Run(expr, func(t *testing.T) {
			t.Parallel()
			f, err := filter.Compile(expr)
			require.NoError(t, err)
			_, err = f.Match(t.Context(), sample(body))
			require.EqualError(t, err, want)
		})
	}
}

func TestMatchStopsWhenItCostsTooMuch(t *testing.T) {
	t.Parallel()
	f, err := filter.Compile(`body.all(a, body.all(b, body.all(c, a + b + c >= 0)))`)
	require.NoError(t, err)
	_, err = f.Match(t.Context(), sample("["+strings.Repeat("1,", 2000)+"1]"))
	require.ErrorIs(t, err, filter.ErrTooCostly)
}

func TestMatchLooksThroughALargeBodyOnce(t *testing.T) {
	t.Parallel()
	f, err := filter.Compile(`body.contains("needle")`)
	require.NoError(t, err)
	got, err := f.Match(t.Context(), sample(strings.Repeat("hay ", 5<<20)+"needle"))
	require.NoError(t, err)
	require.True(t, got)
}

func TestAFilterCanBeShared(t *testing.T) {
	t.Parallel()
	f, err := filter.Compile(`body.n % 2 == 0 && headers["x-region"] == "eu"`)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				got, err := f.Match(t.Context(), sample(`{"n":`+string(rune('0'+i))+`}`))
				if err != nil || got != (i%2 == 0) {
					t.Errorf("for %d: %v, %v", i, got, err)
				}
			}
		})
	}
	wg.Wait()
}
