package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/filter"
)

// BenchmarkMatch is a filter that reads the body, on an event of 1 KiB, and one that does not.
func BenchmarkMatch(b *testing.B) {
	for name, expr := range map[string]string{
		"body": `type.startsWith("invoice.") && body.amount > 100`,
		"type": `type.startsWith("invoice.")`,
	} {
		b.Run(name, func(b *testing.B) {
			f, err := filter.Compile(expr)
			require.NoError(b, err)
			e := sample(`{"amount":250,"padding":"` + strings.Repeat("x", 990) + `"}`)
			b.ReportAllocs()
			for b.Loop() {
				taken, err := f.Match(b.Context(), e)
				require.NoError(b, err)
				require.True(b, taken)
			}
		})
	}
}
