package docs_test

import (
	"bufio"
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/signature"
	"github.com/penstock/penstock/pkg/transform"
)

// languages run one line of a table on an event, and return what it gives.
var languages = map[string]func(ctx context.Context, text string, e *event.Event) (string, error){
	"CEL": func(ctx context.Context, text string, e *event.Event) (string, error) {
		t, err := transform.CompileCEL(text)
		return applied(ctx, t, e, err)
	},
	"jq": func(ctx context.Context, text string, e *event.Event) (string, error) {
		t, err := transform.Compile(text)
		return applied(ctx, t, e, err)
	},
	"location": func(_ context.Context, text string, e *event.Event) (string, error) {
		x, err := signature.CompileExpr(signature.Strings{text})
		if err != nil {
			return "", err
		}
		r := &signature.Request{Method: e.Request.Method, Path: e.Request.Path, RawQuery: e.Request.Query, Header: http.Header{}, Body: e.Body}
		for _, f := range e.Request.Header {
			r.Header.Add(f.Name, f.Value)
		}
		return x.Eval(r), nil
	},
}

func applied(ctx context.Context, t *transform.Transformation, e *event.Event, err error) (string, error) {
	if err != nil {
		return "", err
	}
	changed, err := t.Apply(ctx, e)
	if err != nil {
		return "", err
	}
	return string(changed.Body), nil
}

var (
	tableHead = regexp.MustCompile(`^\| (CEL|jq|location) \| gives \|$`)
	tableRow  = regexp.MustCompile("^\\| `(.*)` \\| (?:`(.*)`|error: (.*)) \\|$")
)

// TestEveryExpressionOfItsPageGivesWhatThePageSays runs each line of the tables on the request above it.
func TestEveryExpressionOfItsPageGivesWhatThePageSays(t *testing.T) {
	t.Parallel()
	text := slurp(t, filepath.Join("docs", "reference", "expressions.md"))
	var e *event.Event
	language, run := "", 0
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "```http" {
			end := i + 1
			for lines[end] != "```" {
				end++
			}
			e = eventOf(t, strings.Join(lines[i+1:end], "\n"))
			i, language = end, ""
			continue
		}
		if m := tableHead.FindStringSubmatch(lines[i]); m != nil {
			language = m[1]
			i++ // the rule below it
			continue
		}
		if !strings.HasPrefix(lines[i], "| ") {
			language = ""
		}
		if language == "" {
			continue
		}
		m := tableRow.FindStringSubmatch(lines[i])
		require.NotNil(t, m, "line %d is no row: %s", i+1, lines[i])
		run++
		got, err := languages[language](t.Context(), strings.ReplaceAll(m[1], `\|`, "|"), e)
		if m[3] != "" {
			require.ErrorContains(t, err, m[3], "line %d: %s", i+1, m[1])
			continue
		}
		require.NoError(t, err, "line %d: %s", i+1, m[1])
		require.Equal(t, m[2], got, "line %d: %s", i+1, m[1])
	}
	require.Greater(t, run, 30)
}

// eventOf reads a request as the page shows it.
func eventOf(t *testing.T, text string) *event.Event {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	require.NoError(t, err)
	e := &event.Event{
		ID: event.NewID(), Source: strings.TrimPrefix(r.URL.Path, "/in/"), Type: "invoice.paid", Body: []byte(body),
		Request: event.Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery},
	}
	for name, values := range r.Header {
		for _, value := range values {
			e.Request.Header = append(e.Request.Header, event.Field{Name: name, Value: value})
		}
	}
	return e
}
