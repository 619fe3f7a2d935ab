package transform_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/transform"
)

// BenchmarkApply is a transformation of an event of 1 KiB, in both languages.
func BenchmarkApply(b *testing.B) {
	jq, err := transform.Compile(`{amount: .amount, padding: .padding}`)
	require.NoError(b, err)
	cel, err := transform.CompileCEL(`{"amount": body.amount, "padding": body.padding}`)
	require.NoError(b, err)
	for name, transformation := range map[string]*transform.Transformation{"jq": jq, "cel": cel} {
		b.Run(name, func(b *testing.B) {
			e := &event.Event{Type: "invoice.paid", Body: []byte(`{"amount":250,"padding":"` + strings.Repeat("x", 990) + `"}`)}
			b.ReportAllocs()
			for b.Loop() {
				_, err := transformation.Apply(b.Context(), e)
				require.NoError(b, err)
			}
		})
	}
}
