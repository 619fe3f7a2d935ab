package filter_test

import (
	"strings"
	"testing"

	"github.com/penstock/penstock/pkg/filter"
)

func FuzzFilter(f *testing.F) {
	f.Add(`body.data.object.amount > 0`, `{"data":{"object":{"amount":1}}}`)
	f.Add(`headers["x-region"] == "eu" || body.?a[?0].orValue(1) == 1`, `{"a":[1e400,-0,{}]}`)
	f.Add(`body.all(a, a.matches(".*")) && type.split(".").size() > 1`, `["\ud800"]`)
	f.Fuzz(func(t *testing.T, expr, body string) {
		compiled, err := filter.Compile(expr)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatalf("the error has several lines: %q", err)
			}
			return
		}
		_, _ = compiled.Match(t.Context(), sample(body))
	})
}
